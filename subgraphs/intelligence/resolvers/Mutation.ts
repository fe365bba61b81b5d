import { getRow } from "../../shared/getRow.ts";
import { getUuid, naturalId, newId, toResidency } from "../../shared/ids.ts";
import { refuseLength } from "../../shared/parseInput.ts";
import type { CallerContext } from "../../shared/verifyContext.ts";
import { refuseSignal } from "../domain/recordSignal.ts";
import { refuseControlCharacters } from "../domain/refuseText.ts";
import {
  type Author,
  nextRevision,
  refuseAssessment,
  refuseJudgement,
  refuseRevision,
} from "../domain/writeAssessment.ts";
import type { IntelligenceRefusalReason, MutationResolvers } from "../generated/resolvers.ts";

export const Mutation: MutationResolvers = {
  recordSignal: async (_root, { input }, { db, caller, loaders, region }) => {
    const { idempotencyKey, marking, residency, country, domain, ...observed } = input;
    const now = new Date();
    const signal = {
      ...observed,
      summary: observed.summary ?? null,
      latitude: observed.latitude ?? null,
      longitude: observed.longitude ?? null,
      countryCode: country?.toUpperCase() ?? null,
    };
    const fault = refuseSignal(signal, now) ?? refuseKey(idempotencyKey);
    if (fault !== null) return refuse("INVALID_INPUT", fault);

    const answer = await db.writeOnce<never>(
      caller,
      idempotencyKey,
      ["recordSignal", input],
      async (queries) => {
        const id = newId();
        await queries.insertSignal({
          ...signal,
          id,
          tenant: caller.tenant,
          residency: toResidency(residency ?? "GLOBAL"),
          domain,
          marking: marking ?? "GREEN",
          sourceCode: "analyst",
          sourceId: id,
          updatedAt: now,
          ingestedAt: now,
          ingestRegionCode: region,
        });
        return id;
      },
    );
    if (answer.kind === "key-reused") return refuse("IDEMPOTENCY_KEY_REUSED", answer.message);
    return { __typename: "SignalRecorded", signal: await getRow(loaders.signal, answer.id) };
  },

  createRiskAssessment: async (_root, { input }, { db, caller, loaders }) => {
    const { idempotencyKey, marking, residency, country, ...written } = input;
    const assessment = { ...written, countryCode: country.toUpperCase() };
    const fault = refuseAssessment(assessment) ?? refuseKey(idempotencyKey);
    if (fault !== null) return refuse("INVALID_INPUT", fault);

    const request = ["createRiskAssessment", input];
    const answer = await db.writeOnce<never>(caller, idempotencyKey, request, async (queries) => {
      const id = newId();
      const now = new Date();
      const author = authorOf(caller);
      await queries.insertAssessment({
        ...assessment,
        id,
        tenant: caller.tenant,
        residency: toResidency(residency ?? "GLOBAL"),
        marking: marking ?? "AMBER",
        authorId: author.id,
        authorResidency: author.residency,
        fusionResultId: null,
        revision: 1,
        createdAt: now,
        updatedAt: now,
      });
      return id;
    });
    if (answer.kind === "key-reused") return refuse("IDEMPOTENCY_KEY_REUSED", answer.message);
    return { __typename: "RiskAssessmentWritten", assessment: await getRow(loaders.assessment, answer.id) };
  },

  reviseRiskAssessment: async (_root, { input }, { db, caller, loaders }) => {
    const { idempotencyKey, id, expectedRevision, ...judgement } = input;
    const fault = refuseJudgement(judgement) ?? refuseKey(idempotencyKey);
    if (fault !== null) return refuse("INVALID_INPUT", fault);
    const uuid = getUuid(id, "RiskAssessment");

    const request = ["reviseRiskAssessment", input];
    const answer = await db.writeOnce(caller, idempotencyKey, request, async (queries) => {
      const newest = await queries.lockAssessment(caller, uuid);
      if (!newest)
        return refuse("NOT_FOUND", `expected the id of an assessment of your tenant; got ${quote(id)}`);
      const conflict = refuseRevision(newest.revision, expectedRevision);
      if (conflict !== null) return refuse("REVISION_CONFLICT", conflict);
      await queries.replaceAssessment(newest, nextRevision(newest, judgement, authorOf(caller), new Date()));
      return uuid;
    });
    if ("reason" in answer) return answer;
    if (answer.kind === "key-reused") return refuse("IDEMPOTENCY_KEY_REUSED", answer.message);
    return { __typename: "RiskAssessmentWritten", assessment: await getRow(loaders.assessment, answer.id) };
  },
};

/**
 * The caller's account, by its natural key. An account is kept where its owner works, and that is what the caller's
 * jurisdiction tells; should it be kept elsewhere, the id still finds it, as only the UUID is looked up.
 */
function authorOf({ tenant, subject, jurisdiction }: CallerContext): Author {
  if (subject === null) throw new Error("a mutation was let through for an anonymous caller");
  return { id: naturalId(tenant, "account", subject), residency: jurisdiction };
}

function refuseKey(key: string): string | null {
  return refuseLength("idempotencyKey", key, 128) ?? refuseControlCharacters("idempotencyKey", key);
}

function refuse(reason: IntelligenceRefusalReason, message: string) {
  return { __typename: "IntelligenceRefusal" as const, reason, message };
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
