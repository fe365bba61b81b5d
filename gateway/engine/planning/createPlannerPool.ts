/**
 * A planner on workers. Planners are synchronous and some operations take them minutes, or crash them, so none runs on
 * the thread that serves: such an operation costs its worker, which is replaced, and nobody else anything.
 */
import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import type { DocumentNode } from "graphql";
import { LRUCache } from "lru-cache";
import { AppError } from "../../errors.ts";
import { type OpenedWorker, openWorker } from "../../workers/openWorker.ts";
import type { PlannerName } from "./createPlanner.ts";
import type { Planner } from "./planner.ts";
import type { PlanningReport, PlanningTask, PlanningWorkerData } from "./planningWorker.ts";
import { printOnce } from "./printOnce.ts";
import type { QueryPlan } from "./queryPlan.ts";

export type PlannerPoolOptions = PlanningWorkerData & PlanningLimits;

export type PlanningLimits = {
  /**
   * At most; each holds the supergraph and plans one operation at a time. One is opened at once; others when operations
   * wait and either there is a core for one more, or what is being planned takes long.
   */
  readonly workers: number;
  /** For one operation; the same again is how long it may wait for a worker, a few times that while the first one starts. */
  readonly timeoutMs: number;
  /** Operations that wait for a worker; what comes beyond is refused with PLANNING_OVERLOADED. */
  readonly waitingMax: number;
};

export type PlannerPool = Planner & {
  /** Resolves when the first worker has read the supergraph; rejects when it cannot. */
  readonly ready: Promise<void>;
  /** Ends the workers; what is being planned is rejected. */
  readonly close: () => Promise<void>;
};

type Job = {
  readonly text: string;
  /** Another one, after the first has crashed on it. */
  planner: PlannerName;
  readonly resolve: (plan: QueryPlan) => void;
  readonly reject: (error: Error) => void;
  timer: NodeJS.Timeout | undefined;
};

/** Refused at once for this long: a client that repeats a hopeless operation gets no worker for it each time. */
const hopelessMs = 60_000;
const hopelessMax = 10_000;
/** Planning mostly takes milliseconds. Whoever waits behind something longer gets a worker whatever the cores. */
const slowMs = 250;
/** How many times the wait for a worker may pass again while none has started. */
const startsWaitedFor = 3;
/** A worker that cannot start (no memory) is tried again after this. */
const reopenMs = 1_000;

