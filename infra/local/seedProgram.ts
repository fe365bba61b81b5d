/** The process that `seedDatabase` starts: reads its environment and runs prisma/seed.ts. */
import { pino } from "pino";
import { seedDatabase } from "../../prisma/seed.ts";
import { parseRoleUrls } from "./roleUrls.ts";

const urls = parseRoleUrls(process.env);

await seedDatabase({
  urlOf: (subgraph) => urls[subgraph],
  dataFolder: process.env.ATLAS_DATA_FOLDER ?? null,
  region: process.env.ATLAS_REGION ?? "us-east",
  now: new Date(),
  log: pino({ base: { process: "seed" } }),
});
