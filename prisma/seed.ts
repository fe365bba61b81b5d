/**
 * Fills a migrated database: reference data, real signals where they can be had, and rows of the demonstration
 * tenant. Each subgraph seeds its own tables as its own role. Running it again changes nothing that is right already.
 */
import type { Logger } from "pino";
import { openDb as openCompliance } from "../subgraphs/compliance/db.ts";
import { seedCompliance } from "../subgraphs/compliance/jobs/seed.ts";
import { openDb as openIntelligence } from "../subgraphs/intelligence/db.ts";
import { seedIntelligence } from "../subgraphs/intelligence/jobs/seed.ts";
import type { FactRow } from "../subgraphs/ml/db/facts.ts";
import { openDb as openMl } from "../subgraphs/ml/db.ts";
import { seedMl } from "../subgraphs/ml/jobs/seed.ts";
import { openDb as openMobile } from "../subgraphs/mobile/db.ts";
import { seedMobile } from "../subgraphs/mobile/jobs/seed.ts";
import { openDb as openRegions } from "../subgraphs/regions/db.ts";
import { seedRegions } from "../subgraphs/regions/jobs/seed.ts";
import type { DatabaseOptions } from "../subgraphs/shared/prisma.ts";

export type SeedOptions = {
  /** Connection string of a subgraph's own role. */
  readonly urlOf: (subgraph: "regions" | "intelligence" | "ml" | "compliance" | "mobile") => string;
  /** Folder with the files that `npm run import` reads; null seeds from what npm packages ship and a seeded generator. */
  readonly dataFolder: string | null;
  readonly region: string;
  readonly now: Date;
  readonly log: Logger;
};

export async function seedDatabase({ urlOf, dataFolder, region, now, log }: SeedOptions): Promise<void> {
  const options = (subgraph: Parameters<typeof urlOf>[0]) => ({
    url: urlOf(subgraph),
    applicationName: `atlas-seed-${subgraph}`,
  });
  await using(openRegions(options("regions")), (db) => seedRegions(db, now));
  await using(openIntelligence(options("intelligence")), (db) =>
    seedIntelligence({ db, dataFolder, region, now, log }),
  );
  const facts = await findFacts(options("intelligence"));
  await using(openMl(options("ml")), (db) => seedMl(db, { now, facts, region, log }));
  await using(openCompliance(options("compliance")), (db) => seedCompliance(db, now));
  await using(openMobile(options("mobile")), (db) => seedMobile(db, now));
}

/** What the event log will tell the ml subgraph of the seeded signals, told to its seed beforehand. */
async function findFacts(options: DatabaseOptions): Promise<readonly FactRow[]> {
  const facts: FactRow[] = [];
  await using(openIntelligence(options), async (db) => {
    for (const { countryCode, ...signal } of await db.findPublicSignals())
      if (countryCode !== null) facts.push({ ...signal, countryCode });
  });
  return facts;
}

async function using<Db extends { close: () => Promise<void> }>(
  db: Db,
  seed: (db: Db) => Promise<void>,
): Promise<void> {
  try {
    await seed(db);
  } finally {
    await db.close();
  }
}
