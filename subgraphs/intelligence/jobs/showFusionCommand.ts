/** `npm run show:fusion [-- <rows>]`: three questions that need several sources at once, answered from what is imported. */
import { openDb } from "../db.ts";
import { parseImportConfig } from "./importers/config.ts";
import {
  findExploitedVendors,
  findExposedPlants,
  fuseToneAndGdp,
  intensityMin,
} from "./showFusion/answerQuestions.ts";

process.exitCode = await show(process.argv.slice(2));

async function show([rows = "10"]: string[]): Promise<number> {
  const shown = Number(rows);
  if (!Number.isInteger(shown) || shown < 1) {
    process.stderr.write(`expected: npm run show:fusion [-- <rows>]; got ${JSON.stringify(rows)}\n`);
    return 2;
  }
  const { databaseUrl } = parseImportConfig(process.env);
  const db = openDb({ url: databaseUrl, applicationName: "atlas-show", connectionsMax: 2 });
  try {
    const plants = await findExposedPlants(db);
    const vendors = await findExploitedVendors(db);
    const countries = await fuseToneAndGdp(db, new Date());
    const print = (title: string, lines: readonly string[]): void => {
      const none = "  none: import the files first (npm run import)";
      process.stdout.write(
        `${title}\n${(lines.length === 0 ? [none] : lines.slice(0, shown)).join("\n")}\n\n`,
      );
    };
    print(
      `Power plants that an earthquake shook with an estimated intensity of ${intensityMin} or more: ${plants.length}`,
      plants.map(
        ({ plant, capacityMw, earthquake, km, intensity }) =>
          `  ${intensity.toFixed(1)}  ${plant} (${Math.round(capacityMw)} MW), ${Math.round(km)} km from ${earthquake}`,
      ),
    );
    print(
      `Vendors with exploited vulnerabilities in assets that techniques of ATT&CK target: ${vendors.length}`,
      vendors.map(
        ({ vendor, exploited, assets, techniqueCount }) =>
          `  ${String(exploited).padStart(3)}  ${vendor}: ${assets.join(", ")} (${techniqueCount} techniques)`,
      ),
    );
    print(
      `Risk of countries from the tone of events and GDP, late fusion: ${countries.length}`,
      countries.map(
        ({ country, score, level, domains }) =>
          `  ${score.toFixed(3)}  ${country} ${level}, from ${domains.join(" and ")}`,
      ),
    );
    return 0;
  } finally {
    await db.close();
  }
}
