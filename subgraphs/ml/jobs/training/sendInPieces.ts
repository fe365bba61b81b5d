/**
 * What is larger than a request may be goes in pieces before, named by the hash of the whole. A piece that arrived is not
 * sent again, so a trainer that lost the gateway half way goes on where it was.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Ask } from "./graph.ts";

/** Half of what a gateway takes by default (`ATLAS_BODY_BYTES_MAX`, 1 MiB); base64 makes two thirds of it. */
const pieceBytes = 512 * 1_024;

/** Sends all pieces and answers the name of the whole; throws when one is refused. */
export type SendInPieces = (roundId: string, whole: Uint8Array) => Promise<string>;

export function createSendInPieces(ask: Ask, trainer: string): SendInPieces {
  let arrived = { upload: "", places: new Set<number>() };
  return async (roundId, whole) => {
    const upload = createHash("sha256").update(whole).digest("hex");
    if (arrived.upload !== upload) arrived = { upload, places: new Set() };
    for (let place = 0; place * pieceBytes < whole.byteLength; place += 1) {
      if (arrived.places.has(place)) continue;
      const bytes = Buffer.from(whole.subarray(place * pieceBytes, (place + 1) * pieceBytes)).toString(
        "base64",
      );
      const { answer } = pieceAnswer.parse(
        await ask(submitPiece, { input: { roundId, trainer, upload, place, bytes } }),
      );
      if (answer.__typename !== "PieceAccepted")
        throw new Error(`a piece was refused, ${answer.code ?? answer.reason}: ${answer.message}`);
      arrived.places.add(place);
    }
    return upload;
  };
}

/** What fits into one request beside its words. */
export function fitsIntoRequest(bytes: number): boolean {
  return bytes <= pieceBytes;
}

const submitPiece = `mutation SubmitPiece($input: SubmitPieceInput!) {
  answer: submitPiece(input: $input) {
    __typename ... on UpdateRefused { code message } ... on MlRefusal { reason message } } }`;

const pieceAnswer = z.object({
  answer: z.object({
    __typename: z.string(),
    code: z.string().optional(),
    reason: z.string().optional(),
    message: z.string().optional(),
  }),
});
