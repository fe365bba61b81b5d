/** An update of a participant, judged and stored whatever comes of it; the same attempt again answers the same. */

import type { RoundQueries } from "../db/transact.ts";
import type { Db } from "../db.ts";
import { type Refusal, type RefusalCode, refusalCodes, UpdateRefused } from "../domain/gate/refusal.ts";
import { toBytes } from "../domain/models/parameters.ts";
import {
  type Circumstances,
  hashPayload,
  type Received,
  receiveUpdate,
  type SentUpdate,
} from "../domain/rounds/receiveUpdate.ts";
import { type Payload, readPayload } from "./storePiece.ts";

export type UpdateAnswer =
  | { readonly kind: "ACCEPTED"; readonly isClipped: boolean }
  | { readonly kind: "REFUSED"; readonly code: RefusalCode; readonly message: string }
  /** There is no such round, or none that takes updates at all. */
  | { readonly kind: "UNKNOWN_ROUND" };

/** Rounds whose norms say what is usual. */
const normRounds = 3;

export function storeUpdate(
  db: Db,
  roundId: string,
  update: Omit<SentUpdate, "payload"> & { readonly payload: Payload },
): Promise<UpdateAnswer> {
  return db.transactRound(async (queries) => {
    const round = await queries.findRoundForUpdate(roundId);
    const run = round && (await queries.findTrainedRun(round.runId));
    const parameters = round?.baseHash && (await queries.findParameters(round.baseHash));
    if (!round || !run || !parameters) return { kind: "UNKNOWN_ROUND" };
    const { participant, attempt } = update;
    const stored = await queries.findUpdate(roundId, participant, attempt);
    if (stored) return toAnswer(stored);
    const selection = await queries.findSelection(roundId, participant);
    const payload = await readWhole(queries, roundId, participant, update.payload);
    const payloadHash = "bytes" in payload ? hashPayload(payload.bytes) : "";
    const circumstances: Circumstances = {
      status: round.status,
      aggregation: run.task.aggregation,
      baseHash: round.baseHash,
      isPastDeadline: round.deadlineAt !== null && round.deadlineAt.getTime() <= Date.now(),
      isSelected: selection !== null,
      isReplayed: (await queries.findReplayed(payloadHash, participant, update.baseHash)) !== null,
      manifest: parameters.manifest,
      recentNorms: await queries.findRecentNorms(run.id, normRounds),
    };
    const received: Received =
      "bytes" in payload
        ? receiveUpdate({ ...update, payload: payload.bytes }, circumstances)
        : { kind: "REFUSED", refusal: payload.refusal };
    if (received.kind === "ACCEPTED") await queries.supersedeUpdates(roundId, participant, attempt);
    const judged =
      received.kind === "ACCEPTED"
        ? {
            accepted: true,
            norm: received.norm,
            isClipped: received.isClipped,
            vector: new Uint8Array(toBytes(received.delta)),
            payloadHash,
          }
        : { accepted: false, code: received.refusal.code, reason: received.refusal.message };
    const row = await queries.insertUpdate({
      roundId,
      participant,
      attempt,
      regionCode: selection?.regionCode ?? "unknown",
      // A claim out of range is part of the reason; the column holds what is possible.
      samples: Number.isInteger(update.samples) ? Math.min(Math.max(update.samples, 0), 2 ** 31 - 1) : 0,
      baseHash: update.baseHash,
      receivedAt: new Date(),
      ...judged,
    });
    await queries.deletePieces(roundId, participant);
    if (selection) await queries.summariseUpdates(roundId, selection.regionCode);
    return toAnswer(row);
  });
}

async function readWhole(
  queries: RoundQueries,
  roundId: string,
  participant: string,
  payload: Payload,
): Promise<{ readonly bytes: Uint8Array } | { readonly refusal: Refusal }> {
  try {
    return { bytes: await readPayload(queries, roundId, participant, payload) };
  } catch (thrown) {
    if (thrown instanceof UpdateRefused) return { refusal: thrown.refusal };
    throw thrown;
  }
}

function toAnswer(row: {
  readonly accepted: boolean;
  readonly isClipped: boolean;
  readonly code: string | null;
  readonly reason: string | null;
}): UpdateAnswer {
  if (row.accepted) return { kind: "ACCEPTED", isClipped: row.isClipped };
  const code = refusalCodes.find((known) => known === row.code);
  if (!code) throw new Error(`an update was refused with the unknown code ${row.code}`);
  return { kind: "REFUSED", code, message: row.reason ?? "" };
}
