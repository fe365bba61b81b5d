/**
 * A planner on worker threads. Planners are synchronous and some operations take them minutes, so none runs on the
 * thread that serves: an operation that needs too long costs its thread, which is replaced, and nobody else anything.
 */
import { createHash } from "node:crypto";
import type { Worker } from "node:worker_threads";
import { type DocumentNode, print } from "graphql";
import { LRUCache } from "lru-cache";
import { AppError } from "../../errors.ts";
import { openThread } from "../../threads/openThread.ts";
import type { Planner } from "./planner.ts";
import type { PlanningReport, PlanningThreadData } from "./planningThread.ts";
import type { QueryPlan } from "./queryPlan.ts";

export type PlannerPoolOptions = PlanningThreadData & PlanningLimits;

export type PlanningLimits = {
  /** Each holds the supergraph and plans one operation at a time. */
  readonly threads: number;
  /** For one operation; the same again is how long it may wait for a thread. */
  readonly timeoutMs: number;
  /** Operations that wait for a thread; what comes beyond is refused with PLANNING_OVERLOADED. */
  readonly waitingMax: number;
};

export type PlannerPool = Planner & {
  /** Resolves when every thread has read the supergraph; rejects when one cannot. */
  readonly ready: Promise<void>;
  /** Ends the threads; what is being planned is rejected. */
  readonly close: () => Promise<void>;
};

type Job = {
  readonly text: string;
  readonly resolve: (plan: QueryPlan) => void;
  readonly reject: (error: Error) => void;
  timer: NodeJS.Timeout | undefined;
};

/** Refused at once for this long: a client that repeats a hopeless operation gets no thread for it each time. */
const hopelessMs = 60_000;
const hopelessMax = 10_000;
/** A thread that cannot start (no memory) is tried again after this. */
const reopenMs = 1_000;

/** The planner it is for rejects with PLANNING_TIMEOUT and PLANNING_OVERLOADED besides what the planner itself says. */
export function createPlannerPool(options: PlannerPoolOptions): PlannerPool {
  const { threads: size, timeoutMs, waitingMax } = options;
  const hopeless = new LRUCache<string, true>({ max: hopelessMax, ttl: hopelessMs });
  const threads = new Set<Thread>();
  const waiting: Job[] = [];
  let isClosed = false;

  /** Opens a thread and keeps one in its place until the pool closes. */
  const open = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const thread = openPlanningThread(options, {
        onReady: () => {
          resolve();
          assign(thread);
        },
        onFree: assign,
        onGone: (cause) => {
          threads.delete(thread);
          reject(cause);
          const { job } = thread;
          if (job) giveUp(job);
          if (isClosed) return;
          if (job) reopen();
          else setTimeout(reopen, reopenMs).unref();
        },
      });
      threads.add(thread);
    });
  const reopen = () => {
    if (!isClosed) open().catch(() => {});
  };

  function assign(thread: Thread): void {
    const job = waiting.shift();
    if (!job) return;
    clearTimeout(job.timer);
    job.timer = setTimeout(() => void thread.worker.terminate(), timeoutMs);
    thread.start(job);
  }

  /** The thread is gone: terminated at the deadline, or out of memory. The operation would do the same to the next. */
  function giveUp(job: Job): void {
    clearTimeout(job.timer);
    if (!isClosed) hopeless.set(hashOf(job.text), true);
    job.reject(isClosed ? closed() : timedOut(timeoutMs));
  }

  const opening = Promise.all(Array.from({ length: size }, open)).then(() => {});
  // Whoever waits for it is told; nobody has to.
  opening.catch(() => {});

  return {
    ready: opening,

    plan: (document: DocumentNode) => {
      const text = print(document);
      if (isClosed) return Promise.reject(closed());
      if (hopeless.has(hashOf(text))) return Promise.reject(timedOut(timeoutMs));
      if (waiting.length >= waitingMax) return Promise.reject(overloaded());
      return new Promise((resolve, reject) => {
        const job: Job = { text, resolve, reject, timer: undefined };
        job.timer = setTimeout(() => {
          waiting.splice(waiting.indexOf(job), 1);
          reject(overloaded());
        }, timeoutMs);
        waiting.push(job);
        for (const thread of threads) if (thread.isFree()) return assign(thread);
      });
    },

    close: async () => {
      isClosed = true;
      for (const { reject, timer } of waiting.splice(0)) {
        clearTimeout(timer);
        reject(closed());
      }
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}

type Thread = {
  readonly worker: Worker;
  readonly isFree: () => boolean;
  readonly start: (job: Job) => void;
  /** What it plans now. */
  job: Job | undefined;
};

type ThreadEvents = {
  readonly onReady: () => void;
  readonly onFree: (thread: Thread) => void;
  readonly onGone: (cause: unknown) => void;
};

function openPlanningThread(
  { sdl, planner }: PlanningThreadData,
  { onReady, onFree, onGone }: ThreadEvents,
): Thread {
  const data: PlanningThreadData = { sdl, planner };
  const worker = openThread(new URL("./planningThread", import.meta.url), data);
  let isReady = false;
  let cause: unknown = new Error("the planning thread ended");
  const thread: Thread = {
    worker,
    job: undefined,
    isFree: () => isReady && thread.job === undefined,
    start: (job) => {
      thread.job = job;
      worker.postMessage(job.text);
    },
  };
  worker.on("message", (report: PlanningReport) => {
    if (report.kind === "ready") {
      isReady = true;
      // An idle planner does not keep a process alive; a job's timer does.
      worker.unref();
      return onReady();
    }
    const { job } = thread;
    thread.job = undefined;
    clearTimeout(job?.timer);
    if (report.kind === "failed") job?.reject(new Error(report.reason));
    // The thread printed it from a QueryPlan.
    else job?.resolve(JSON.parse(report.plan) as QueryPlan);
    onFree(thread);
  });
  worker.on("error", (thrown) => {
    cause = thrown;
  });
  worker.on("exit", () => onGone(cause));
  return thread;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

function timedOut(timeoutMs: number): AppError {
  return new AppError(
    "PLANNING_TIMEOUT",
    503,
    `Expected a plan within ${timeoutMs} ms; this operation needs longer.`,
  );
}

function overloaded(): AppError {
  return new AppError("PLANNING_OVERLOADED", 503, "Too many new operations wait to be planned; try again.");
}

function closed(): Error {
  return new Error("the planner of this supergraph is closed");
}
