/**
 * `npm run import`, `source:register`, `connector:register` and `ingest:replay`: runs a job of the intelligence subgraph as that subgraph's own
 * role, on the database of the running region or on one started for the time being. `DATABASE_URL` names another one.
 */
import { spawn } from "node:child_process";
import { localConfig } from "../config.ts";
import { LaunchError } from "../launchError.ts";
import { compiled } from "../paths.ts";
import { databaseUrlOf } from "../prepareDatabase.ts";
import { runCommand } from "./runCommand.ts";
import { withLocalDatabase } from "./withLocalDatabase.ts";

const jobs = ["importCommand", "registerSourceCommand", "registerConnectorCommand", "replayCommand"];

await runCommand(async () => {
  const [job = "", ...args] = process.argv.slice(2);
  if (!jobs.includes(job)) throw new LaunchError(`Expected one of ${jobs.join(", ")}; got "${job}".`);
  const given = localConfig.databaseUrl;
  process.exitCode =
    given === undefined
      ? await withLocalDatabase(({ port, name, passwords }) =>
          runJob(job, args, databaseUrlOf(port, name, "intelligence", passwords)),
        )
      : await runJob(job, args, given);
});

/** Answers the job's exit code. */
function runJob(job: string, args: readonly string[], databaseUrl: string): Promise<number> {
  const child = spawn(process.execPath, [compiled(`subgraphs/intelligence/jobs/${job}.js`), ...args], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: "inherit",
  });
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
}
