import { expect, test } from "@jest/globals";
import { judgeMemory } from "./judgeMemory.ts";

const warmingUp = Array.from({ length: 25 }, (_, at) => 100 + at * 8);
/** A heap that fills and is emptied. */
const breathing = (base: number) => Array.from({ length: 75 }, (_, at) => base + (at % 10) * 6);

test("a heap that grows while it warms up and breathes after is flat", () => {
  expect(judgeMemory([...warmingUp, ...breathing(300)])).toMatchObject({ isFlat: true, peakMiB: 354 });
});

test("one that goes on growing is not, however slowly", () => {
  const leaking = breathing(300).map((value, at) => value + at);
  expect(judgeMemory([...warmingUp, ...leaking])).toMatchObject({ isFlat: false });
});

test("nothing is said of a few samples", () => {
  expect(judgeMemory([1, 1, 1]).isFlat).toBe(false);
});
