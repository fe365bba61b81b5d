/** Compiles TypeScript to dist/, which mirrors the tree, and puts the files that are read at run time beside it. */
import { copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { runTool } from "./run.mjs";
import { filesOf, root, runStep } from "./step.mjs";

const sources = ["gateway", "subgraphs", "policies", "prisma", "infra", "test"];
const isAsset = (file) => /\.(graphql|sql|yaml|json|wasm|tar\.gz)$/.test(file);
const isSource = (file) => file.endsWith(".ts") && !file.endsWith(".d.ts");

export function build() {
  return runStep({
    name: "build     dist",
    inputs: [
      ...sources,
      "supergraph.yaml",
      "codegen.ts",
      "prisma.config.ts",
      "tsconfig.json",
      "package-lock.json",
    ],
    reads: (file) => isAsset(file) || isSource(file),
    stamp: "dist/.stamp",
    run: async () => {
      copyAssets();
      removeLeftovers();
      await runTool("tsc", ["-p", "."]);
    },
  });
}

function copyAssets() {
  for (const file of [...sources, "supergraph.yaml"].flatMap(filesOf).filter(isAsset)) {
    const target = join(root, "dist", file);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(root, file), target);
  }
}

/** What is left of a file that is gone could still be imported or applied, so it goes too. */
function removeLeftovers() {
  for (const file of sources.flatMap((folder) => filesOf(`dist/${folder}`))) {
    const source = file.slice("dist/".length).replace(/\.js(\.map)?$/, ".ts");
    if ((isSource(source) || isAsset(source)) && !existsSync(join(root, source))) rmSync(join(root, file));
  }
}
