/** Plans what is left of a document. The engine keeps the plans; here its refusals become the gateway's errors. */
import { type DocumentNode, GraphQLError } from "graphql";
import type { Engine, OperationPlan } from "../engine/engine.ts";
import { AppError } from "../errors.ts";

export type PlanOperation = (request: {
  /** Told apart by identity first: `admitOperation` and `authorizeFields` answer the same document for the same request. */
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  /** Labels of progressive overrides (`chooseOverrides`). */
  readonly overrides: readonly string[];
}) => Promise<OperationPlan>;

export function createPlanOperation<Context>(engine: Pick<Engine<Context>, "plan">): PlanOperation {
  return async ({ document, operationName, overrides }) => {
    try {
      return await engine.plan(document, operationName, overrides);
    } catch (cause) {
      throw toPlanningError(cause);
    }
  };
}

function toPlanningError(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  // What an admitted operation can still be refused for is that no plan answers all of it.
  const message =
    cause instanceof GraphQLError ? cause.message : "The operation is valid but could not be planned.";
  return new AppError("PLANNING_FAILED", 500, message, { cause });
}