/** The planner it is for rejects with PLANNING_TIMEOUT and PLANNING_OVERLOADED besides what the planner itself says. */
export function createPlannerPool(options: PlannerPoolOptions): PlannerPool {
  const { workers: workersMax, timeoutMs, waitingMax, planner } = options;
  const hopeless = new LRUCache<string, true>({ max: hopelessMax, ttl: hopelessMs });
  const workers = new Set<PlanningWorker>();
  const waiting: Job[] = [];
  let isClosed = false;

  const open = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = openPlanningWorker(options, {
        onReady: () => {
          resolve();
          assign(worker);
        },
        onFree: assign,
        onEnd: (cause) => {
          workers.delete(worker);
          reject(cause ?? new Error("the planning worker ended"));
          if (worker.job) endJob(worker.job, worker.isOverdue);
          if (worker.isReady) openIfNeeded();
          else setTimeout(openIfNeeded, reopenMs).unref();
        },
      });
      workers.add(worker);
    });
  /** One is always there, so that the next operation need not wait for it to start. */
  function openIfNeeded(): void {
    if (isClosed || workers.size >= workersMax) return;
    const isWorthIt = workers.size < availableParallelism() || [...workers].some(isSlow);
    if (workers.size === 0 || (waiting.length > 0 && isWorthIt)) open().catch(() => {});
  }

  function assign(worker: PlanningWorker): void {
    const job = waiting.shift();
    if (!job) return;
    clearTimeout(job.timer);
    job.timer = setTimeout(() => {
      worker.isOverdue = true;
      void worker.end();
    }, timeoutMs);
    worker.start(job);
    setTimeout(openIfNeeded, slowMs + 1).unref();
  }

  /** Its worker has ended: at the deadline, out of memory, or because the planner crashed. */
  function endJob(job: Job, isOverdue: boolean): void {
    clearTimeout(job.timer);
    if (isClosed) job.reject(closed());
    else if (job.planner === "hive" && !isOverdue) {
      job.planner = "apollo";
      wait(job);
    } else {
      hopeless.set(hashOf(job.text), true);
      job.reject(timedOut(timeoutMs));
    }
  }

  function wait(job: Job): void {
    waiting.push(job);
    limitWait(job, startsWaitedFor);
  }

  function limitWait(job: Job, startsLeft: number): void {
    job.timer = setTimeout(() => {
      // While the only worker starts, nobody could have planned it: on a busy machine that takes seconds.
      const isStarting = workers.size > 0 && [...workers].every(({ isReady }) => !isReady);
      if (isStarting && startsLeft > 0) return limitWait(job, startsLeft - 1);
      waiting.splice(waiting.indexOf(job), 1);
      job.reject(overloaded());
    }, timeoutMs);
  }

  const opening = open();
  // Whoever waits for it is told; nobody has to.
  opening.catch(() => {});

  return {
    ready: opening,

    plan: (document: DocumentNode) => {
      const text = printOnce(document);
      if (isClosed) return Promise.reject(closed());
      if (hopeless.size > 0 && hopeless.has(hashOf(text))) return Promise.reject(timedOut(timeoutMs));
      if (waiting.length >= waitingMax) return Promise.reject(overloaded());
      return new Promise((resolve, reject) => {
        const job: Job = { text, planner, resolve, reject, timer: undefined };
        wait(job);
        for (const worker of workers) if (worker.isReady && !worker.job) return assign(worker);
        openIfNeeded();
      });
    },

    close: async () => {
      isClosed = true;
      for (const { reject, timer } of waiting.splice(0)) {
        clearTimeout(timer);
        reject(closed());
      }
      await Promise.all([...workers].map((worker) => worker.end()));
    },
  };
}

type PlanningWorker = Pick<OpenedWorker, "end"> & {
  readonly start: (job: Job) => void;
  isReady: boolean;
  isOverdue: boolean;
  /** What it plans now, and since when. */
  job: Job | undefined;
  startedAt: number;
};

function isSlow({ job, startedAt }: PlanningWorker): boolean {
  return job !== undefined && performance.now() - startedAt >= slowMs;
}

type WorkerEvents = {
  readonly onReady: () => void;
  readonly onFree: (worker: PlanningWorker) => void;
  readonly onEnd: (cause: unknown) => void;
};

function openPlanningWorker({ sdl, planner }: PlannerPoolOptions, events: WorkerEvents): PlanningWorker {
  const data: PlanningWorkerData = { sdl, planner };
  const kind = planner === "hive" ? "process" : "thread";
  const opened = openWorker(kind, new URL("./planningWorker", import.meta.url), data);
  const worker: PlanningWorker = {
    end: opened.end,
    isReady: false,
    isOverdue: false,
    job: undefined,
    startedAt: 0,
    start: (job) => {
      worker.job = job;
      worker.startedAt = performance.now();
      const task: PlanningTask = { operation: job.text, planner: job.planner };
      opened.post(task);
    },
  };
  opened.onMessage((message) => {
    // `planningWorker` sends nothing else.
    const report = message as PlanningReport;
    if (report.kind === "ready") {
      worker.isReady = true;
      // An idle planner does not keep a process alive; a job's timer does.
      opened.unref();
      return events.onReady();
    }
    const { job } = worker;
    worker.job = undefined;
    clearTimeout(job?.timer);
    if (report.kind === "failed") job?.reject(new Error(report.reason));
    // The worker printed it from a QueryPlan.
    else job?.resolve(JSON.parse(report.plan) as QueryPlan);
    events.onFree(worker);
  });
  opened.onEnd(events.onEnd);
  return worker;
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
