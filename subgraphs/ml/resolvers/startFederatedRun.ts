import { firstFault, refuseLength } from "../../shared/parseInput.ts";
import { residenciesOfRegion } from "../domain/rounds/regionResidencies.ts";
import { createModel, runTask } from "../domain/rounds/runTask.ts";
import type { ArchitectureInput, MutationResolvers, StartFederatedRunInput } from "../generated/resolvers.ts";
import { startRun } from "../jobs/coordination/startRun.ts";
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
  const heldOut = await db.findHoldOutFrom(input.dataset);
  if (!heldOut)
    return refuse(
      "INVALID_INPUT",
      `expected a data set with examples to hold out; got ${JSON.stringify(input.dataset.slice(0, 80))}`,
    );
  const holdOutFrom = input.holdOutFrom ?? heldOut.from;
  const parsed = runTask.safeParse(toTask(input, regionCodes, holdOutFrom));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse("INVALID_INPUT", `${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { inputs } = createModel(parsed.data.model);
  if (inputs !== heldOut.inputs)
    return refuse(
      "INVALID_INPUT",
      `expected a model with ${heldOut.inputs} inputs, as the examples have; got ${inputs}`,
    );
  const model = await loaders.modelByCode.load(modelCode);
  if (model === null)
    return refuse("NOT_FOUND", `expected the code of a model; got ${JSON.stringify(modelCode.slice(0, 80))}`);

  const answer = await db.writeOnce<never>(caller, idempotencyKey, ["startFederatedRun", input], (queries) =>
    startRun(queries, {
      modelId: model.id,
      task: parsed.data,
      regionCodes,
      coordinatedBy: region,
      seed,
    }),
  );
  if (answer.kind === "key-reused") return refuse("IDEMPOTENCY_KEY_REUSED", answer.message);
  const run = await loaders.run.load(answer.id);
  if (run === null) throw new Error(`run ${answer.id} was written and is not there`);
  return { __typename: "FederatedRunStarted", run };
};

/** Unparsed: defaults of the schema are repeated here because the generated types do not know them. */
function toTask(
  input: StartFederatedRunInput,
  regionCodes: readonly string[],
  holdOutFrom: Date | null,
): unknown {
  const { dataset, wanted, roundsMax, strategy = "FedAvg", bound = 1, privacy = null } = input;
  return {
    dataset,
    holdOutFrom: holdOutFrom?.toISOString() ?? null,
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
    convergence: {
      accuracyWanted: input.accuracyWanted ?? 1,
      patience: input.patience ?? 10,
      lossStep: input.lossStep ?? 0,
    },
  };
}

function toModel({ kind, inputs, classes, side, filters, kernel, cuts }: ArchitectureInput): unknown {
  if (kind === "STUMPS") return { kind: "stumps", inputs, cuts };
  if (kind === "LOGISTIC") return { kind: "logistic", inputs, classes };
  return kind === "TWO_LAYER" ? { kind: "2nn" } : { kind: "cnn", side, filters, kernel, classes };
}
