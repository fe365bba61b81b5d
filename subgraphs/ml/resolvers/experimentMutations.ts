import { getRow } from "../../shared/getRow.ts";
import { getUuid, newId } from "../../shared/ids.ts";
import { firstFault, refuseLength, refuseRange } from "../../shared/parseInput.ts";
import type { MutationResolvers } from "../generated/resolvers.ts";
import { refuse } from "./refuse.ts";

export const startExperiment: NonNullable<MutationResolvers["startExperiment"]> = async (
  _root,
  { input },
  { db, caller, loaders },
) => {
  const { name, treatmentId, idempotencyKey } = input;
  // The schema has these defaults too, which the generated types do not know.
  const { share = 0.5, alpha = 0.05, effect = 0.05, countMin = 50, guardrail = 0.1 } = input;
  const fault = firstFault(
    refuseLength("name", name, 200),
    refuseLength("idempotencyKey", idempotencyKey, 128),
    refuseRange("share", share, 0.01, 0.99),
    refuseRange("alpha", alpha, 1e-6, 0.5),
    refuseRange("effect", effect, 1e-6, 1),
    refuseRange("countMin", countMin, 1, 1_000_000),
    refuseRange("guardrail", guardrail, 1e-6, 1),
  );
  if (fault !== null) return refuse("INVALID_INPUT", fault);
  const treatment = await loaders.version.load(getUuid(treatmentId, "ModelVersion"));
  if (treatment === null)
    return refuse("NOT_FOUND", `expected the id of a model version; got ${JSON.stringify(treatmentId)}`);
  const { id, modelId } = treatment;

  const answer = await db.writeOnce<ReturnType<typeof refuse>>(
    caller,
    idempotencyKey,
    ["startExperiment", input],
    async (queries) => {
      // Against a promotion at the same time, and against a second experiment.
      await queries.lockAlias(modelId, "champion");
      const champion = await queries.findAlias(modelId, "champion");
      if (!champion) return refuse("NOT_FOUND", "expected a model with a champion to compare with; got none");
      if (champion.versionId === id)
        return refuse("INVALID_INPUT", "expected another version than the champion; got the champion");
      const features = await queries.findFeatures([champion.versionId, id]);
      if (features.some((version) => version.features.length === 0))
        return refuse("INVALID_INPUT", "expected versions that answer for countries; one of them does not");
      const [running] = await queries.findRunningExperiments([modelId]);
      if (running) return refuse("EXPERIMENT_RUNNING", `expected no other experiment; ${running.name} runs`);
      const experiment = await queries.insertExperiment({
        id: newId(),
        name,
        modelId,
        controlVersionId: champion.versionId,
        treatmentVersionId: id,
        share,
        status: "RUNNING",
        startedAt: new Date(),
        startedBy: caller.subject ?? "anonymous",
        rules: { alpha, effect, countMin, guardrail },
      });
      return experiment.id;
    },
  );
  if ("__typename" in answer) return answer;
  if (answer.kind === "key-reused") return refuse("IDEMPOTENCY_KEY_REUSED", answer.message);
  loaders.answerOfCountry.clearAll();
  return { __typename: "ExperimentStarted", experiment: await getRow(loaders.experiment, answer.id) };
};

export const stopExperiment: NonNullable<MutationResolvers["stopExperiment"]> = async (
  _root,
  { input: { experimentId, idempotencyKey } },
  { db, caller, loaders },
) => {
  const fault = refuseLength("idempotencyKey", idempotencyKey, 128);
  if (fault !== null) return refuse("INVALID_INPUT", fault);
  const id = getUuid(experimentId, "Experiment");
  const answer = await db.writeOnce<ReturnType<typeof refuse>>(
    caller,
    idempotencyKey,
    ["stopExperiment", id],
    async (queries) => {
      const [experiment] = await queries.findExperimentsById([id]);
      if (!experiment)
        return refuse("NOT_FOUND", `expected the id of an experiment; got ${JSON.stringify(experimentId)}`);
      const stoppedBy = caller.subject ?? "anonymous";
      const hasEnded = await queries.endExperiment(id, {
        status: "STOPPED",
        finishedAt: new Date(),
        stoppedBy,
      });
      return hasEnded
        ? id
        : refuse("EXPERIMENT_OVER", `expected a running experiment; this one is ${experiment.status}`);
    },
  );
  if ("__typename" in answer) return answer;
  if (answer.kind === "key-reused") return refuse("IDEMPOTENCY_KEY_REUSED", answer.message);
  loaders.experiment.clear(id);
  loaders.answerOfCountry.clearAll();
  return { __typename: "ExperimentStopped", experiment: await getRow(loaders.experiment, answer.id) };
};
