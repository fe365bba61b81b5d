/** Privacy is paid before anything is trained: a trainer that dies afterwards may have sent its update already. */

import { type TrainedRun, toSplit } from "../../db/rounds.ts";
import type { RoundQueries } from "../../db/transact.ts";
import { judgeSpending } from "../../domain/privacy/privacyBudget.ts";
import type { RunTask } from "../../domain/rounds/runTask.ts";
import { findScheme } from "../../domain/rounds/secureTask.ts";
import type { Coordination } from "../coordinateRuns.ts";
import { finishRun } from "./finishRun.ts";
import { abortWith, moveRound } from "./moveRound.ts";

export function startTraining(
  coordination: Coordination,
  run: TrainedRun,
  roundId: string,
): Promise<boolean> {
  return moveRound(coordination, roundId, "SELECTED", async (queries) => {
    const { task } = run;
    const overspent = task.privacy && (await reserve(queries, task, task.privacy, roundId));
    if (overspent) {
      await finishRun(queries, run, "COMPLETED", overspent);
      return abortWith("PRIVACY_BUDGET_SPENT", overspent);
    }
    return {
      status: "TRAINING",
      stage: findScheme(task.aggregation)?.stages[0] ?? null,
      deadlineAt: new Date(Date.now() + task.deadlineMs),
    };
  });
}

/** Reserves for every group of data subjects that the chosen regions hold; text when one of them cannot pay. */
async function reserve(
  queries: RoundQueries,
  task: RunTask,
  { samplingRate, noiseMultiplier, steps, epsilon, delta }: NonNullable<RunTask["privacy"]>,
  roundId: string,
): Promise<string | null> {
  await queries.lockLedger();
  const selected = await queries.findSelected(roundId);
  const regionCodes = [...new Set(selected.map(({ regionCode }) => regionCode))];
  const groups = await queries.findSubjectGroups(toSplit(task), regionCodes);
  const ledger = await queries.findLedger(groups);
  const proposed = { samplingRate, noiseMultiplier, steps };
  for (const group of groups) {
    const spent = ledger.filter(({ subjectGroup }) => subjectGroup === group);
    const { isWithin, after } = judgeSpending(spent, proposed, { epsilon, delta });
    if (!isWithin)
      return `the next round would spend ε ${after.epsilon.toFixed(3)} of ${group}, whose budget is ${epsilon}`;
  }
  await queries.reserveBudget(groups.map((subjectGroup) => ({ roundId, subjectGroup, ...proposed })));
  return null;
}
