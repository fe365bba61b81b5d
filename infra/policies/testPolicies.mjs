/**
 * `npm run policy:test`: strict check, format, tests and their coverage, in native OPA. What runs is the WASM, and the
 * two differ: `npm test` puts the same case tables through the built bundle (policies/access/cases.test.ts).
 */
import { fail, requireOpa, runOpa, writeCapabilities } from "./opa.mjs";

const coverageMin = 95;
const ignored = ["--ignore", "bundle"];
const opa = requireOpa("policy:test");

// Tests may call what only native OPA has; rules may not.
runOpa(opa, ["check", "--strict", ...ignored, "policies"]);
runOpa(opa, [
  "check",
  "--strict",
  ...ignored,
  "--ignore",
  "*_test.rego",
  "--capabilities",
  writeCapabilities(),
  "policies",
]);

const unformatted = runOpa(opa, ["fmt", "--diff", "policies"]);
if (unformatted !== "") fail(`\`opa fmt --write policies\` would change:\n${unformatted}`);

console.log(runOpa(opa, ["test", ...ignored, "policies"]).trim());
const { coverage } = JSON.parse(runOpa(opa, ["test", "--coverage", ...ignored, "policies"]));
console.log(`coverage: ${coverage} %`);
if (coverage < coverageMin) fail(`expected a coverage of at least ${coverageMin} %`);
