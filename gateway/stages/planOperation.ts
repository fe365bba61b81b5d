/**
 * Plans a document once and shares the plan: asked for once however many wait, and kept as long as the document is.
 * Below it the engine keeps plans by normalised text, for documents that differ only in how they are written.
 */
import { type DocumentNode, GraphQLError } from "graphql";
import type { Engine, OperationPlan } from "../engine/engine.ts";
import { AppError } from "../errors.ts";

export type PlanOperation = (request: {
  /** Told apart by identity: `admitOperation` and `authorizeFields` answer the same document for the same request. */
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
}) => Promise<OperationPlan>;

export function createPlanOperation<Context>(
  engine: Pick<Engine<Context>, "plan">,
  onCache: (result: "hit" | "miss") => void = () => {},
): PlanOperation {
  const plansOf = new WeakMap<DocumentNode, Map<string | undefined, Promise<OperationPlan>>>();
  return ({ document, operationName }) => {
    const plans = plansOf.get(document) ?? new Map<string | undefined, Promise<OperationPlan>>();
    plansOf.set(document, plans);
    const known = plans.get(operationName);
    onCache(known ? "hit" : "miss");
    if (known) return known;
    const plan = engine.plan(document, operationName).catch((cause: unknown) => {
      // A failure may pass (a full queue, a deadline), so it is not remembered.
      plans.delete(operationName);
      throw toPlanningError(cause);
    });
    plans.set(operationName, plan);
    return plan;
  };
}

function toPlanningError(cause: unknown): unknown {
  if (cause instanceof AppError) return cause;
  if (cause instanceof GraphQLError && cause.extensions.code !== undefined) return cause;
  return new AppError("PLANNING_FAILED", 500, "The operation is valid but could not be planned.", { cause });
}
