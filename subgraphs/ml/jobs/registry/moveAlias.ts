/** Moves an alias, on or back, with its record in the same transaction and the alias locked. */
import { newId } from "../../../shared/ids.ts";
import type { Version } from "../../db/models.ts";
import type { Queries } from "../../db.ts";
import { findPreviousVersion } from "../../domain/registry/findPreviousVersion.ts";
import { judgePromotion, type PromotionCheck } from "../../domain/registry/judgePromotion.ts";
import type { LoadedVersions } from "../../loadedVersions.ts";
import { loadCandidate } from "./loadCandidate.ts";

/** The alias that answers; rules of promotion guard it, the others are only names. */
export const answeringAlias = "champion";

export type PromotionRefused = { readonly refused: readonly PromotionCheck[] };

/** Answers the id of the record. */
export async function promoteVersion(
  queries: Queries,
  versions: LoadedVersions,
  version: Version,
  alias: string,
  by: string,
): Promise<string | PromotionRefused> {
  const { id: versionId, modelId } = version;
  await queries.lockAlias(modelId, alias);
  const previousVersionId = (await queries.findAlias(modelId, alias))?.versionId ?? null;
  const checks =
    alias === answeringAlias
      ? judgePromotion(await loadCandidate(queries, versions, version, previousVersionId))
      : [];
  if (checks.some(({ passed }) => !passed)) return { refused: checks };
  return record(queries, { modelId, alias, versionId, previousVersionId, kind: "PROMOTION", checks }, by);
}

/** No rule is asked: what answered before may answer again. Null when there is nothing before. */
export async function rollBackAlias(
  queries: Queries,
  modelId: string,
  alias: string,
  by: string,
): Promise<string | null> {
  await queries.lockAlias(modelId, alias);
  const current = await queries.findAlias(modelId, alias);
  const versionId = findPreviousVersion(await queries.findMoves(modelId, alias));
  if (!current || versionId === null) return null;
  const previousVersionId = current.versionId;
  return record(queries, { modelId, alias, versionId, previousVersionId, kind: "ROLLBACK", checks: [] }, by);
}

type Move = Omit<Parameters<Queries["insertPromotion"]>[0], "id" | "promotedBy" | "promotedAt">;

async function record(queries: Queries, move: Move, by: string): Promise<string> {
  const { id, promotedAt } = await queries.insertPromotion({ ...move, id: newId(), promotedBy: by });
  const { modelId, alias, versionId } = move;
  await queries.setAlias({ modelId, alias, versionId, setAt: promotedAt, setBy: by });
  return id;
}
