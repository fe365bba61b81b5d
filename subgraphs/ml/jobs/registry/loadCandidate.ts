/** What the rules of promotion look at, measured now: both versions on the hold-out of the candidate. */
import type { Version } from "../../db/models.ts";
import type { Queries } from "../../db.ts";
import { fromBytes, unflatten } from "../../domain/models/parameters.ts";
import type { Sample } from "../../domain/models/trainable.ts";
import type { Candidate, HeldOut } from "../../domain/registry/judgePromotion.ts";
import { measureHoldOut } from "../../domain/registry/measureHoldOut.ts";
import { createModel } from "../../domain/rounds/runTask.ts";

export async function loadCandidate(
  queries: Queries,
  { id, modelId }: Version,
  championId: string | null,
): Promise<Candidate> {
  const stored = await queries.findVersionParameters(id);
  const split = stored && { dataset: stored.parameters.dataset, holdOutFrom: stored.holdOutFrom };
  const samples = split ? (await queries.findHoldOut(split)).map(toSample) : [];
  const answers = stored !== null && stored.parameters.features !== null;
  const isOther = championId !== null && championId !== id;
  const champion = isOther ? await measureVersion(queries, championId, samples) : null;
  return {
    heldOut: answers ? await measureVersion(queries, id, samples) : null,
    championLoss: champion?.loss ?? null,
    shadow: await findShadow(queries, modelId, id),
    lastExperiment: await queries.findLastStatus(id),
  };
}

/** Null where it cannot be measured on these, as one of another data set. */
async function measureVersion(
  queries: Queries,
  id: string,
  samples: readonly Sample[],
): Promise<HeldOut | null> {
  const stored = await queries.findVersionParameters(id);
  const weights = stored && (await queries.findParameters(stored.parameters.weightsHash));
  if (!weights) return null;
  const model = createModel(stored.parameters.model);
  if (samples.some(({ input }) => input.length !== model.inputs)) return null;
  return measureHoldOut(model, unflatten(weights.manifest, fromBytes(weights.vector)), samples);
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
