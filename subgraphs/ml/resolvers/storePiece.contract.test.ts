/** Pieces of an upload, over a real database. */
import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startDatabase, type TestDatabase } from "../../../test/support/startDatabase.ts";
import { newId } from "../../shared/ids.ts";
import { type Db, openDb } from "../db.ts";
import { UpdateRefused } from "../domain/gate/refusal.ts";
import { packMessage, unpackMessage } from "../domain/secureAggregation/packMessage.ts";
import { pieceBytesMax, readPayload, storePiece } from "./storePiece.ts";

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  db = openDb({ url: database.urlOf("ml"), applicationName: "atlas-test" });
  await db.storeParameters("base", [{ name: "weights", shape: [100] }], new Uint8Array(400));
}, 60_000);
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** A round that waits for `trainer`. */
async function openRound(changes: { status?: string; deadlineAt?: Date } = {}): Promise<string> {
  const id = newId();
  const started = {
    number: 1,
    status: "TRAINING",
    startedAt: new Date(),
    deadlineAt: new Date(Date.now() + 600_000),
  };
  await db.transactRound(async (queries) => {
    await queries.insertRound({ id, runId: newId(), baseHash: "base", ...started, ...changes });
    await queries.selectParticipants([
      { roundId: id, participant: "trainer", regionCode: "us-east", samples: 1 },
    ]);
  });
  return id;
}

const send = (roundId: string, upload: string, place: number, bytes: Uint8Array, participant = "trainer") =>
  storePiece(db, { roundId, participant, upload, place, bytes });
const read = (roundId: string, upload: string) =>
  db.transactRound((queries) => readPayload(queries, roundId, "trainer", { upload }));

describe("pieces", () => {
  test("come in any order, also twice, and are the whole when they are put together", async () => {
    const roundId = await openRound();
    const whole = randomBytes(3_000);
    const upload = hashOf(whole);
    for (const place of [2, 0, 2, 1])
      expect(await send(roundId, upload, place, whole.subarray(place * 1_000, (place + 1) * 1_000))).toEqual({
        pieces: expect.any(Number),
      });
    expect(Buffer.from(await read(roundId, upload)).equals(whole)).toBe(true);
  });

  test("of which one is missing or another are refused as what they were not said to be", async () => {
    const roundId = await openRound();
    const upload = hashOf(Buffer.from("whole"));
    await send(roundId, upload, 0, Buffer.from("who"));
    await expect(read(roundId, upload)).rejects.toThrow(UpdateRefused);
    await send(roundId, upload, 1, Buffer.from("se"));
    await expect(read(roundId, upload)).rejects.toThrow(
      /expected pieces of [0-9a-f]{64}, came 2 of [0-9a-f]{64}/,
    );
  });

  test("of another upload take the place of those that were not used", async () => {
    const roundId = await openRound();
    await send(roundId, hashOf(Buffer.from("first")), 0, Buffer.from("first"));
    await send(roundId, hashOf(Buffer.from("second")), 0, Buffer.from("second"));
    const kept = await database.query("SELECT bytes FROM ml.upload_piece WHERE round_id = $1", [roundId]);
    expect(kept).toEqual([{ bytes: Buffer.from("second") }]);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    [
      "of somebody who was not chosen",
      async () => send(await openRound(), "a", 0, Buffer.from("x"), "stranger"),
      "NOT_SELECTED",
    ],
    ["for a round that is not there", () => send(newId(), "a", 0, Buffer.from("x")), "NOT_SELECTED"],
    [
      "for a round that is over",
      async () => send(await openRound({ status: "COMMITTED" }), "a", 0, Buffer.from("x")),
      "ROUND_CLOSED",
    ],
    [
      "after the deadline",
      async () => send(await openRound({ deadlineAt: new Date(0) }), "a", 0, Buffer.from("x")),
      "ROUND_CLOSED",
    ],
    [
      "larger than a piece may be",
      async () => send(await openRound(), "a", 0, Buffer.alloc(pieceBytesMax + 1)),
      "TOO_LARGE",
    ],
  ])("%s are refused", async (_, act, code) => {
    expect(await act()).toMatchObject({ refusal: { code } });
  });

  test("are no more than the longest answer for the model, so nobody fills the disk", async () => {
    const roundId = await openRound();
    // 100 parameters: 4,000 bytes at most, and 256 KiB beside.
    expect(await send(roundId, "a", 0, Buffer.alloc(200_000))).toEqual({ pieces: 1 });
    expect(await send(roundId, "a", 1, Buffer.alloc(100_000))).toMatchObject({
      refusal: {
        code: "TOO_LARGE",
        message: expect.stringMatching(/266144 together, came one of 100000 to 200000/),
      },
    });
    // The same place again replaces nothing and counts once.
    expect(await send(roundId, "a", 0, Buffer.alloc(200_000))).toEqual({ pieces: 1 });
  });
});

describe("a packed answer", () => {
  test("is unpacked to the same parts", () => {
    const message = { vector: randomBytes(50), ß: new Uint8Array(), "0": randomBytes(3) };
    const unpacked = unpackMessage(packMessage(message));
    expect(Object.keys(unpacked).sort()).toEqual(Object.keys(message).sort());
    for (const [name, bytes] of Object.entries(message))
      expect(Buffer.from(unpacked[name] ?? []).equals(bytes)).toBe(true);
  });

  test.each([1, 4, 7, 20])("that ends after %p bytes is refused", (length) => {
    const packed = packMessage({ vector: randomBytes(50) });
    expect(() => unpackMessage(packed.subarray(0, length))).toThrow(/expected \d+ bytes at \d+, came \d+/);
  });
});
