/** `npm run policy:verify`: the committed bundle is what policies/ compiles to, byte for byte. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildBundle, bundlePath, fail, requireOpa, root } from "./opa.mjs";

const opa = requireOpa("policy:verify");
const rebuilt = join(root, ".atlas/policies/rebuilt.tar.gz");
buildBundle(opa, rebuilt);
if (!readFileSync(rebuilt).equals(readFileSync(join(root, bundlePath)))) {
  fail(`${bundlePath} is not what policies/ compiles to: run \`npm run policy:build\` and commit it.`);
}
console.log(`${bundlePath} is what policies/ compiles to`);
