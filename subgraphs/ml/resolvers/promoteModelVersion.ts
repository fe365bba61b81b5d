import { getRow } from "../../shared/getRow.ts";
import { getUuid, newId } from "../../shared/ids.ts";
import { firstFault, refuseLength, refuseSlug } from "../../shared/parseInput.ts";
import type { MutationResolvers } from "../generated/resolvers.ts";
import { refuse } from "./refuse.ts";

export const promoteModelVersion: NonNullable<MutationResolvers["promoteModelVersion"]> = async (
  _root,
  { input },
  { db, caller, loaders },
) => {
  // The schema has this default too, which the generated type does not know.
  const { alias = "production", versionId, idempotencyKey } = input;
  const fault = firstFault(refuseSlug("alias", alias), refuseLength("idempotencyKey", idempotencyKey, 128));
  if (fault !== null) return refuse("INVALID_INPUT", fault);
  const version = await loaders.version.load(getUuid(versionId, "ModelVersion"));
  if (version === null) {
    return refuse("NOT_FOUND", `expected the id of a model version; got ${JSON.stringify(versionId)}`);
  }

  const { id, modelId } = version;
  const answer = await db.writeOnce<never>(
    caller,
    idempotencyKey,
    ["promoteModelVersion", alias, id],
    async (queries) => {
      await queries.lockAlias(modelId, alias);
      const previous = await queries.findAlias(modelId, alias);
      const by = caller.subject ?? "anonymous";
      const promotion = await queries.insertPromotion({
        id: newId(),
        modelId,
        alias,
        versionId: id,
        previousVersionId: previous?.versionId ?? null,
        promotedBy: by,
      });
      await queries.setAlias({ modelId, alias, versionId: id, setAt: promotion.promotedAt, setBy: by });
      return promotion.id;
    },
  );
  if (answer.kind === "key-reused") return refuse("IDEMPOTENCY_KEY_REUSED", answer.message);
  const promotion = await db.findPromotion(answer.id);
  if (promotion === null) throw new Error(`promotion ${answer.id} was written and is not there`);
  // An earlier field of the same mutation may have read what the alias pointed at before.
  loaders.productionOfModel.clear(modelId);
  loaders.predictionOfAssessment.clearAll();
  return {
    __typename: "ModelVersionPromoted",
    version: await getRow(loaders.version, promotion.versionId),
    previous:
      promotion.previousVersionId === null
        ? null
        : await getRow(loaders.version, promotion.previousVersionId),
  };
};
