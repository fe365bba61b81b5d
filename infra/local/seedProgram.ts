/** The process that `seedDatabase` starts: reads its environment and runs prisma/seed.ts. */
import { pino } from "pino";
import { seedDatabase } from "../../prisma/seed.ts";
import { localConfig } from "./config.ts";
import { parseRoleUrls } from "./roleUrls.ts";

const urls = parseRoleUrls(process.env);

await seedDatabase({
  urlOf: (subgraph) => urls[subgraph],
  dataFolder: localConfig.dataFolder ?? null,
  region: localConfig.region,
  now: new Date(),
  log: pino({ base: { process: "seed" } }),
});
