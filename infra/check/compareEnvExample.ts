/** .env.example has exactly the variables that the config.ts files of the processes read. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkout } from "../local/paths.ts";
import type { Faults } from "./step.ts";

const configs = [
  "gateway/config.ts",
  "subgraphs/shared/config.ts",
  "subgraphs/intelligence/ingest/config.ts",
  "subgraphs/intelligence/jobs/connectors/config.ts",
  "subgraphs/regions/config.ts",
  "infra/local/config.ts",
  "infra/local/issuer/config.ts",
];

export async function compareEnvExample(): Promise<Faults> {
  const read = new Set((await Promise.all(configs.map(variablesReadBy))).flat());
  const shown = new Set(variablesShownIn(await readFile(join(checkout, ".env.example"), "utf8")));
  return [
    ...[...read].filter((name) => !shown.has(name)).map((name) => `${name} is read but not in .env.example`),
    ...[...shown]
      .filter((name) => !read.has(name))
      .map((name) => `${name} is in .env.example but nobody reads it`),
  ];
}

/** The keys of the environment's schema, which are written in capitals and nothing else is. */
async function variablesReadBy(config: string): Promise<string[]> {
  const source = await readFile(join(checkout, config), "utf8");
  return [...source.matchAll(/^\s+([A-Z][A-Z0-9_]+): /gm)].flatMap(([, name]) => name ?? []);
}

function variablesShownIn(example: string): string[] {
  return [...example.matchAll(/^#?\s?([A-Z][A-Z0-9_]+)=/gm)].flatMap(([, name]) => name ?? []);
}
