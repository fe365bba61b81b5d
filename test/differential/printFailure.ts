import { print } from "graphql";
import { nameOfSubgraph, printSubgraph } from "./graph/printSdl.ts";
import type { SmallFailure } from "./shrinkFailure.ts";

/** Everything that is needed to see it again: the subgraphs, the operation, both answers. */
export function printFailure(name: string, { graph, operation, difference }: SmallFailure): string {
  const subgraphs = Array.from({ length: graph.model.subgraphs }, (_, at) => [
    `--- ${nameOfSubgraph(at)}`,
    printSubgraph(graph.model, at).trim(),
  ]);
  return [
    `=== ${name}: ${difference.what}`,
    ...subgraphs.flat(),
    "--- operation",
    print(operation.document).trim(),
    `variables ${JSON.stringify(operation.variables)}`,
    `expected  ${JSON.stringify(difference.expected)}`,
    `answered  ${JSON.stringify(difference.answer)}`,
    `again: npm run test:differential -- --case ${name}`,
    "",
  ].join("\n");
}
