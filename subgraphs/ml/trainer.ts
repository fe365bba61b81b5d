/** The trainer of one region, a process of its own: its database is the region's, its only way out is the graph. */
import { readFile } from "node:fs/promises";
import { pino } from "pino";
import { openDb } from "./db.ts";
import { createAskOverHttp } from "./jobs/training/askOverHttp.ts";
import { parseTrainerConfig } from "./jobs/training/config.ts";
import { createTrainerGraph } from "./jobs/training/graph.ts";
import { createOwnExamples } from "./jobs/training/ownExamples.ts";
import { startTrainer } from "./jobs/trainRegion.ts";

const { region, databaseUrl, graphUrl, name, dataset, tokenFile, logLevel } = parseTrainerConfig(process.env);
const log = pino({ level: logLevel, base: { service: "ml-trainer", region } });
const db = openDb({ url: databaseUrl, applicationName: "atlas-ml-trainer", connectionsMax: 2 });
const readToken = async (): Promise<string> => (await readFile(tokenFile, "utf8")).trim();
const trainer = startTrainer({
  graph: createTrainerGraph(createAskOverHttp(graphUrl, readToken), name),
  region,
  dataset,
  examples: createOwnExamples(db, dataset, region),
  log,
  randomFor: () => Math.random,
});
log.info({ trainer: name }, "trainer started");

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void trainer.stop().then(() => db.close()));
