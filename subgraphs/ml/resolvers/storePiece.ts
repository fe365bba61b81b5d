/**
 * Pieces of an update or of an answer. Whoever was chosen for a round that still waits may send as much as its answer may
 * be long, so a stranger stores nothing and nobody fills the disk.
 */
import { createHash } from "node:crypto";
import type { Piece } from "../db/pieces.ts";
import type { RoundQueries } from "../db/transact.ts";
import type { Db } from "../db.ts";
import { type Refusal, UpdateRefused } from "../domain/gate/refusal.ts";
import { sizeOf } from "../domain/models/parameters.ts";

/** Its base64, with the words around it, is within the 1 MiB of a request. */
export const pieceBytesMax = 512 * 1_024;

/** An encrypted vector is 7.5 times as long as the floats; with room for keys and shares. */
const bytesFactor = 10;
const bytesBeside = 256 * 1_024;

/** The most that an answer for a model of this form may be long. */
export async function answerBytesMax(queries: RoundQueries, baseHash: string | null): Promise<number> {
  const base = baseHash === null ? null : await queries.findParameters(baseHash);
  return bytesFactor * 4 * sizeOf(base?.manifest ?? []) + bytesBeside;
}

export type PieceAnswer = { readonly pieces: number } | { readonly refusal: Refusal };

export function storePiece(db: Db, piece: Piece): Promise<PieceAnswer> {
  const { roundId, participant, bytes } = piece;
  return db.transactRound(async (queries) => {
    const round = await queries.findRoundForUpdate(roundId);
    const selection = round && (await queries.findSelection(roundId, participant));
    if (!selection)
      return refuse("NOT_SELECTED", `expected one of those chosen for the round, came ${participant}`);
    if (round.status !== "TRAINING" || round.deadlineAt === null || round.deadlineAt.getTime() <= Date.now())
      return refuse(
        "ROUND_CLOSED",
        `expected a round in TRAINING before its deadline, it is in ${round.status}`,
      );
    const there = await queries.measurePieces(piece);
    const most = await answerBytesMax(queries, round.baseHash);
    if (bytes.byteLength > pieceBytesMax || there.bytes + bytes.byteLength > most)
      return refuse(
        "TOO_LARGE",
        `expected pieces of at most ${pieceBytesMax} bytes, ${most} together, came one of ${bytes.byteLength} to ${there.bytes}`,
      );
    await queries.deleteOtherUploads(piece);
    await queries.insertPiece(piece);
    return { pieces: there.pieces + 1 };
  });
}

/** Bytes as they came, or the hash of what came before in pieces. */
export type Payload = Uint8Array | { readonly upload: string };

/** Throws UpdateRefused UNDECODABLE when the pieces are not what they were said to be. */
export async function readPayload(
  queries: RoundQueries,
  roundId: string,
  participant: string,
  payload: Payload,
): Promise<Uint8Array> {
  if (!("upload" in payload)) return payload;
  const pieces = await queries.findPieces(roundId, participant, payload.upload);
  const whole = Buffer.concat(pieces.map(({ bytes }) => bytes));
  const hash = createHash("sha256").update(whole).digest("hex");
  if (hash === payload.upload) return whole;
  throw new UpdateRefused(
    "UNDECODABLE",
    `expected pieces of ${payload.upload.slice(0, 64)}, came ${pieces.length} of ${hash}`,
  );
}

function refuse(code: Refusal["code"], message: string): PieceAnswer {
  return { refusal: { code, message } };
}
