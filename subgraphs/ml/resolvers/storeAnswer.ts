/** An answer to a stage of a secure sum. The first one counts: a second would let a participant be asked twice. */

import type { RoundQueries } from "../db/transact.ts";
import type { Db } from "../db.ts";
import type { Refusal } from "../domain/gate/refusal.ts";
import { UpdateRefused } from "../domain/gate/refusal.ts";
import { unpackMessage } from "../domain/secureAggregation/packMessage.ts";
import { type Message, SecureSumError } from "../domain/secureAggregation/secureSum.ts";
import { answerBytesMax, readPayload } from "./storePiece.ts";

export function storeAnswer(
  db: Db,
  roundId: string,
  participant: string,
  stage: string,
  answer: Message | { readonly upload: string },
): Promise<Refusal | undefined> {
  return db.transactRound(async (queries) => {
    const round = await queries.findRoundForUpdate(roundId);
    const selection = round && (await queries.findSelection(roundId, participant));
    if (!selection)
      return {
        code: "NOT_SELECTED",
        message: `expected one of those chosen for the round, came ${participant}`,
      };
    if (await queries.hasAnswer(roundId, stage, participant)) return undefined;
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
    const parts = await readParts(queries, roundId, participant, answer);
    if ("refusal" in parts) return parts.refusal;
    const most = await answerBytesMax(queries, round.baseHash);
    const size = Object.values(parts.message).reduce((sum, part) => sum + part.byteLength, 0);
    if (size > most) return { code: "TOO_LARGE", message: `expected at most ${most} bytes, came ${size}` };
    await queries.insertAnswer(roundId, stage, participant, parts.message);
    await queries.deletePieces(roundId, participant);
    return undefined;
  });
}

async function readParts(
  queries: RoundQueries,
  roundId: string,
  participant: string,
  answer: Message | { readonly upload: string },
): Promise<{ readonly message: Message } | { readonly refusal: Refusal }> {
  if (!isUpload(answer)) return { message: answer };
  try {
    return { message: unpackMessage(await readPayload(queries, roundId, participant, answer)) };
  } catch (thrown) {
    if (thrown instanceof UpdateRefused) return { refusal: thrown.refusal };
    if (thrown instanceof SecureSumError)
      return { refusal: { code: "UNDECODABLE", message: thrown.message } };
    throw thrown;
  }
}

/** Parts are bytes; only the hash of an upload is text. */
function isUpload(answer: Message | { readonly upload: string }): answer is { readonly upload: string } {
  return typeof answer.upload === "string";
}
