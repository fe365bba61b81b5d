/**
 * Runs connectors when they are due, one at a time in this process. Processes share them by leases: whoever takes one
 * gets the next number of it, and progress is written only under the newest number, so a process that hung and wakes up
 * moves nothing back. Rows themselves are upserts: writing them twice changes nothing.
 */
import type { Logger } from "pino";
import { type Job, repeatUntilStopped } from "../../../shared/repeatUntilStopped.ts";
import type { ConnectorQueries, DueConnector } from "../../db/connectors.ts";
import type { ImportQueries } from "../../db/imports.ts";
import { ImportError } from "../importers/importError.ts";
import type { ConnectorConfig } from "./config.ts";
import { LeaseLost, type Run } from "./connector.ts";
import { findImporter, runConnector } from "./runConnector.ts";

export type ConnectorOptions = {
  readonly db: ConnectorQueries & ImportQueries;
  readonly regionCode: string;
  readonly config: ConnectorConfig;
  readonly log: Logger;
  /** How often it looks for what is due. Default 5,000. */
  readonly pollMs?: number;
  /** Whoever says nothing for this long has lost the connector. Default 60,000. */
  readonly leaseMs?: number;
};

const timeoutMs = 600_000;
const firstPauseMs = 30_000;

/** Stopping breaks off what is under way after the file that it is at. */
export function startConnectors(options: ConnectorOptions): Job {
  const { db, log, pollMs = 5_000, leaseMs = 60_000 } = options;
  return repeatUntilStopped(
    async (signal) => {
      const due = await db.takeDueConnector(leaseMs);
      if (due === null) return pollMs;
      await work(due, signal);
      return 0;
    },
    (error) => {
      log.warn({ err: error }, "connectors could not be looked up and will be again");
      return pollMs;
    },
  );

  async function work(due: DueConnector, stopping: AbortSignal): Promise<void> {
    const lost = new AbortController();
    const beat = setInterval(() => {
      db.keepConnector(due, leaseMs).then(
        (isKept) => void (isKept || lost.abort()),
        // Away for a moment, it may be; when for longer, the lease runs out and progress is refused.
        () => undefined,
      );
    }, leaseMs / 3);
    try {
      const { written, hasMore } = await runConnector(
        toRun(options, due, AbortSignal.any([lost.signal, stopping])),
      );
      await db.finishConnector(due, { outcome: written > 0 ? "CHANGED" : "UNCHANGED", isDue: hasMore });
      log.info({ connector: due.code, written }, "connector ran");
    } catch (error) {
      if (error instanceof LeaseLost) log.warn({ connector: due.code }, "connector was taken over");
      else await fail(due, error);
    } finally {
      clearInterval(beat);
    }
  }

  async function fail(due: DueConnector, error: unknown): Promise<void> {
    const isTheirs = error instanceof ImportError;
    const reason = isTheirs ? error.message : "an internal error occurred";
    log.warn({ connector: due.code, err: error }, "connector failed and will be run again");
    await db.failConnector(due, { reason, pauseMs: pauseMsOf(due, isTheirs ? error.retryAfterMs : null) });
  }
}

/** Doubles with each failure up to the connector's own interval, and is never shorter than the source asks for. */
export function pauseMsOf(
  { failures, everySeconds }: Pick<DueConnector, "failures" | "everySeconds">,
  retryAfterMs: number | null,
): number {
  const backOffMs = Math.min(everySeconds * 1_000, firstPauseMs * 2 ** Math.min(failures, 20));
  // Half of it is chance, so that processes and sources do not fall into step.
  const jittered = backOffMs * (0.5 + Math.random() / 2);
  return Math.round(Math.max(retryAfterMs ?? 0, jittered));
}

function toRun(
  { db, regionCode, config, log }: ConnectorOptions,
  due: DueConnector,
  signal: AbortSignal,
): Run {
  return {
    connector: due,
    importer: findImporter(due.importer, due.sourceCode, due.source),
    target: { db, log, regionCode, now: new Date() },
    fetching: {
      timeoutMs,
      allowPrivate: config.allowPrivate,
      authorization: config.authorization[due.code],
    },
    signal,
    save: async (progress) => {
      if (!(await db.moveConnector(due, progress))) throw new LeaseLost(`another process runs ${due.code}`);
    },
  };
}
