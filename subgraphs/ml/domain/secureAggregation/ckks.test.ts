import { describe, expect, test } from "@jest/globals";
import { createSeededRandom } from "../../../shared/seededRandom.ts";
import { ckks, keyHolderOf, rounding } from "./ckks.ts";
import { runInMemory } from "./runInMemory.ts";
import { type Answers, type Contribution, type Message, SecureSumError, type SumTask } from "./secureSum.ts";

const names: readonly string[] = ["a", "b", "c", "d", "e"];
const task: SumTask = {
  roundId: "round-1",
  participants: names,
  threshold: 3,
  // More than one ciphertext holds.
  length: 3_000,
  bound: 2,
  weightMax: 100,
};
const random = createSeededRandom("ckks");
const contributions = new Map<string, Contribution>(
  names.map((name) => [
    name,
    {
      values: Float32Array.from({ length: task.length }, () => random.next() * 2 - 1),
      weight: 20 + Math.floor(random.next() * 80),
    },
  ]),
);
const holder = keyHolderOf(task);

const faultOf = async (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (thrown: unknown) => (thrown instanceof SecureSumError ? thrown.fault : String(thrown)),
  );

function exactAt(at: number, of: readonly string[]): number {
  return of.reduce((sum, name) => {
    const { values = [], weight = 0 } = contributions.get(name) ?? {};
    return sum + weight * (values[at] ?? 0);
  }, 0);
}

describe("a homomorphic sum", () => {
  test("is the real one but for what rounding takes, also without a participant that dropped out", async () => {
    const gone = names.find((name) => name !== holder) ?? "";
    const { sum } = await runInMemory(ckks, task, contributions, (name) => name !== gone);
    const there = names.filter((name) => name !== gone);
    expect(sum.contributors).toEqual(there);
    const unit = rounding * task.weightMax * task.bound;
    for (let at = 0; at < task.length; at += 1)
      expect(Math.abs((sum.values[at] ?? 0) - exactAt(at, there))).toBeLessThan(unit);
    expect(sum.weight).toBeCloseTo(
      there.reduce((total, name) => total + (contributions.get(name)?.weight ?? 0), 0),
      1,
    );
  });

  test("leaves the key holder rounded: every value is a whole number of steps", async () => {
    const { collected } = await runInMemory(ckks, task, contributions);
    const bytes = collected.get("decrypted")?.get(holder)?.sum ?? new Uint8Array();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at <= task.length; at += 1)
      expect(Number.isInteger(view.getFloat64(at * 8, true) / rounding)).toBe(true);
  });

  test("is lost with its key holder, and says so", async () => {
    const run = runInMemory(ckks, task, contributions, (name, stage) => name !== holder || stage !== "keys");
    expect(await faultOf(run)).toBe("TOO_FEW_PARTICIPANTS");
  });

  test("has another key holder in other rounds", () => {
    const holders = Array.from({ length: 40 }, (_, round) => keyHolderOf({ ...task, roundId: `r${round}` }));
    expect(new Set(holders).size).toBe(names.length);
  });
});

describe("a corrupt ciphertext", () => {
  async function sumWith(distort: (bytes: Uint8Array) => Uint8Array) {
    const { collected } = await runInMemory(ckks, task, contributions);
    const encrypted = new Map<string, Message>(collected.get("encrypted"));
    const honest = encrypted.get("b") ?? {};
    encrypted.set("b", { ...honest, 0: distort(honest[0] ?? new Uint8Array()) });
    const stored = new Map<string, Answers>(collected).set("encrypted", encrypted);
    return faultOf(ckks.toRequest(task, "decrypted", holder, stored));
  }

  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ["cut short", (bytes) => bytes.subarray(0, 1_000)],
    ["with a changed header", (bytes) => bytes.map((byte, at) => (at < 8 ? byte ^ 0xff : byte))],
    ["changed inside", (bytes) => bytes.map((byte, at) => (at > 100 && at % 97 === 0 ? byte ^ 0x5a : byte))],
    ["empty", () => new Uint8Array()],
    ["far too long", () => new Uint8Array(10_000_000)],
  ])("that is %s is refused", async (_, distort) => {
    expect(await sumWith(distort)).toBe("CORRUPT_MESSAGE");
  });
});

test("the key holder decrypts one sum and no more; nobody else is asked", async () => {
  const participants = new Map(
    await Promise.all(
      names.map(
        async (name) =>
          [
            name,
            await ckks.createParticipant(
              task,
              name,
              contributions.get(name) ?? { values: new Float32Array(), weight: 1 },
            ),
          ] as const,
      ),
    ),
  );
  const collected = new Map<string, Answers>();
  for (const stage of ["keys", "encrypted"]) {
    const answers = new Map<string, Message>();
    for (const [name, participant] of participants)
      answers.set(
        name,
        await participant.answer(stage, (await ckks.toRequest(task, stage, name, collected)) ?? {}),
      );
    collected.set(stage, answers);
  }
  const request = (await ckks.toRequest(task, "decrypted", holder, collected)) ?? {};
  await participants.get(holder)?.answer("decrypted", request);
  expect(await faultOf(Promise.resolve(participants.get(holder)?.answer("decrypted", request)))).toBe(
    "REVEALING_REQUEST",
  );
  const other = names.find((name) => name !== holder) ?? "";
  expect(await faultOf(Promise.resolve(participants.get(other)?.answer("decrypted", request)))).toBe(
    "REVEALING_REQUEST",
  );
  expect(await ckks.toRequest(task, "decrypted", other, collected)).toBeUndefined();
});
