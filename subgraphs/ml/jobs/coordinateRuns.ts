/**
 * Leads every federated run from round to round. All state is in PostgreSQL and every step is one transaction that holds
 * the lease, so a coordinator may die anywhere and the next one goes on; a second one at the same time can write nothing.
 *
 *   OPEN → SELECTED → TRAINING → AGGREGATING → VALIDATING → COMMITTED, and ABORTED from anywhere
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { type Lease, LeaseLost } from "../db/lease.ts";
import type { TrainedRun } from "../db/rounds.ts";
import type { Db } from "../db.ts";
import { aggregateRound } from "./coordination/aggregateRound.ts";
import { closeTraining } from "./coordination/closeTraining.ts";
import { openRound } from "./coordination/openRound.ts";
import { selectParticipants } from "./coordination/selectParticipants.ts";
import { startTraining } from "./coordination/startTraining.ts";
import { validateRound } from "./coordination/validateRound.ts";

export type CoordinatorOptions = {
  readonly db: Db;
  readonly log: Logger;
  /** Leads the runs of this region only. */
  readonly region: string;
  /** How long it rests when nothing can be done. Default 500. */
  readonly pollMs?: number;
  /** Another one may take over when this one has not been heard for so long. Default 10,000. */
  readonly leaseMs?: number;
};

export type Coordinator = {
  /** Finishes the step under way and lets go of the lease. */
  readonly stop: () => Promise<void>;
};

export const leaseName = "federated-coordinator";

export function startCoordinator({
  db,
  log,
  region,
  pollMs = 500,
  leaseMs = 10_000,
}: CoordinatorOptions): Coordinator {
  const holder = randomUUID();
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = lead();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };

  async function lead(): Promise<void> {
    let lease: Lease | undefined;
    while (!signal.aborted) {
      let hasMoved = false;
      try {
        const isNeeded = await db.hasTrainedRuns(region);
        lease = isNeeded ? await db.takeLease(leaseName, holder, leaseMs) : undefined;
        if (lease) hasMoved = await advanceRuns({ db, lease, log, region });
      } catch (error) {
        if (!(error instanceof LeaseLost))
          log.warn({ err: error }, "federated round broke off and will go on");
      }
      if (!hasMoved) await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
    if (lease) await db.releaseLease(lease).catch(() => undefined);
  }
}

export type Coordination = {
  readonly db: Db;
  readonly lease: Lease;
  readonly log: Logger;
  readonly region: string;
};

/** One step of every run that can take one; false when all of them wait. */
export async function advanceRuns(coordination: Coordination): Promise<boolean> {
  let hasMoved = false;
  for (const run of await coordination.db.findTrainedRuns(coordination.region))
    if (await advanceRun(coordination, run)) hasMoved = true;
  return hasMoved;
}

async function advanceRun(coordination: Coordination, run: TrainedRun): Promise<boolean> {
  const round = await coordination.db.findLastRound(run.id);
  switch (round?.status) {
    case "OPEN":
      return selectParticipants(coordination, run, round.id);
    case "SELECTED":
      return startTraining(coordination, run, round.id);
    case "TRAINING":
      return closeTraining(coordination, run, round.id);
    case "AGGREGATING":
      return aggregateRound(coordination, run, round.id);
    case "VALIDATING":
      return validateRound(coordination, run, round.id);
    default:
      return openRound(coordination, run, round?.number ?? 0);
  }
}
