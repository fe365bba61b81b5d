/** All cases of one graph, on the subjects that `open` makes for it. */
import { type CaseName, findOperation } from "./findCases.ts";
import type { GeneratedGraph } from "./graph/createGraph.ts";
import type { GeneratedOperation, OperationKind } from "./operation.ts";
import { type Difference, runCase, type Subject } from "./runCase.ts";

export type Failure = {
  readonly name: CaseName;
  readonly operation: GeneratedOperation;
  readonly difference: Difference;
};

export type GraphRun = {
  readonly counts: Readonly<Record<OperationKind, number>>;
  /** Cases in which the monolith has errors. */
  readonly withErrors: number;
  readonly failures: readonly Failure[];
};

export async function runGraph(
  graph: GeneratedGraph,
  seed: number,
  cases: number,
  subjects: Readonly<Record<string, Subject>>,
  kinds: readonly OperationKind[] = ["query", "mutation", "subscription"],
  isDeferred = false,
): Promise<GraphRun> {
  const counts = { query: 0, mutation: 0, subscription: 0 };
  const failures: Failure[] = [];
  let withErrors = 0;
  let left = cases;
  // About one in ten operations is not valid; a graph that has hardly any valid ones would be a fault of the generator.
  for (let at = 0; left > 0 && at < cases * 10; at += 1) {
    const operation = findOperation(graph.schema, seed, at, isDeferred);
    if (!operation || !kinds.includes(operation.kind)) continue;
    left -= 1;
    counts[operation.kind] += 1;
    graph.graph.calls.length = 0;
    const { difference, hasErrors } = await runCase(graph, subjects, operation);
    if (hasErrors) withErrors += 1;
    if (difference) failures.push({ name: `${seed}:${at}`, operation, difference });
  }
  return { counts, withErrors, failures };
}
