/** An answer to a stage of a secure sum. The first one counts: a second would let a participant be asked twice. */
import type { Db } from "../db.ts";
import type { Refusal } from "../domain/gate/refusal.ts";
import { sizeOf } from "../domain/models/parameters.ts";
import type { Message } from "../domain/secureAggregation/secureSum.ts";

/** An encrypted vector is 7.5 times as long as the floats; with room for keys and shares. */
const bytesFactor = 10;
const bytesBeside = 256 * 1_024;

export function storeAnswer(
  db: Db,
  roundId: string,
  participant: string,
  stage: string,
  parts: Message,
): Promise<Refusal | undefined> {
  return db.transactRound(async (queries) => {
    const round = await queries.findRoundForUpdate(roundId);
    const selection = round && (await queries.findSelection(roundId, participant));
    if (!selection)
      return {
        code: "NOT_SELECTED",
        message: `expected one of those chosen for the round, came ${participant}`,
      };
    const isOpen =
      round.status === "TRAINING" &&
      round.stage === stage &&
      round.deadlineAt !== null &&
      round.deadlineAt.getTime() > Date.now();
    if (!isOpen)
      return {
        code: "ROUND_CLOSED",
        message: `expected an answer to ${round.stage ?? "no stage"} of a round in TRAINING, came one to ${stage} in ${round.status}`,
      };
    const base = round.baseHash === null ? null : await queries.findParameters(round.baseHash);
    const most = bytesFactor * 4 * sizeOf(base?.manifest ?? []) + bytesBeside;
    const size = Object.values(parts).reduce((sum, part) => sum + part.byteLength, 0);
    if (size > most) return { code: "TOO_LARGE", message: `expected at most ${most} bytes, came ${size}` };
    await queries.insertAnswer(roundId, stage, participant, parts);
    return undefined;
  });
}
