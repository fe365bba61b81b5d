/** One federated run from its start to its end, with a trainer for each region and the coordinator in this process. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { createSeededRandom } from "../../../shared/seededRandom.ts";
import type { Db } from "../../db.ts";
import { runTask } from "../../domain/rounds/runTask.ts";
import { advanceRuns, leaseName } from "../coordinateRuns.ts";
import { type RunStart, startRun } from "../coordination/startRun.ts";
import { createOwnExamples } from "../training/ownExamples.ts";
import { createStoredGraph } from "../training/storedGraph.ts";
import { createTurns, type TurnOptions } from "../training/takeTurns.ts";

/** While somebody else leads. */
const restMs = 200;
const turnsMax = 2_000;

export async function trainOnce(db: Db, run: RunStart, log: Logger): Promise<void> {
  const task = runTask.parse(run.task);
  const trainers = run.regionCodes.map((region) => {
    const name = `seed-${region}`;
    return createTurns({
      graph: createStoredGraph(db, {
        trainer: name,
        coordinatedBy: run.coordinatedBy,
        tenant: "public",
        owner: "seed",
      }),
      region,
      dataset: task.dataset,
      examples: createOwnExamples(db, task.dataset, region),
      log: log.child({ trainer: name }, { level: "warn" }),
      randomFor: createRandomFor(name),
    });
  });
  const id = await db.transactRound((queries) => startRun(queries, run));
  for (let turn = 0; turn < turnsMax; turn += 1) {
    for (const trainer of trainers) await trainer.offer();
    const lease = await db.takeLease(leaseName, `seed-${id}`, 60_000);
    if (lease) {
      await advanceRuns({ db, lease, log, region: run.coordinatedBy });
      await db.releaseLease(lease);
    } else await sleep(restMs);
    for (const trainer of trainers) await trainer.work();
    const [state] = await db.findFederatedRunsById([id]);
    if (state?.status === "RUNNING") continue;
    for (const trainer of trainers) await trainer.leave();
    // Data of which nothing can be learned: the graph then says that there is no version.
    if (state?.status === "ABORTED") log.warn({ reason: state.stopReason }, "the seed's run was aborted");
    return;
  }
  throw new Error(`expected the seed's run to end within ${turnsMax} turns; it goes on`);
}

/** The same for the same seed, and another one when a round has to begin again from the same weights. */
function createRandomFor(name: string): TurnOptions["randomFor"] {
  const tries = new Map<string, number>();
  return ({ weightsHash }) => {
    const count = (tries.get(weightsHash) ?? 0) + 1;
    tries.set(weightsHash, count);
    return createSeededRandom(`${name}/${weightsHash}/${count}`).next;
  };
}
