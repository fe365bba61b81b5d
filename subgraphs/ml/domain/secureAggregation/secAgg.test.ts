import { describe, expect, test } from "@jest/globals";
import { createSeededRandom } from "../../../shared/seededRandom.ts";
import { fractionBits, toRing } from "./ring.ts";
import { runInMemory } from "./runInMemory.ts";
import { secAgg } from "./secAgg.ts";
import { type Contribution, type Message, SecureSumError, type SumTask } from "./secureSum.ts";

const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] as const;
const task: SumTask = {
  roundId: "round-1",
  participants: names,
  threshold: 6,
  length: 500,
  bound: 4,
  weightMax: 10_000,
};
const random = createSeededRandom("secagg");
const contributions = new Map<string, Contribution>(
  names.map((name) => [
    name,
    {
      values: Float32Array.from({ length: task.length }, () => random.nextNormal()),
      weight: 1 + Math.floor(random.next() * 9_999),
    },
  ]),
);

/** The same fixed-point arithmetic without any mask, so equality is exact. */
function plainSum(of: readonly string[]): number[] {
  const rings = of.map((name) => toRing(task, get(name)));
  const unit = (task.weightMax * task.bound) / 2 ** fractionBits(task);
  return Array.from({ length: task.length }, (_, at) => {
    const total = rings.reduce((sum, ring) => (sum + (ring[at] ?? 0)) | 0, 0);
    return total * unit;
  });
}

function get(name: string): Contribution {
  const contribution = contributions.get(name);
  if (!contribution) throw new Error(`no contribution of ${name}`);
  return contribution;
}

const faultOf = async (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (thrown: unknown) => (thrown instanceof SecureSumError ? thrown.fault : String(thrown)),
  );

describe("a masked sum", () => {
  test("is exactly the sum of what was encoded, and within a millionth of the real one", async () => {
    const { sum } = await runInMemory(secAgg, task, contributions);
    expect([...sum.values]).toEqual(plainSum(names));
    expect(sum.contributors).toEqual([...names]);
    const weight = names.reduce((total, name) => total + get(name).weight, 0);
    expect(sum.weight).toBeCloseTo(weight, 2);
    const exact = names.reduce((total, name) => total + get(name).weight * (get(name).values[0] ?? 0), 0);
    expect(Math.abs((sum.values[0] ?? 0) - exact) / weight).toBeLessThan(1e-6);
  });

  test.each(["shares", "masked", "unmask"])("is exact when 30 %% drop out at the stage %s", async (lost) => {
    const gone = ["b", "f", "j"];
    const stages = secAgg.stages.slice(secAgg.stages.indexOf(lost));
    const { sum } = await runInMemory(
      secAgg,
      task,
      contributions,
      (name, stage) => !(gone.includes(name) && stages.includes(stage)),
    );
    const there = lost === "unmask" ? [...names] : names.filter((name) => !gone.includes(name));
    expect(sum.contributors).toEqual(there);
    expect([...sum.values]).toEqual(plainSum(there));
  });

  test("fails rather than reveal when fewer than the threshold are left", async () => {
    const run = runInMemory(secAgg, task, contributions, (name, stage) => stage !== "unmask" || name < "f");
    expect(await faultOf(run)).toBe("TOO_FEW_PARTICIPANTS");
  });
});

