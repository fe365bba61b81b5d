/**
 * `npm run policy:test`: strict check, format, tests and their coverage, in native OPA. What runs is the WASM, and the
 * two differ: `npm test` puts the same case tables through the built bundle (policies/access/cases.test.ts).
 */
import { fail, ignored, requireOpa, runOpa, writeCapabilities } from "./opa.mjs";

const coverageMin = 95;
/** OPA's own limit is 5 s, which a busy machine passes. */
const patience = ["--timeout", "2m"];
// The case tables are data of the tests.
const withCases = ["bundle", "fixtures"].flatMap((pattern) => ["--ignore", pattern]);
const opa = requireOpa("policy:test");

// Tests may call what only native OPA has; rules may not.
runOpa(opa, ["check", "--strict", ...withCases, "policies"]);
const rulesOnly = [...ignored, "--ignore", "*_test.rego"];
runOpa(opa, ["check", "--strict", "--capabilities", writeCapabilities(), ...rulesOnly, "policies"]);

const unformatted = runOpa(opa, ["fmt", "--diff", "policies"]);
if (unformatted !== "") fail(`\`opa fmt --write policies\` would change:\n${unformatted}`);

console.log(runOpa(opa, ["test", ...patience, ...withCases, "policies"]).trim());
const { coverage } = JSON.parse(runOpa(opa, ["test", "--coverage", ...patience, ...withCases, "policies"]));
console.log(`coverage: ${coverage} %`);
if (coverage < coverageMin) fail(`expected a coverage of at least ${coverageMin} %`);
