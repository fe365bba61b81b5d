/** The trainer's port over the database of the coordinator, for trainers that live in its process: the seed and tests. */
import type { Db } from "../../db.ts";
import { fromBytes, toBytes } from "../../domain/models/parameters.ts";
import { findTrainingTasks } from "../../resolvers/findTrainingTasks.ts";
import { storeAnswer } from "../../resolvers/storeAnswer.ts";
import { storeUpdate } from "../../resolvers/storeUpdate.ts";
import type { Outcome, TrainerGraph } from "./graph.ts";

export type StoredGraphOptions = {
  readonly trainer: string;
  /** Whose coordinator leads the runs. */
  readonly coordinatedBy: string;
  readonly tenant: string;
  readonly owner: string;
};

export function createStoredGraph(db: Db, options: StoredGraphOptions): TrainerGraph {
  const { trainer, coordinatedBy, tenant, owner } = options;
  return {
    trainer,
    offer: async ({ region, ...offer }) => {
      const place = { name: trainer, regionCode: region, jurisdiction: region, tenant, owner };
      await db.offerParticipant({ ...offer, ...place, seenAt: new Date() });
      return accepted;
    },
    findTasks: async () =>
      (await findTrainingTasks(db, coordinatedBy, trainer)).map(
        ({ roundId, task, baseHash, base, secure }) => ({
          roundId,
          task,
          weightsHash: baseHash,
          manifest: base.manifest,
          weights: fromBytes(base.vector),
          sum: secure && { stage: secure.stage, task: secure.sumTask, parts: secure.request },
        }),
      ),
    submitUpdate: async ({ roundId, weightsHash }, attempt, samples, delta) => {
      const answer = await storeUpdate(db, roundId, {
        participant: trainer,
        attempt,
        baseHash: weightsHash,
        samples,
        encoding: "FLOAT32",
        payload: toBytes(delta),
      });
      return answer.kind === "REFUSED"
        ? { kind: answer.kind, code: answer.code, message: answer.message }
        : { ...accepted, kind: answer.kind };
    },
    submitSumAnswer: async (roundId, stage, parts) => {
      const refusal = await storeAnswer(db, roundId, trainer, stage, parts);
      return refusal ? { kind: "REFUSED", ...refusal } : accepted;
    },
  };
}

const accepted: Outcome = { kind: "ACCEPTED", code: undefined, message: undefined };
