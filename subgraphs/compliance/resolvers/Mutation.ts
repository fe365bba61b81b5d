import { getRow } from "../../shared/getRow.ts";
import { getGlobalId, getUuid, newId } from "../../shared/ids.ts";
import { firstFault, refuseLength } from "../../shared/parseInput.ts";
import type { Context } from "../context.ts";
import type { Queries } from "../db.ts";
import { erasureDueAt, findErasureUnderWay } from "../domain/requestErasure.ts";
import {
  explainWrongState,
  nextStatus,
  refuseExpiry,
  type ViolationAction,
  type ViolationStatus,
} from "../domain/violationState.ts";
import type { ComplianceRefusalReason, MutationResolvers } from "../generated/resolvers.ts";

export const Mutation: MutationResolvers = {
  waiveViolation: (_root, { input }, context) => {
    const fault = firstFault(
      refuseLength("reason", input.reason, textLengthMax),
      refuseExpiry(input.expiresAt, context.now),
      refuseKey(input.idempotencyKey),
    );
    if (fault !== null) return refuse("INVALID_INPUT", fault);
    return changeViolation(context, "waive", input, async (queries, id, status) => {
      await queries.updateViolation(id, {
        status,
        waivedUntil: input.expiresAt,
        waiverReason: input.reason,
      });
    });
  },
  startRemediation: (_root, { input }, context) => {
    const fault = firstFault(
      refuseLength("action", input.action, textLengthMax),
      refuseKey(input.idempotencyKey),
    );
    if (fault !== null) return refuse("INVALID_INPUT", fault);
    return changeViolation(context, "startRemediation", input, async (queries, id, status) => {
      await queries.updateViolation(id, { status, waivedUntil: null, waiverReason: null });
      await queries.insertRemediation({
        id: newId(),
        tenant: context.caller.tenant,
        violationId: id,
        action: input.action,
        status: "RUNNING",
        startedAt: context.now,
      });
    });
  },
  requestErasure: async (_root, { input }, { db, caller, loaders, now }) => {
    const fault = refuseKey(input.idempotencyKey);
    if (fault !== null) return refuse("INVALID_INPUT", fault);
    const { residency, uuid: subjectId } = getGlobalId(input.subjectId, "DataSubject");
    const answer = await db.writeOnce<never>(
      caller,
      input.idempotencyKey,
      ["requestErasure", input],
      async (queries) => {
        await queries.lockErasuresOfSubject(caller.tenant, subjectId);
        const earlier = findErasureUnderWay(await queries.findErasuresOfSubjects(caller.tenant, [subjectId]));
        if (earlier) return earlier.id;
        const { id } = await queries.insertErasure({
          id: newId(),
          tenant: caller.tenant,
          residency,
          subjectId,
          status: "REQUESTED",
          requestedAt: now,
          dueAt: erasureDueAt(now),
        });
        return id;
      },
    );
    if (answer.kind === "key-reused") return refuse("IDEMPOTENCY_KEY_REUSED", answer.message);
    const request = await getRow(loaders.erasure, answer.id);
    return { __typename: "ErasureRequested", request };
  },
};

const textLengthMax = 1_000;

type ViolationInput = { readonly id: string; readonly idempotencyKey: string };

/** The state is judged inside the transaction, where it cannot change any more and where a retry is known as one. */
async function changeViolation(
  { db, caller, loaders, now }: Context,
  action: ViolationAction,
  input: ViolationInput,
  change: (queries: Queries, id: string, status: ViolationStatus) => Promise<void>,
) {
  const id = getUuid(input.id, "Violation");
  const answer = await db.writeOnce(caller, input.idempotencyKey, [action, input], async (queries) => {
    const violation = await queries.lockViolation(caller, id);
    if (!violation) return refuseUnknown(input.id);
    const status = nextStatus(violation, action, now);
    if (status === null) return refuse("WRONG_STATE", explainWrongState(violation, action, now));
    await change(queries, id, status);
    return id;
  });
  if ("reason" in answer) return answer;
  if (answer.kind === "key-reused") return refuse("IDEMPOTENCY_KEY_REUSED", answer.message);
  return {
    __typename: "ViolationChanged" as const,
    violation: await getRow(loaders.violation, answer.id),
  };
}

function refuse(reason: ComplianceRefusalReason, message: string) {
  return { __typename: "ComplianceRefusal" as const, reason, message };
}

function refuseUnknown(id: string) {
  return refuse("NOT_FOUND", `expected the id of a violation of your tenant; got ${JSON.stringify(id)}`);
}

function refuseKey(key: string): string | null {
  return refuseLength("idempotencyKey", key, 128);
}
