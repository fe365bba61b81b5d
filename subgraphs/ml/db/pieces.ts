/** Queries on what comes in pieces. */
import type { Prisma } from "../../../prisma/generated/client.ts";

export type Piece = {
  readonly roundId: string;
  readonly participant: string;
  /** SHA-256 of the whole, hexadecimal. */
  readonly upload: string;
  readonly place: number;
  readonly bytes: Uint8Array;
};

export function createPieceQueries(prisma: Prisma.TransactionClient) {
  return {
    /** What it takes the place of is gone: a trainer sends one thing at a time. */
    deleteOtherUploads: async ({
      roundId,
      participant,
      upload,
    }: Omit<Piece, "place" | "bytes">): Promise<void> => {
      await prisma.uploadPiece.deleteMany({ where: { roundId, participant, NOT: { upload } } });
    },
    insertPiece: async ({ bytes, ...piece }: Piece): Promise<void> => {
      await prisma.uploadPiece.createMany({
        data: [{ ...piece, bytes: new Uint8Array(bytes) }],
        skipDuplicates: true,
      });
    },
    /** In order; those before a missing one too, so that whoever puts them together sees that the whole is another. */
    findPieces: (roundId: string, participant: string, upload: string) =>
      prisma.uploadPiece.findMany({ where: { roundId, participant, upload }, orderBy: { place: "asc" } }),
    /** How much of an upload is there beside the piece at `place`. */
    measurePieces: async ({ roundId, participant, upload, place }: Omit<Piece, "bytes">) => {
      const rows = await prisma.$queryRaw<{ readonly pieces: number; readonly bytes: number }[]>`
        SELECT count(*)::int AS pieces, coalesce(sum(octet_length(bytes)), 0)::float8 AS bytes FROM ml.upload_piece
        WHERE round_id = ${roundId}::uuid AND participant = ${participant} AND upload = ${upload} AND place <> ${place}`;
      return rows[0] ?? { pieces: 0, bytes: 0 };
    },
    deletePieces: async (roundId: string, participant?: string): Promise<void> => {
      await prisma.uploadPiece.deleteMany({
        where: participant === undefined ? { roundId } : { roundId, participant },
      });
    },
  };
}
