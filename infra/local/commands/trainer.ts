/**
 * `npm run trainer -- <region> <token file> [data set]`: a trainer of a region over the local region that runs. All three of
 * them read one database here, each its own rows; in production each has the database of its region.
 */
import { spawn } from "node:child_process";
import { findEndpoints } from "../endpoints.ts";
import { LaunchError } from "../launchError.ts";
import { compiled } from "../paths.ts";
import { databaseUrlOf } from "../prepareDatabase.ts";
import { loadSecrets } from "../state.ts";
import { runCommand } from "./runCommand.ts";

await runCommand(async () => {
  const [region, tokenFile, dataset = "country-signals"] = process.argv.slice(2);
  if (region === undefined || tokenFile === undefined)
    throw new LaunchError("Expected a region and a file with a token: npm run trainer -- us-east <file>");
  const running = findEndpoints();
  if (running === null) throw new LaunchError("Expected a region that runs; start one with `npm start`.");
  const { passwords } = await loadSecrets();
  const { port, name } = running.database;
  const child = spawn(process.execPath, [compiled("subgraphs/ml/trainer.js")], {
    env: {
      ...process.env,
      ATLAS_REGION: region,
      DATABASE_URL: databaseUrlOf(port, name, "ml", passwords),
      ATLAS_GRAPH_URL: running.graphql,
      ATLAS_TRAINER_NAME: `trainer-${region}`,
      ATLAS_TRAINER_DATASET: dataset,
      ATLAS_TRAINER_TOKEN_FILE: tokenFile,
    },
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
});
