/** Writes the code that is derived: Prisma's client, the resolvers' types, and GraphiQL as static files. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run, runTool } from "./run.mjs";
import { root, runStep } from "./step.mjs";

export async function generate() {
  await Promise.all([generatePrismaClient(), generateResolverTypes()]);
}

function generatePrismaClient() {
  return runStep({
    name: "generate  prisma client",
    inputs: ["prisma/schema", "prisma.config.ts", "node_modules/prisma/package.json"],
    stamp: "prisma/generated/.stamp",
    // Generating needs no engine, but the CLI downloads one unless it is told where one is.
    run: () =>
      runTool("prisma", ["generate"], { PRISMA_SCHEMA_ENGINE_BINARY: "/bin/true", CHECKPOINT_DISABLE: "1" }),
  });
}

function generateResolverTypes() {
  return runStep({
    name: "generate  resolver types",
    inputs: ["subgraphs", "codegen.ts", "node_modules/@graphql-codegen/cli/package.json"],
    reads: (file) => /(schema\.graphql|\/mappers\.ts|codegen\.ts|package\.json)$/.test(file),
    stamp: "subgraphs/regions/generated/.stamp",
    run: () => runTool("graphql-codegen", ["--config", "codegen.ts", "--errors-only"]),
  });
}

/** GraphiQL changes seldom and takes seconds to bundle, so it is a step of its own, beside the compiler's. */
export async function buildGraphiql() {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  if (scripts["build:graphiql"] === undefined) return;
  await runStep({
    name: "build     GraphiQL",
    inputs: ["clients/graphiql", "node_modules/graphiql/package.json", "node_modules/vite/package.json"],
    stamp: "dist/clients/graphiql/.stamp",
    run: () => run("npm", ["run", "--silent", "build:graphiql"]),
  });
}
