/** What is traced of the life of an operation: the operation itself, its stages, and each call of a subgraph. */
import type { Operation, OperationRunner, OperationStages } from "../runOperation.ts";
import type { CallSubgraph } from "../stages/callSubgraph.ts";

export type Tracing = {
  /** The traceparent of a session, from the header of its request. */
  readonly readTraceparent: (header: string | undefined) => string;
  /** A span for each operation, from its preparation to its answer; of a subscription, to its end. */
  readonly traceRunner: (runner: OperationRunner) => OperationRunner;
  /** A span for each stage, below the operation's. */
  readonly traceStages: (stages: OperationStages) => OperationStages;
  /** A span for each call, below the operation's; the subgraph's own spans go below it. */
  readonly traceCalls: (
    calls: Pick<CallSubgraph, "request" | "requestText">,
    endpoints: ReadonlyMap<string, string>,
  ) => Pick<CallSubgraph, "request" | "requestText">;
};

export const untraced: Omit<Tracing, "readTraceparent"> = {
  traceRunner: (runner) => runner,
  traceStages: (stages) => stages,
  traceCalls: (calls) => calls,
};

/** Of an operation that has been answered before it was planned, its answer's first code. */
export function codeOf({ outcome }: Operation): string | undefined {
  if (outcome.kind !== "answered") return undefined;
  const [error] = outcome.answer.errors ?? [];
  return error && String(error.extensions.code ?? "none");
}
