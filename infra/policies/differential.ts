/** Native OPA (`--opa`) against the WASM that runs, over random questions; `runDifferential.mjs` is the command. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compareWithNative } from "../../policies/differential/compareWithNative.ts";
import { generateInputs } from "../../policies/differential/generateInputs.ts";
import { startNativeOpa } from "../../policies/differential/startNativeOpa.ts";
import { createEvaluator } from "../../policies/runtime/createEvaluator.ts";
import { readBundle } from "../../policies/runtime/readBundle.ts";
import { checkout } from "../local/paths.ts";

const { values } = parseArgs({
  options: {
    opa: { type: "string", default: "opa" },
    seed: { type: "string", default: "7" },
    cases: { type: "string", default: "10000" },
  },
});
const packed = readFileSync(join(checkout, "policies/bundle/atlas.tar.gz"));
const { wasm, data } = await readBundle(packed, { kind: "unsigned" });
await using native = await startNativeOpa(values.opa, join(checkout, "policies"));
const { cases, throws, differences } = await compareWithNative(
  native,
  await createEvaluator(wasm, data),
  generateInputs(Number(values.seed), Number(values.cases)),
);
for (const { at, message } of throws.slice(0, 5)) console.error(`case ${at} throws in WASM: ${message}`);
for (const difference of differences.slice(0, 5)) console.error(JSON.stringify(difference, null, 2));
console.log(
  `seed ${values.seed}: ${cases} cases, ${throws.length} throws, ${differences.length} differences`,
);
process.exitCode = throws.length + differences.length === 0 ? 0 : 1;
