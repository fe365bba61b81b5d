/** `npm run policy:verify`: the committed bundles are what policies/ compiles to, byte for byte. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildBundle, bundles, fail, requireOpa, root } from "./opa.mjs";

const opa = requireOpa("policy:verify");
const rebuilt = join(root, ".atlas/policies/rebuilt.tar.gz");
for (const bundle of bundles) {
  buildBundle(opa, bundle, rebuilt);
  if (!readFileSync(rebuilt).equals(readFileSync(join(root, bundle.path)))) {
    fail(`${bundle.path} is not what policies/ compiles to: run \`npm run policy:build\` and commit it.`);
  }
  console.log(`${bundle.path} is what policies/ compiles to`);
}
