/** `npm run policy:lists -- --seed 7 --cases 10000`: filtered lists against the rule on objects, over random rows and callers. */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { root } from "./opa.mjs";

const { values } = parseArgs({
  options: { seed: { type: "string", default: "7" }, cases: { type: "string", default: "10000" } },
});
const { status } = spawnSync(
  process.execPath,
  ["infra/local/bootstrap.mjs", "test", "test/contract/filteredLists"],
  {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ATLAS_LIST_SEED: values.seed, ATLAS_LIST_CASES: values.cases },
  },
);
process.exitCode = status ?? 1;
