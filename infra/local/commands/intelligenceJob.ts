/**
 * `npm run import`, `source:register`, `connector:register`, `webhook:register`, `show:fusion` and `ingest:replay`: runs a job of the intelligence subgraph as that subgraph's own
 * role, on the database of the running region or on one started for the time being. `DATABASE_URL` names another one.
 */
import { spawn } from "node:child_process";
import { localConfig } from "../config.ts";
import { LaunchError } from "../launchError.ts";
import { compiled } from "../paths.ts";
import { databaseUrlOf } from "../prepareDatabase.ts";
import { deriveWebhookMasterKey } from "../region.ts";
import { loadSecrets } from "../state.ts";
import { runCommand } from "./runCommand.ts";
import { withLocalDatabase } from "./withLocalDatabase.ts";

const jobs = [
  "importCommand",
  "registerSourceCommand",
  "registerConnectorCommand",
  "registerWebhookCommand",
  "replayCommand",
  "showFusionCommand",
];

await runCommand(async () => {
  const [job = "", ...args] = process.argv.slice(2);
  if (!jobs.includes(job)) throw new LaunchError(`Expected one of ${jobs.join(", ")}; got "${job}".`);
  const given = localConfig.databaseUrl;
  process.exitCode =
    given === undefined
      ? await withLocalDatabase(async ({ port, name, passwords }) =>
          runJob(job, args, {
            DATABASE_URL: databaseUrlOf(port, name, "intelligence", passwords),
            ATLAS_WEBHOOK_KEY: await loadWebhookKey(),
          }),
        )
      : await runJob(job, args, { DATABASE_URL: given });
});

/** Answers the job's exit code. */
function runJob(
  job: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const child = spawn(process.execPath, [compiled(`subgraphs/intelligence/jobs/${job}.js`), ...args], {
    env: { ...process.env, ...env },
    stdio: "inherit",
  });
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
}

/** The one that the local region has. */
async function loadWebhookKey(): Promise<string> {
  const { contextSecret } = await loadSecrets();
  return Buffer.from(deriveWebhookMasterKey(Buffer.from(contextSecret, "base64url"))).toString("base64url");
}
