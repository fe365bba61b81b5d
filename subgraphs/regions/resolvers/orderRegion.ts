/** The mutations by which operators take a region out of service and let it back in: an order on record, obeyed by the primary. */
import { firstFault, refuseLength } from "../../shared/parseInput.ts";
import type { Context } from "../context.ts";
import type { OrderKind } from "../domain/failover/judgeRegion.ts";
import { refuseOrder } from "../domain/failover/refuseOrder.ts";
import { refuse } from "./refuse.ts";

export type OrderInput = { readonly code: string; readonly reason: string; readonly idempotencyKey: string };

export async function orderRegion({ db, caller, loaders }: Context, kind: OrderKind, input: OrderInput) {
  const reason = input.reason.trim();
  const fault = firstFault(
    reason.length < 3 ? `expected a reason of at least 3 characters; got ${reason.length}` : null,
    refuseLength("reason", reason, 200),
    refuseLength("idempotencyKey", input.idempotencyKey, 128),
  );
  if (fault !== null) return refuse("INVALID_INPUT", fault);
  const view = await loaders.failoverView.load("now");
  const refused = refuseOrder(kind, input.code, view?.regions ?? null);
  if (refused !== null) return refuse(refused.reason, refused.message);

  const answer = await db.writeOnce<never>(caller, input.idempotencyKey, [kind, input], (queries) =>
    queries.insertOrder({ region: input.code, kind, reason, orderedBy: caller.subject ?? "anonymous" }),
  );
  if (answer.kind === "key-reused") return refuse("IDEMPOTENCY_KEY_REUSED", answer.message);
  const order = await db.findOrder(answer.id);
  if (!order) throw new Error(`order ${answer.id} was written and is not there`);
  return { __typename: "RegionOrdered" as const, order };
}
