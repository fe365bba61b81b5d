/**
 * Keeps what versions say of countries: every version that stands under an alias or is on trial says it once for each window,
 * so that one in the shadow is recorded beside the champion, and a flip of an alias finds all predictions made. When a
 * horizon is over it is noted what came, and running experiments are judged by that.
 */
import type { Logger } from "pino";
import { type Job, repeatUntilStopped } from "../../shared/repeatUntilStopped.ts";
import type { StoredExperiment } from "../db/experiments.ts";
import type { Db } from "../db.ts";
import { countrySignals } from "../domain/examples/countrySignals.ts";
import { judgeExperiment } from "../domain/experiments/judgeExperiment.ts";
import { splitLosses } from "../domain/experiments/splitLosses.ts";
import { predictWindow } from "../domain/registry/predictWindow.ts";
import type { LoadedVersions } from "../loadedVersions.ts";

type Options = {
  readonly db: Db;
  readonly versions: LoadedVersions;
  readonly log: Logger;
  /** How long it rests when nothing is to be predicted. Default 5,000. */
  readonly pollMs?: number;
};

/** In one statement, at most. */
const batchMax = 500;

export function startKeepingPredictions({ db, versions, log, pollMs = 5_000 }: Options): Job {
  return repeatUntilStopped(
    async () => ((await keepOnce(db, versions, new Date(), log)) ? 0 : pollMs),
    (error) => {
      log.warn({ err: error }, "keeping predictions broke off and will go on");
      return pollMs;
    },
  );
}

/** False when every version has said what it can. */
export async function keepOnce(db: Db, versions: LoadedVersions, now: Date, log: Logger): Promise<boolean> {
  const stored = await predictMissing(db, versions, now);
  await db.judgePredictions(now, countrySignals.severityMin);
  for (const experiment of await db.findAllRunningExperiments()) await judge(db, experiment, now, log);
  return stored > 0;
}

/** Answers how many were made. */
async function predictMissing(db: Db, versions: LoadedVersions, now: Date): Promise<number> {
  const missing = await db.findMissingPredictions(batchMax);
  const rows = [];
  for (const { versionId, ...window } of missing) {
    const model = await versions.load(versionId);
    if (model) rows.push(predictWindow(versionId, model, window, now));
  }
  if (rows.length > 0) await db.insertPredictions(rows);
  return rows.length;
}

async function judge(db: Db, experiment: StoredExperiment, now: Date, log: Logger): Promise<void> {
  if (!experiment.rules) return;
  const { control, treatment } = splitLosses(experiment, await db.findLosses(experiment));
  const { decision, difference, pValue } = judgeExperiment(control, treatment, experiment.rules);
  await db.storeVerdict(experiment.id, {
    difference: control.count > 0 && treatment.count > 0 ? difference : null,
    pValue,
    controlCount: control.count,
    treatmentCount: treatment.count,
    judgedAt: now.toISOString(),
  });
  if (decision === "CONTINUE") return;
  const status = { ADOPT: "ADOPTED", REJECT: "REJECTED", STOPPED_BY_GUARDRAIL: decision }[decision];
  await db.endExperiment(experiment.id, { status, finishedAt: now, stoppedBy: "sequential test" });
  log.info({ experimentId: experiment.id, status, difference, pValue }, "experiment ended");
}
