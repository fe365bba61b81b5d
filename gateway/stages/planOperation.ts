/** Plans a document once and shares the plan: kept by (supergraph, document, operation name), and asked for once however many wait. */
import { createHash } from "node:crypto";
import { type DocumentNode, GraphQLError, print } from "graphql";
import { LRUCache } from "lru-cache";
import type { Engine, OperationPlan } from "../engine/engine.ts";
import { AppError } from "../errors.ts";

export type PlanOperation = (request: {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  /** Known when the document is as the client sent it; one that authorization reduced is hashed here. */
  readonly documentHash: string | undefined;
}) => Promise<OperationPlan>;

const cachedPlansMax = 1_000;

export function createPlanOperation<Context>(
  engine: Pick<Engine<Context>, "plan" | "supergraphId">,
  onCache: (result: "hit" | "miss") => void = () => {},
): PlanOperation {
  const plans = new LRUCache<string, Promise<OperationPlan>>({ max: cachedPlansMax });
  const hashes = new WeakMap<DocumentNode, string>();

  function hashOf(document: DocumentNode): string {
    const hash = hashes.get(document) ?? createHash("sha256").update(print(document)).digest("hex");
    hashes.set(document, hash);
    return hash;
  }

  return ({ document, operationName, documentHash }) => {
    const key = `${engine.supergraphId} ${documentHash ?? hashOf(document)} ${operationName ?? ""}`;
    const known = plans.get(key);
    onCache(known ? "hit" : "miss");
    if (known) return known;
    const plan = engine.plan(document, operationName).catch((cause: unknown) => {
      // A failure may pass (a full queue, a deadline), so it is not remembered.
      plans.delete(key);
      throw toPlanningError(cause);
    });
    plans.set(key, plan);
    return plan;
  };
}

function toPlanningError(cause: unknown): unknown {
  if (cause instanceof AppError) return cause;
  if (cause instanceof GraphQLError && cause.extensions.code !== undefined) return cause;
  return new AppError("PLANNING_FAILED", 500, "The operation is valid but could not be planned.", { cause });
}
