/**
 * A trainer: offers what its region has, asks what there is to do, learns from its own rows, and sends what it learned
 * through the graph. Rows never leave: what is sent is a change of weights, or its share of a sum that hides it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { unflatten } from "../domain/models/parameters.ts";
import type { Sample } from "../domain/models/trainable.ts";
import { findScheme } from "../domain/rounds/secureTask.ts";
import { trainTask } from "../domain/rounds/takePart.ts";
import type { SecureParticipant } from "../domain/secureAggregation/secureSum.ts";
import type { TrainerGraph, TrainerTask } from "./training/graph.ts";

export type TrainerOptions = {
  readonly graph: TrainerGraph;
  readonly region: string;
  readonly dataset: string;
  /** The region's own rows, read anew for each round: a consent may have been withdrawn meanwhile. */
  readonly loadSamples: () => Promise<readonly Sample[]>;
  readonly log: Logger;
  /** Uniform on [0, 1); the order of samples where no privacy is asked for. */
  readonly random: () => number;
  /** How long it rests when there is nothing to do. Default 1,000. */
  readonly pollMs?: number;
};

export type Trainer = { readonly stop: () => Promise<void> };

/** After a failure it rests longer and longer, up to this. */
const restMsMax = 30_000;

export function startTrainer({ pollMs = 1_000, ...options }: TrainerOptions): Trainer {
  const stopping = new AbortController();
  const { signal } = stopping;
  const sums = new Map<string, SecureParticipant>();
  const attempts = new Map<string, number>();
  const running = work();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };

  async function work(): Promise<void> {
    const { graph, region, dataset, loadSamples, log } = options;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const samples = await loadSamples();
        await graph.offer(region, dataset, samples.length);
        for (const task of await graph.findTasks()) await doTask(task, samples);
        failures = 0;
      } catch (error) {
        failures += 1;
        log.warn({ err: error, failures }, "trainer broke off and will go on");
      }
      await sleep(restMs(failures), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Full jitter, so that trainers that lost one gateway do not come back at once. */
  function restMs(failures: number): number {
    return failures === 0 ? pollMs : pollMs + Math.random() * Math.min(restMsMax, pollMs * 2 ** failures);
  }

  async function doTask(task: TrainerTask, samples: readonly Sample[]): Promise<void> {
    if (samples.length === 0) return;
    if (task.sum) return answerSum(task, task.sum, samples);
    // One update for each round; sent again under the same attempt when the answer was lost.
    if (attempts.has(task.roundId)) return;
    const delta = learn(task, samples);
    const { kind, code } = await options.graph.submitUpdate(task, 1, samples.length, delta);
    attempts.set(task.roundId, 1);
    options.log.info({ roundId: task.roundId, kind, code }, "trainer sent an update");
  }

  async function answerSum(
    { roundId, ...task }: TrainerTask,
    sum: NonNullable<TrainerTask["sum"]>,
    samples: readonly Sample[],
  ): Promise<void> {
    const scheme = findScheme(task.task.aggregation);
    if (!scheme) throw new Error(`round ${roundId} asks for a sum that its task does not have`);
    const known = sums.get(roundId);
    // After a restart the keys of earlier stages are gone, and with them this trainer's part of the round.
    if (!known && sum.stage !== scheme.stages[0]) return;
    const participant =
      known ??
      (await scheme.createParticipant(sum.task, nameIn(sum.task), {
        values: learn({ roundId, ...task }, samples),
        weight: Math.min(samples.length, sum.task.weightMax),
      }));
    sums.set(roundId, participant);
    const answer = await participant.answer(sum.stage, sum.parts);
    const { kind, code } = await options.graph.submitSumAnswer(roundId, sum.stage, answer);
    options.log.info({ roundId, stage: sum.stage, kind, code }, "trainer answered a stage");
  }

  function nameIn({ participants }: { readonly participants: readonly string[] }): string {
    const own = participants.find((name) => name === options.graph.trainer);
    if (own === undefined) throw new Error("expected to be one of the participants");
    return own;
  }

  function learn({ task, manifest, weights }: TrainerTask, samples: readonly Sample[]): Float32Array {
    return trainTask(task, unflatten(manifest, weights), samples, options.random).delta;
  }
}
