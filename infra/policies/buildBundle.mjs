/** `npm run policy:build`: compiles policies/ to the bundle that gateway and subgraphs load. */
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildBundle, bundles, fail, findOpa, opaVersion, root } from "./opa.mjs";

const opa =
  findOpa() ?? fail(`Expected opa ${opaVersion}: \`npm run policy:install\` installs it (needs Go).`);
for (const bundle of bundles) {
  mkdirSync(join(root, dirname(bundle.path)), { recursive: true });
  buildBundle(opa, bundle);
  console.log(`built ${bundle.path}`);
}
