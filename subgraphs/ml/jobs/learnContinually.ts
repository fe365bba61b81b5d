/**
 * Goes on learning after a model was promoted: predicts each new example of the region before it learns from it, watches its
 * own errors for drift, and learns remembered examples again beside new ones. Every batch is one transaction with all that
 * a restart needs, so a process that dies goes on where it was. A learner that has become better than the version that
 * answers becomes a version of its own; nothing answers from it before it is promoted.
 */
import type { Logger } from "pino";
import { z } from "zod";
import { type Job, repeatUntilStopped } from "../../shared/repeatUntilStopped.ts";
import type { Db } from "../db.ts";
import { modelSpec } from "../domain/rounds/runTask.ts";
import { learnBatch } from "./learning/learnBatch.ts";

export type LearnerOptions = {
  readonly db: Db;
  readonly log: Logger;
  /** Learns from examples that are resident here, and global ones. */
  readonly region: string;
  /** How long it rests when there is nothing new. Default 5,000. */
  readonly pollMs?: number;
};

export function startLearner({ db, log, region, pollMs = 5_000 }: LearnerOptions): Job {
  return repeatUntilStopped(
    async () => ((await learnOnce({ db, log, region })) ? 0 : pollMs),
    (error) => {
      log.warn({ err: error }, "learning broke off and will go on");
      return pollMs;
    },
  );
}

/** What a version says that was trained from examples. */
const learnable = z.object({ model: modelSpec, dataset: z.string(), contentHash: z.string() });

/** One batch of every model that learns; false when there was nothing new. */
export async function learnOnce(options: Pick<LearnerOptions, "db" | "log" | "region">): Promise<boolean> {
  let hasLearned = false;
  for (const { modelId, versionId, parameters, promotedAt } of await options.db.findLearnable()) {
    const parsed = learnable.safeParse(parameters);
    if (!parsed.success) continue;
    const champion = { modelId, versionId, parameters, promotedAt, ...parsed.data };
    if (await learnBatch(options, champion)) hasLearned = true;
  }
  return hasLearned;
}
