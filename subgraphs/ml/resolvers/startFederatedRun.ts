import { newId } from "../../shared/ids.ts";
import { firstFault, refuseLength } from "../../shared/parseInput.ts";
import { createSeededRandom } from "../../shared/seededRandom.ts";
import { flatten, hashTensors, toBytes, toManifest } from "../domain/models/parameters.ts";
import { residenciesOfRegion } from "../domain/rounds/regionResidencies.ts";
import { createModel, runTask } from "../domain/rounds/runTask.ts";
import type { ArchitectureInput, MutationResolvers, StartFederatedRunInput } from "../generated/resolvers.ts";
import { refuse } from "./refuse.ts";

export const startFederatedRun: NonNullable<MutationResolvers["startFederatedRun"]> = async (
  _root,
  { input },
  { db, caller, loaders, region },
) => {
  const { idempotencyKey, modelCode, seed } = input;
  const regionCodes = [...new Set(input.regions)];
  const unknown = regionCodes.filter((code) => residenciesOfRegion(code).length === 0);
  const fault = firstFault(
    refuseLength("idempotencyKey", idempotencyKey, 128),
    refuseLength("seed", seed, 128),
    regionCodes.length === 0 ? "expected at least one region; got none" : null,
    unknown.length > 0 ? `expected regions that hold examples; got ${unknown.join(", ").slice(0, 80)}` : null,
  );
  if (fault !== null) return refuse("INVALID_INPUT", fault);
  const parsed = runTask.safeParse(toTask(input, regionCodes));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse("INVALID_INPUT", `${issue?.path.join(".")}: ${issue?.message}`);
  }
  const model = await loaders.modelByCode.load(modelCode);
  if (model === null)
    return refuse("NOT_FOUND", `expected the code of a model; got ${JSON.stringify(modelCode.slice(0, 80))}`);

  const answer = await db.writeOnce<never>(
    caller,
    idempotencyKey,
    ["startFederatedRun", input],
    async (queries) => {
      const start = createModel(parsed.data.model).initialise(createSeededRandom(seed).next);
      const baseHash = hashTensors(start);
      await queries.storeParameters(baseHash, toManifest(start), toBytes(flatten(start)));
      const id = newId();
      await queries.insertRun({
        id,
        modelId: model.id,
        strategy: parsed.data.strategy,
        status: "RUNNING",
        regionCodes,
        coordinatedBy: region,
        task: parsed.data,
        baseHash,
        startedAt: new Date(),
      });
      return id;
    },
  );
  if (answer.kind === "key-reused") return refuse("IDEMPOTENCY_KEY_REUSED", answer.message);
  const run = await loaders.run.load(answer.id);
  if (run === null) throw new Error(`run ${answer.id} was written and is not there`);
  return { __typename: "FederatedRunStarted", run };
};

/** Unparsed: defaults of the schema are repeated here because the generated types do not know them. */
function toTask(input: StartFederatedRunInput, regionCodes: readonly string[]): unknown {
  const { dataset, wanted, roundsMax, strategy = "FedAvg", bound = 1, privacy = null } = input;
  return {
    dataset,
    model: toModel(input.architecture),
    strategy,
    wanted,
    roundsMax,
    deadlineMs: (input.deadlineSeconds ?? 3_600) * 1_000,
    local: {
      epochs: input.epochs ?? 1,
      batchSize: input.batchSize ?? 10,
      learningRate: input.learningRate ?? 0.1,
    },
    aggregation: input.aggregation ?? (regionCodes.length > 1 ? "MASKED" : "ROBUST"),
    bound,
    privacy: privacy && { ...privacy },
    convergence: { accuracyWanted: input.accuracyWanted ?? 1, patience: input.patience ?? 10 },
  };
}

function toModel({ kind, inputs, classes, side, filters, kernel, cuts }: ArchitectureInput): unknown {
  if (kind === "STUMPS") return { kind: "stumps", inputs, cuts };
  if (kind === "LOGISTIC") return { kind: "logistic", inputs, classes };
  return kind === "TWO_LAYER" ? { kind: "2nn" } : { kind: "cnn", side, filters, kernel, classes };
}
