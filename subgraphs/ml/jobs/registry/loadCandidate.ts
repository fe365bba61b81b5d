/** What the rules of promotion look at, measured now: both versions on the hold-out of the candidate. */
import type { Version } from "../../db/models.ts";
import type { Queries } from "../../db.ts";
import type { Sample } from "../../domain/models/trainable.ts";
import type { Candidate, HeldOut } from "../../domain/registry/judgePromotion.ts";
import { measureHoldOut } from "../../domain/registry/measureHoldOut.ts";
import type { LoadedVersions } from "../../loadedVersions.ts";

export async function loadCandidate(
  queries: Queries,
  versions: LoadedVersions,
  { id, modelId, dataset, holdOutFrom }: Version,
  championId: string | null,
): Promise<Candidate> {
  const samples = dataset === null ? [] : (await queries.findHoldOut({ dataset, holdOutFrom })).map(toSample);
  const isOther = championId !== null && championId !== id;
  return {
    heldOut: await measureVersion(versions, id, samples),
    championLoss: isOther ? ((await measureVersion(versions, championId, samples))?.loss ?? null) : null,
    shadow: await findShadow(queries, modelId, id),
    lastExperiment: await queries.findLastStatus(id),
  };
}

/** Null where it cannot be measured on these, as one of pixels or of other features. */
async function measureVersion(
  versions: LoadedVersions,
  id: string,
  samples: readonly Sample[],
): Promise<HeldOut | null> {
  const model = await versions.load(id);
  if (!model || samples.some(({ input }) => input.length !== model.features.length)) return null;
  return measureHoldOut(model.score, samples);
}

async function findShadow(queries: Queries, modelId: string, id: string): Promise<Candidate["shadow"]> {
  for (const alias of ["shadow", "challenger"]) {
    const [comparison] = await queries.compareWithChampions([modelId], alias);
    if (comparison?.versionId !== id) continue;
    const { judged, brier, championBrier } = comparison;
    if (brier !== null && championBrier !== null) return { judged, brier, championBrier };
  }
  return null;
}

function toSample({
  features,
  label,
}: {
  readonly features: readonly number[];
  readonly label: number;
}): Sample {
  return { input: Float32Array.from(features), label };
}
