/**
 * What a trainer does in one turn: says what it has, asks what there is to do, learns from its own rows, and sends what it
 * learned. Keeps what a round must not be asked for twice: the update sent, and the keys of a secure sum.
 */
import type { Logger } from "pino";
import { unflatten } from "../../domain/models/parameters.ts";
import type { Sample } from "../../domain/models/trainable.ts";
import type { RunTask } from "../../domain/rounds/runTask.ts";
import { findScheme } from "../../domain/rounds/secureTask.ts";
import { trainTask } from "../../domain/rounds/takePart.ts";
import type { SecureParticipant, SecureScheme, SumTask } from "../../domain/secureAggregation/secureSum.ts";
import type { Offer, TrainerGraph, TrainerTask } from "./graph.ts";

export type TurnOptions = {
  readonly graph: TrainerGraph;
  readonly region: string;
  readonly dataset: string;
  readonly examples: TrainerExamples;
  readonly log: Logger;
  /** Uniform on [0, 1); the order of samples where no privacy is asked for. */
  readonly randomFor: (task: TrainerTask) => () => number;
};

/** The region's own rows, read anew for each round: a consent may have been withdrawn meanwhile. */
export type TrainerExamples = {
  readonly summarise: () => Promise<Omit<Offer, "region" | "dataset">>;
  readonly load: (task: RunTask) => Promise<readonly Sample[]>;
};

export type TrainerTurns = {
  readonly offer: () => Promise<void>;
  readonly work: () => Promise<void>;
  /** Takes the offer back: a sum waits for everybody who was chosen, so nobody who goes away may be. */
  readonly leave: () => Promise<void>;
};

export function createTurns({ graph, region, dataset, examples, log, randomFor }: TurnOptions): TrainerTurns {
  const sums = new Map<string, SecureParticipant>();
  const sent = new Set<string>();
  return {
    offer: async () => {
      const { kind, code, message } = await graph.offer({ region, dataset, ...(await examples.summarise()) });
      if (kind === "MlRefusal") throw new Error(`the offer was refused, ${code}: ${message}`);
    },
    leave: async () => {
      await graph.offer({ region, dataset, samples: 0, dataFrom: null, dataTo: null });
    },
    work: async () => {
      for (const task of await graph.findTasks()) {
        if (task.sum) await answerSum(task, task.sum);
        else await sendUpdate(task);
      }
    },
  };

  /** One update for each round; sent again under the same attempt when the answer was lost. */
  async function sendUpdate(task: TrainerTask): Promise<void> {
    if (sent.has(task.roundId)) return;
    const samples = await examples.load(task.task);
    if (samples.length === 0) return;
    const { kind, code } = await graph.submitUpdate(task, 1, samples.length, learn(task, samples));
    sent.add(task.roundId);
    log.info({ roundId: task.roundId, kind, code }, "trainer sent an update");
  }

  async function answerSum(task: TrainerTask, sum: NonNullable<TrainerTask["sum"]>): Promise<void> {
    const { roundId } = task;
    const scheme = findScheme(task.task.aggregation);
    if (!scheme) throw new Error(`round ${roundId} asks for a sum that its task does not have`);
    const known = sums.get(roundId);
    // After a restart the keys of earlier stages are gone, and with them this trainer's part of the round.
    if (!known && sum.stage !== scheme.stages[0]) return;
    const participant = known ?? (await joinSum(task, sum.task, scheme));
    if (!participant) return;
    sums.set(roundId, participant);
    const answer = await participant.answer(sum.stage, sum.parts);
    const { kind, code } = await graph.submitSumAnswer(roundId, sum.stage, answer);
    log.info({ roundId, stage: sum.stage, kind, code }, "trainer answered a stage");
  }

  /** Undefined when there is nothing to learn from. */
  async function joinSum(
    task: TrainerTask,
    sumTask: SumTask,
    scheme: SecureScheme,
  ): Promise<SecureParticipant | undefined> {
    const samples = await examples.load(task.task);
    if (samples.length === 0) return undefined;
    return scheme.createParticipant(sumTask, nameIn(sumTask), {
      values: learn(task, samples),
      weight: Math.min(samples.length, sumTask.weightMax),
    });
  }

  function nameIn({ participants }: { readonly participants: readonly string[] }): string {
    const own = participants.find((name) => name === graph.trainer);
    if (own === undefined) throw new Error("expected to be one of the participants");
    return own;
  }

  function learn(task: TrainerTask, samples: readonly Sample[]): Float32Array {
    return trainTask(task.task, unflatten(task.manifest, task.weights), samples, randomFor(task)).delta;
  }
}
