import { naturalId } from "../../../shared/ids.ts";
import type { SeedRows } from "../../db.ts";
import { type Example, measureModel } from "../../domain/measureModel.ts";
import type { LogisticModel } from "../../domain/predict.ts";

const regionCodes = ["us-east", "eu-west", "ap-southeast"] as const;
const roundMs = 10 * 60_000;
const roundCount = 3;

/**
 * An example of a finished run. Nothing was trained, and its strategy says so: round n has gone n thirds of the way
 * from knowing only the base rate to `target`; its loss and accuracy are measured on the hold-out.
 */
export function runRows(
  modelId: string,
  target: LogisticModel,
  holdOut: readonly Example[],
  startedAt: Date,
): Pick<SeedRows, "runs" | "rounds" | "updates"> {
  const runId = naturalId("public", "federated-run", "country-risk", "seed");
  const after = (ms: number): Date => new Date(startedAt.getTime() + ms);
  const rounds = Array.from({ length: roundCount }, (_, index) => {
    const { logLoss, accuracy } = measureModel(scale(target, (index + 1) / roundCount), holdOut);
    return {
      id: naturalId("public", "round", runId, String(index + 1)),
      runId,
      number: index + 1,
      status: "COMMITTED",
      loss: logLoss,
      accuracy,
      startedAt: after(index * roundMs),
      finishedAt: after((index + 1) * roundMs),
    };
  });
  return {
    runs: [
      {
        id: runId,
        modelId,
        strategy: "FedAvg (seeded example, nothing was trained)",
        status: "COMPLETED",
        regionCodes: [...regionCodes],
        startedAt,
        finishedAt: after(roundCount * roundMs),
      },
    ],
    rounds,
    updates: rounds.flatMap((round) =>
      regionCodes.map((regionCode, position) => ({
        roundId: round.id,
        regionCode,
        // One late update, so that a refusal can be seen.
        ...(round.number === 2 && regionCode === "ap-southeast"
          ? { accepted: false, reason: "arrived after the deadline of the round" }
          : { accepted: true, reason: null }),
        samples: 400 + 100 * position,
        receivedAt: new Date(round.startedAt.getTime() + (position + 1) * 60_000),
      })),
    ),
  };
}

function scale(model: LogisticModel, share: number): LogisticModel {
  return {
    ...model,
    features: model.features.map((feature) => ({ ...feature, weight: feature.weight * share })),
  };
}
