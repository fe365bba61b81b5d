/** Who takes part: of those that offered themselves lately, a third more than are wanted, drawn by lot. */
import { createHash } from "node:crypto";
import type { TrainedRun } from "../../db/rounds.ts";
import { offerMs, quorumOf, selectedCount } from "../../domain/rounds/runTask.ts";
import type { Coordination } from "../coordinateRuns.ts";
import { moveRound } from "./moveRound.ts";

export function selectParticipants(
  coordination: Coordination,
  run: TrainedRun,
  roundId: string,
): Promise<boolean> {
  return moveRound(coordination, roundId, "OPEN", async (queries) => {
    const since = new Date(Date.now() - offerMs);
    const offered = await queries.findParticipants(run.task.dataset, run.regionCodes, since);
    // Too few for a quorum: wait for more rather than start what cannot end well.
    if (offered.length < quorumOf(run.task.wanted)) return undefined;
    const chosen = offered
      .map((participant) => ({ participant, lot: lotOf(roundId, participant.name) }))
      .sort((a, b) => (a.lot < b.lot ? -1 : 1))
      .slice(0, selectedCount(run.task.wanted))
      .map(({ participant }) => participant);
    await queries.selectParticipants(
      chosen.map(({ name, regionCode, samples, dataFrom, dataTo }) => ({
        roundId,
        participant: name,
        regionCode,
        samples,
        dataFrom,
        dataTo,
      })),
    );
    return { status: "SELECTED" };
  });
}

/** Another order each round, the same one for whoever repeats this step. */
function lotOf(roundId: string, participant: string): string {
  return createHash("sha256")
    .update(JSON.stringify([roundId, participant]))
    .digest("hex");
}
