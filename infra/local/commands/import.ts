/**
 * `npm run import -- <source> <file or URL>`: runs the intelligence subgraph's importer as that subgraph's own role, on
 * the database of the running region or on one started for the time being. `DATABASE_URL` names another one.
 */
import { spawn } from "node:child_process";
import { localConfig } from "../config.ts";
import { compiled } from "../paths.ts";
import { databaseUrlOf } from "../prepareDatabase.ts";
import { runCommand } from "./runCommand.ts";
import { withLocalDatabase } from "./withLocalDatabase.ts";

await runCommand(async () => {
  const given = localConfig.databaseUrl;
  process.exitCode =
    given === undefined
      ? await withLocalDatabase(({ port, name, passwords }) =>
          runImport(databaseUrlOf(port, name, "intelligence", passwords)),
        )
      : await runImport(given);
});

/** Answers the importer's exit code. */
function runImport(databaseUrl: string): Promise<number> {
  const importer = compiled("subgraphs/intelligence/jobs/importCommand.js");
  const child = spawn(process.execPath, [importer, ...process.argv.slice(2)], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: "inherit",
  });
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
}