describe("what the coordinator sees", () => {
  test("is noise: the same update never looks the same, and no more like itself than like another's", async () => {
    const first = await runInMemory(secAgg, task, contributions);
    const second = await runInMemory(secAgg, task, contributions);
    const seen = first.collected.get("masked")?.get("a")?.vector ?? new Uint8Array();
    expect(
      Buffer.from(seen).equals(Buffer.from(second.collected.get("masked")?.get("a")?.vector ?? [])),
    ).toBe(false);
    // Bits of a uniform vector are set half of the time: 16,032 bits, deviation 63.
    const bits = seen.reduce((total, byte) => total + byte.toString(2).replaceAll("0", "").length, 0);
    expect(Math.abs(bits - seen.length * 4)).toBeLessThan(8 * Math.sqrt(seen.length * 2));
  });

  test("holds, of every participant, one of two secrets: for one that dropped out, none of its own mask", async () => {
    const { collected } = await runInMemory(
      secAgg,
      task,
      contributions,
      (name, stage) => name !== "c" || ["keys", "shares"].includes(stage),
    );
    expect(collected.get("masked")?.has("c")).toBe(false);
    // One share of 33 bytes (32 and its place) for each, not two.
    for (const answer of collected.get("unmask")?.values() ?? [])
      expect(Object.values(answer).map((share) => share.length)).toEqual(names.map(() => 33));
  });
});

describe("a participant", () => {
  async function toUnmask() {
    const others = new Map<string, Awaited<ReturnType<typeof secAgg.createParticipant>>>();
    for (const name of names) others.set(name, await secAgg.createParticipant(task, name, get(name)));
    const collected = new Map<string, Map<string, Message>>();
    for (const stage of secAgg.stages.slice(0, 3)) {
      const answers = new Map<string, Message>();
      for (const [name, other] of others)
        answers.set(
          name,
          await other.answer(stage, (await secAgg.toRequest(task, stage, name, collected)) ?? {}),
        );
      collected.set(stage, answers);
    }
    const a = others.get("a");
    if (!a) throw new Error("no a");
    return { a, collected };
  }
  const list = (of: readonly string[]) => Buffer.from(JSON.stringify(of));

  test("refuses to give both secrets of anybody, at once or one after the other", async () => {
    const { a } = await toUnmask();
    const both = a.answer("unmask", { survivors: list(names), dropped: list(["b"]) });
    expect(await faultOf(both)).toBe("REVEALING_REQUEST");
    await a.answer("unmask", { survivors: list(names), dropped: list([]) });
    const again = a.answer("unmask", { survivors: list(names.slice(2)), dropped: list(["b"]) });
    expect(await faultOf(again)).toBe("REVEALING_REQUEST");
  });

  test("refuses to unmask for fewer than the threshold", async () => {
    const { a } = await toUnmask();
    const few = a.answer("unmask", { survivors: list(["a", "b"]), dropped: list([]) });
    expect(await faultOf(few)).toBe("TOO_FEW_PARTICIPANTS");
  });

  test("notices shares that were changed on the way, or sealed for another", async () => {
    const { a, collected } = await toUnmask();
    const request = { ...(await secAgg.toRequest(task, "masked", "a", collected)) };
    const swapped = { ...request, b: request.c ?? new Uint8Array() };
    await a.answer("masked", swapped);
    const answer = a.answer("unmask", { survivors: list(names), dropped: list([]) });
    expect(await faultOf(answer)).toBe("CORRUPT_MESSAGE");
  });
});

test.each<[string, Partial<SumTask>, RegExp]>([
  ["two participants", { participants: ["a", "b"], threshold: 2 }, /expected 3 to 255 participants, came 2/],
  ["half of them as a threshold", { threshold: 5 }, /threshold above 5 and at most 10, came 5/],
  ["one name twice", { participants: ["a", "a", "b"], threshold: 2 }, /different names/],
  ["no bound", { bound: 0 }, /bound above 0, came 0/],
])("a task with %s is refused", (_, change, message) => {
  expect(() => secAgg.assertPossible({ ...task, ...change })).toThrow(message);
});

test.each<[string, Contribution]>([
  ["NaN", { values: new Float32Array(500).fill(Number.NaN), weight: 1 }],
  ["a weight above the cap", { values: new Float32Array(500), weight: 10_001 }],
  ["another length", { values: new Float32Array(499), weight: 1 }],
])("a contribution with %s is refused before it is masked", async (_, contribution) => {
  expect(await faultOf((async () => secAgg.createParticipant(task, "a", contribution))())).toBe(
    "OUT_OF_RANGE",
  );
});
