import type { OnceAnswer } from "../../shared/answerOnce.ts";
import { getUuid, newId, toResidency } from "../../shared/ids.ts";
import { firstFault, refuseLength, refuseSlug } from "../../shared/parseInput.ts";
import type { Context } from "../context.ts";
import { type ConsentDecision, nextConsentVersion } from "../domain/recordConsent.ts";
import { nextPreferenceVersion, refuseResidency } from "../domain/setDataResidency.ts";
import type { MutationResolvers } from "../generated/resolvers.ts";
import { orderRegion } from "./orderRegion.ts";
import { refuse } from "./refuse.ts";

export const Mutation: MutationResolvers = {
  drainRegion: (_root, { input }, context) => orderRegion(context, "DRAIN", input),
  failOverRegion: (_root, { input }, context) => orderRegion(context, "FAIL_OVER", input),
  rejoinRegion: (_root, { input }, context) => orderRegion(context, "REJOIN", input),
  recordConsent: (_root, { input }, context) => {
    if (input.decision === "WITHDRAWN")
      return refuse("INVALID_INPUT", "expected GRANTED or REFUSED; `withdrawConsent` withdraws");
    return writeConsent(context, input, input.decision);
  },
  withdrawConsent: (_root, { input }, context) => writeConsent(context, input, "WITHDRAWN"),
  setDataResidency: async (_root, { input }, { db, caller, loaders }) => {
    const fault = firstFault(refuseSlug("dataType", input.dataType), refuseKey(input.idempotencyKey));
    if (fault !== null) return refuse("INVALID_INPUT", fault);
    const subject = await loaders.dataSubject.load(getUuid(input.subjectId, "DataSubject"));
    const jurisdiction = subject && (await loaders.jurisdictionByCode.load(subject.jurisdictionCode));
    if (!subject || !jurisdiction) return refuseUnknownSubject(input.subjectId);
    const storeIn = toResidency(input.storeIn);
    const forbidden = refuseResidency(jurisdiction, storeIn);
    if (forbidden !== null) return refuse("FORBIDDEN_BY_JURISDICTION", forbidden);

    const answer = await db.writeOnce<never>(
      caller,
      input.idempotencyKey,
      ["setDataResidency", input],
      async (queries) => {
        await queries.lockDataSubject(subject.id);
        const earlier = await queries.findResidencyPreferences([subject.id]);
        const { id } = await queries.insertResidencyPreference({
          id: newId(),
          tenant: caller.tenant,
          residency: subject.residency,
          subjectId: subject.id,
          dataType: input.dataType,
          storeIn,
          version: nextPreferenceVersion(earlier, input.dataType),
          setBy: caller.subject ?? "anonymous",
        });
        return id;
      },
    );
    if (answer.kind === "key-reused") return refuse("IDEMPOTENCY_KEY_REUSED", answer.message);
    const preference = await loaders.residencyPreference.load(answer.id);
    if (!preference) throw new Error(`residency preference ${answer.id} was written and is not there`);
    return { __typename: "DataResidencySet", preference };
  },
  // Without an idempotency key: to replay what was replayed changes nothing.
  replayQuarantine: async (_root, { input }, { db }) => {
    const id = getUuid(input.id, "QuarantinedChange");
    await db.replayQuarantined(id);
    const change = await db.findQuarantinedById(id);
    if (!change)
      return refuse(
        "QUARANTINE_UNKNOWN",
        `expected the id of a quarantined change of this region; got ${JSON.stringify(input.id)}`,
      );
    if (change.replayedAt === null) return refuse("STILL_REFUSED", change.message);
    return { __typename: "QuarantineReplayed", change };
  },
};

type ConsentInput = { readonly subjectId: string; readonly purpose: string; readonly idempotencyKey: string };

async function writeConsent(
  { db, caller, loaders }: Context,
  input: ConsentInput,
  decision: ConsentDecision,
) {
  const fault = firstFault(refuseSlug("purpose", input.purpose), refuseKey(input.idempotencyKey));
  if (fault !== null) return refuse("INVALID_INPUT", fault);
  const subject = await loaders.dataSubject.load(getUuid(input.subjectId, "DataSubject"));
  if (!subject) return refuseUnknownSubject(input.subjectId);

  const answer: OnceAnswer = await db.writeOnce<never>(
    caller,
    input.idempotencyKey,
    [decision, input],
    async (queries) => {
      await queries.lockDataSubject(subject.id);
      const { id } = await queries.insertConsent({
        id: newId(),
        tenant: caller.tenant,
        residency: subject.residency,
        subjectId: subject.id,
        purpose: input.purpose,
        decision,
        version: nextConsentVersion(await queries.findConsents([subject.id]), input.purpose),
        recordedBy: caller.subject ?? "anonymous",
      });
      return id;
    },
  );
  if (answer.kind === "key-reused") return refuse("IDEMPOTENCY_KEY_REUSED", answer.message);
  const consent = await loaders.consent.load(answer.id);
  if (!consent) throw new Error(`consent ${answer.id} was written and is not there`);
  return { __typename: "ConsentRecorded" as const, consent };
}

function refuseUnknownSubject(id: string) {
  return refuse(
    "SUBJECT_UNKNOWN",
    `expected the id of a data subject of your tenant; got ${JSON.stringify(id)}`,
  );
}

function refuseKey(key: string): string | null {
  return refuseLength("idempotencyKey", key, 128);
}
