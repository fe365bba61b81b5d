import { getRow } from "../../shared/getRow.ts";
import { getUuid } from "../../shared/ids.ts";
import { firstFault, refuseLength, refuseSlug } from "../../shared/parseInput.ts";
import type { Context } from "../context.ts";
import type { MutationResolvers } from "../generated/resolvers.ts";
import {
  answeringAlias,
  type PromotionRefused,
  promoteVersion,
  rollBackAlias,
} from "../jobs/registry/moveAlias.ts";
import { refuse } from "./refuse.ts";

export const promote: NonNullable<MutationResolvers["promote"]> = async (_root, { input }, context) => {
  const { db, caller, loaders, versions } = context;
  // The schema has this default too, which the generated type does not know.
  const { alias = answeringAlias, versionId, idempotencyKey } = input;
  const fault = firstFault(refuseSlug("alias", alias), refuseLength("idempotencyKey", idempotencyKey, 128));
  if (fault !== null) return refuse("INVALID_INPUT", fault);
  const version = await loaders.version.load(getUuid(versionId, "ModelVersion"));
  if (version === null)
    return refuse("NOT_FOUND", `expected the id of a model version; got ${JSON.stringify(versionId)}`);
  const answer = await db.writeOnce<PromotionRefused>(
    caller,
    idempotencyKey,
    ["promote", alias, version.id],
    (queries) => promoteVersion(queries, versions, version, alias, caller.subject ?? "anonymous"),
  );
  if ("refused" in answer) return { __typename: "PromotionRefused", checks: [...answer.refused] };
  if (answer.kind === "key-reused") return refuse("IDEMPOTENCY_KEY_REUSED", answer.message);
  return toPromoted(context, answer.id);
};

export const rollback: NonNullable<MutationResolvers["rollback"]> = async (_root, { input }, context) => {
  const { db, caller, loaders } = context;
  const { alias = answeringAlias, modelCode, idempotencyKey } = input;
  const fault = firstFault(refuseSlug("alias", alias), refuseLength("idempotencyKey", idempotencyKey, 128));
  if (fault !== null) return refuse("INVALID_INPUT", fault);
  const model = await loaders.modelByCode.load(modelCode);
  if (model === null)
    return refuse("NOT_FOUND", `expected the code of a model; got ${JSON.stringify(modelCode.slice(0, 80))}`);
  const answer = await db.writeOnce<{ readonly isFirst: true }>(
    caller,
    idempotencyKey,
    ["rollback", alias, model.id],
    async (queries) =>
      (await rollBackAlias(queries, model.id, alias, caller.subject ?? "anonymous")) ?? { isFirst: true },
  );
  if ("isFirst" in answer)
    return refuse("NOTHING_TO_ROLL_BACK", `expected an alias that pointed elsewhere before; got ${alias}`);
  if (answer.kind === "key-reused") return refuse("IDEMPOTENCY_KEY_REUSED", answer.message);
  return toPromoted(context, answer.id);
};

async function toPromoted({ db, loaders }: Context, promotionId: string) {
  const promotion = await db.findPromotion(promotionId);
  if (promotion === null) throw new Error(`promotion ${promotionId} was written and is not there`);
  const { modelId, versionId, previousVersionId, checks } = promotion;
  // An earlier field of the same mutation may have read what the alias pointed at before.
  loaders.championOfModel.clear(modelId);
  loaders.servingOfModel.clearAll();
  loaders.answerOfCountry.clearAll();
  return {
    __typename: "ModelVersionPromoted" as const,
    version: await getRow(loaders.version, versionId),
    previous: previousVersionId === null ? null : await getRow(loaders.version, previousVersionId),
    checks,
  };
}
