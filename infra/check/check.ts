/** `npm run check`: every check that needs no running system. All of them run, whatever the first ones say. */
import { checkPages } from "../policies/pages/comparePages.ts";
import { compareEnvExample } from "./compareEnvExample.ts";
import { checkImportDirections } from "./importDirections.ts";
import { program, type Step, script } from "./step.ts";
import { checkComposition, findBreakingChanges } from "./supergraph.ts";

const steps: readonly Step[] = [
  { name: "types", run: program("tsc", "--noEmit", "-p", ".") },
  { name: "types of GraphiQL", run: program("tsc", "--noEmit", "-p", "clients/graphiql") },
  { name: "lint, import cycles", run: program("biome", "lint", "--error-on-warnings", ".") },
  { name: "import directions", run: checkImportDirections },
  { name: "format", run: program("biome", "format", ".") },
  { name: "schema lint", run: program("eslint", "--max-warnings", "0", "subgraphs/*/schema.graphql") },
  { name: "composition", run: checkComposition },
  { name: "breaking changes", run: findBreakingChanges },
  { name: "policies", run: script("policy:test") },
  { name: "policy pages", run: checkPages },
  { name: "policy bundle", run: script("policy:verify") },
  { name: ".env.example", run: compareEnvExample },
];

const failed: string[] = [];
for (const { name, run } of steps) {
  const startedAt = performance.now();
  const faults = await run().catch((error: unknown) => [
    error instanceof Error ? error.message : String(error),
  ]);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`${faults.length === 0 ? "ok    " : "FAILED"}  ${name.padEnd(32)}  ${seconds} s`);
  for (const fault of faults) console.log(fault.replaceAll(/^/gm, "    "));
  if (faults.length > 0) failed.push(name);
}

console.log(failed.length === 0 ? "\nAll checks passed." : `\nFailed: ${failed.join("; ")}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
