/** `npm run policy:differential -- --seed 7 --cases 10000`: native OPA against the WASM that runs. */
import { spawnSync } from "node:child_process";
import { requireOpa, root } from "./opa.mjs";

const opa = requireOpa("policy:differential");
const { status } = spawnSync(
  process.execPath,
  [
    "infra/local/bootstrap.mjs",
    "run",
    "infra/policies/differential.js",
    "--opa",
    opa,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: "inherit" },
);
process.exitCode = status ?? 1;
