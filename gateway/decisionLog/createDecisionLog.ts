/**
 * Puts decisions on record beside the requests that they are about: they are queued, linked to the chain of this process
 * and sent in batches. What happens when the record does not take them: docs/decisions/0018.
 */
import type { RecordDecisions } from "../../policies/runtime/decision.ts";
import type { DecisionBatch } from "../../policies/runtime/decisionChain.ts";
import { AppError } from "../errors.ts";
import { describeCause, type Log } from "../observability/log.ts";
import type { Metrics } from "../observability/metrics.ts";
import { createDecisionChain } from "./chainDecisions.ts";
import { createDecisionQueue } from "./decisionQueue.ts";
import type { SendDecisions } from "./sendDecisions.ts";

export type DecisionLog = {
  readonly record: RecordDecisions;
  /** Throws DECISION_LOG_FULL: an operation whose decisions cannot be put on record is not run. */
  readonly assertRoom: () => void;
  readonly health: () => DecisionLogHealth;
  /** Sends what is queued, as far as there is time, and says that the chain ends. */
  readonly close: () => Promise<void>;
};

export type DecisionLogHealth = {
  readonly chain: string;
  readonly queued: number;
  /** Why the record does not take them now. */
  readonly problem: { readonly since: string } | undefined;
};

type Options = {
  readonly region: string;
  readonly subjectKey: Uint8Array;
  readonly send: SendDecisions;
  /** Decisions that may wait. */
  readonly queueMax: number;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "decisionsRecorded" | "decisionsQueued">;
  /** How long `close` tries to send what is queued. Default 5,000. */
  readonly closeMsMax?: number;
  /** After so long without a decision the chain says that it is still there. Default 60,000. */
  readonly checkpointMs?: number;
};

const batchMax = 500;
/** What Kafka takes as one message by default is 1 MB. */
const batchCharactersMax = 500_000;
/** Decisions wait at most this long to be sent together. */
const gatherMs = 200;
const retryMsMax = 5_000;

export function createDecisionLog(options: Options): DecisionLog {
  const { region, subjectKey, send, queueMax, log, metrics } = options;
  const { closeMsMax = 5_000, checkpointMs = 60_000 } = options;
  const chain = createDecisionChain({ region, subjectKey });
  const queue = createDecisionQueue(queueMax);
  let problem: DecisionLogHealth["problem"];
  let unsent: DecisionBatch | undefined;
  let saidAt = 0;
  let isClosing = false;
  let isGivenUp = false;
  let wake = () => {};

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  async function sendUnsent(): Promise<void> {
    for (let waitMs = gatherMs; unsent && !isGivenUp; waitMs = Math.min(2 * waitMs, retryMsMax)) {
      try {
        await send(unsent);
        unsent = undefined;
        if (problem) log.info({ chain: chain.id }, "decisions are recorded again");
        problem = undefined;
      } catch (cause) {
        if (!problem)
          log.error({ chain: chain.id, cause: describeCause(cause) }, "decisions cannot be recorded");
        problem ??= { since: new Date().toISOString() };
        metrics.decisionsQueued(queue.length());
        if (!isGivenUp) await pause(isClosing ? gatherMs : waitMs);
      }
    }
  }

  async function append(say?: "started" | "checkpoint" | "ended"): Promise<void> {
    const lost = queue.takeLost();
    const told = await chain.append({
      decisions: queue.take(batchMax, batchCharactersMax),
      lost,
      ...(say && { say }),
    });
    if (!told) return;
    unsent = told.batch;
    saidAt = Date.now();
    metrics.decisionsRecorded({ kept: told.kept, skipped: told.skipped, lost: lost.allowed + lost.others });
    if (lost.allowed + lost.others > 0) log.error({ chain: chain.id, ...lost }, "decisions lost");
    await sendUnsent();
  }

  async function run(): Promise<void> {
    await append("started");
    while (!isClosing) {
      if (queue.length() < batchMax) await pause(gatherMs);
      metrics.decisionsQueued(queue.length());
      await append(Date.now() - saidAt > checkpointMs ? "checkpoint" : undefined);
    }
    while (queue.length() > 0 && !isGivenUp) await append();
    await append("ended");
  }

  const running = run();
  return {
    record: (decisions) => {
      queue.add(decisions);
      if (queue.length() === batchMax) wake();
    },
    assertRoom: () => {
      if (queue.isFull())
        throw new AppError(
          "DECISION_LOG_FULL",
          503,
          "Too many decisions wait to be put on record; try again in a moment.",
        );
    },
    health: () => ({ chain: chain.id, queued: queue.length(), problem }),
    close: async () => {
      isClosing = true;
      const timer = setTimeout(() => {
        isGivenUp = true;
        wake();
      }, closeMsMax);
      wake();
      await running;
      clearTimeout(timer);
      if (unsent) log.error({ chain: chain.id, queued: queue.length() }, "decisions not recorded at the end");
    },
  };
}
