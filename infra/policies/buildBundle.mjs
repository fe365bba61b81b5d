/** `npm run policy:build`: compiles policies/ to the bundle that gateway and subgraphs load. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { buildBundle, bundlePath, fail, findOpa, opaVersion, root } from "./opa.mjs";

const opa =
  findOpa() ?? fail(`Expected opa ${opaVersion}: \`npm run policy:install\` installs it (needs Go).`);
mkdirSync(join(root, "policies/bundle"), { recursive: true });
buildBundle(opa, bundlePath);
console.log(`built ${bundlePath}`);
