/** `npm run compose`: prints the supergraph that supergraph.yaml describes, or why there is none. */
import { join } from "node:path";
import { composeCommand } from "../../gateway/supergraph/composeCommand.ts";
import { checkout } from "../local/paths.ts";

process.exitCode = await composeCommand({
  configPath: join(checkout, "supergraph.yaml"),
  environment: process.env,
  printResult: console.log,
  printProblem: console.error,
});
