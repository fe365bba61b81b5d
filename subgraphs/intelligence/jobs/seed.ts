/**
 * Fills the tables of this subgraph: who reports, real signals where they can be had, the risks that follow from them,
 * and a demonstration scenario. Running it again writes what is new in the files and nothing else.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Logger } from "pino";
import type { Db } from "../db.ts";
import { assessCountries } from "./assessCountries.ts";
import { importers } from "./importers/importers.ts";
import { importSource } from "./importSource.ts";
import { demoScenario } from "./seed/demoScenario.ts";
import { generateRows } from "./seed/generateRows.ts";
import { ownSources } from "./seed/ownSources.ts";

export type SeedOptions = {
  readonly db: Db;
  /** Folder with the files of the sources; null seeds from an npm package and a seeded generator. */
  readonly dataFolder: string | null;
  /** Code of the region that stores what is new. */
  readonly region: string;
  readonly now: Date;
  readonly log: Logger;
};

const tenant = "acme";

export async function seedIntelligence(options: SeedOptions): Promise<void> {
  const { db, dataFolder, now, log } = options;
  await db.storeSources([...importers.map(({ source }) => source), ...ownSources]);
  if (dataFolder === null) {
    await importFile(options, "usgs", join(packageFolder("vega-datasets"), "data/earthquakes.json"));
    await db.writeRows(generateRows(), { regionCode: options.region, dated: "file" });
    log.info(
      "seeded real earthquakes from the npm package vega-datasets; everything else is generated (source atlas-generator) and says so in its title",
    );
  } else {
    for (const { source, file } of files) await importFile(options, source, join(dataFolder, file));
    log.info("seeded real records from the data folder");
  }
  await assessCountries({ db, tenant, now, log });
  const { scenario, run } = demoScenario(tenant);
  await db.storeScenario(scenario, run);
}

/** In this order, because mentions take their country from events. */
const files = [
  { source: "kev", file: "kev.json" },
  { source: "usgs", file: "usgs-earthquakes.json" },
  { source: "gdelt-events", file: "gdelt-events.tsv" },
  { source: "gdelt-mentions", file: "gdelt-mentions.csv" },
  { source: "stix", file: "attack-ics-18.1.stix.json" },
  { source: "worldbank-gdp", file: "worldbank-gdp.csv" },
  { source: "power-plants", file: "power-plants-us.csv" },
  { source: "exchange-rates", file: "exchange-rates-monthly.csv" },
  { source: "brent", file: "brent-daily.csv" },
] as const;

async function importFile(
  { db, region, now, log }: SeedOptions,
  source: string,
  location: string,
): Promise<void> {
  if (!existsSync(location)) {
    log.warn({ source }, "seed found no file of this source and goes on without it");
    return;
  }
  await importSource({ source, location, db, log, regionCode: region, now });
}

/** Its `exports` name no data files, so the folder is found by the entry that they do name. */
function packageFolder(name: string): string {
  const entry = createRequire(import.meta.url).resolve(name);
  return join(entry.slice(0, entry.lastIndexOf(`${join("node_modules", name)}`)), "node_modules", name);
}
