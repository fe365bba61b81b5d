import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import type { Update } from "../federation/strategy.ts";
import { type Manifest, toBytes } from "../models/parameters.ts";
import { decodeUpdate } from "./decodeUpdate.ts";
import { findOutliers } from "./findOutliers.ts";
import { judgeRound } from "./holdOutGuard.ts";
import { judgeUpdate } from "./judgeUpdate.ts";
import { type RefusalCode, UpdateRefused } from "./refusal.ts";

const manifest: Manifest = [
  { name: "weights", shape: [10, 20] },
  { name: "biases", shape: [20] },
];
const honest = Float32Array.from({ length: 220 }, (_, at) => Math.sin(at) / 10);

function codeOf(act: () => unknown): RefusalCode | undefined {
  try {
    act();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof UpdateRefused) return thrown.refusal.code;
    throw thrown;
  }
}

describe("decoding an update", () => {
  test("gives back what was sent, deflated or not", () => {
    const bytes = toBytes(honest);
    expect(decodeUpdate(bytes, "FLOAT32", manifest)).toEqual(honest);
    expect(decodeUpdate(deflateRawSync(bytes), "FLOAT32_DEFLATE", manifest)).toEqual(honest);
  });

  test("a zip bomb is refused before it is unpacked whole", () => {
    const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024));
    expect(codeOf(() => decodeUpdate(bomb, "FLOAT32_DEFLATE", manifest))).toBe("TOO_LARGE");
    const small = deflateRawSync(Buffer.alloc(500_000));
    expect(small.length).toBeLessThan(800);
    expect(codeOf(() => decodeUpdate(small, "FLOAT32_DEFLATE", manifest))).toBe("TOO_LARGE");
  });

  test.each<[string, Uint8Array, "FLOAT32" | "FLOAT32_DEFLATE", RefusalCode]>([
    ["more than the model has", Buffer.alloc(10_000), "FLOAT32", "TOO_LARGE"],
    ["another shape", Buffer.alloc(4 * 219), "FLOAT32", "WRONG_SHAPE"],
    ["half a number", Buffer.alloc(4 * 220 - 1), "FLOAT32", "WRONG_SHAPE"],
    ["nothing", Buffer.alloc(0), "FLOAT32", "WRONG_SHAPE"],
    ["no deflate stream", Buffer.from("not deflated"), "FLOAT32_DEFLATE", "UNDECODABLE"],
    ["half a stream", deflateRawSync(toBytes(honest)).subarray(0, 100), "FLOAT32_DEFLATE", "UNDECODABLE"],
  ])("refuses %s", (_, payload, encoding, code) => {
    expect(codeOf(() => decodeUpdate(payload, encoding, manifest))).toBe(code);
  });
});

describe("judging an update", () => {
  const expectations = { recentNorms: [1, 0.9, 1.1], samplesMax: 10_000 };
  const ofNorm = (norm: number) => Float32Array.of(norm, 0, 0);

  test("takes one of usual size as it is, and clips one that is larger to the median of the last rounds", () => {
    expect(judgeUpdate(ofNorm(0.8), 10, expectations)).toEqual({
      delta: ofNorm(0.8),
      norm: expect.closeTo(0.8),
      isClipped: false,
    });
    expect(judgeUpdate(ofNorm(1.5), 10, expectations)).toEqual({
      delta: ofNorm(1),
      norm: 1.5,
      isClipped: true,
    });
  });

  test("takes any size in the first round: there is nothing to compare with", () => {
    expect(judgeUpdate(ofNorm(50), 10, { ...expectations, recentNorms: [] }).isClipped).toBe(false);
  });

  test.each<[string, Float32Array, number, RefusalCode]>([
    ["NaN", Float32Array.of(0, Number.NaN), 10, "NOT_FINITE"],
    ["infinity", Float32Array.of(Number.POSITIVE_INFINITY), 10, "NOT_FINITE"],
    ["a billion samples", ofNorm(1), 1e9, "SAMPLES_OUT_OF_RANGE"],
    ["no samples", ofNorm(1), 0, "SAMPLES_OUT_OF_RANGE"],
    ["half a sample", ofNorm(1), 1.5, "SAMPLES_OUT_OF_RANGE"],
    ["a hundred times the size", ofNorm(100), 10, "NORM_TOO_LARGE"],
    ["no change", ofNorm(0), 10, "NOT_A_CHANGE"],
  ])("refuses %s", (_, delta, samples, code) => {
    expect(codeOf(() => judgeUpdate(delta, samples, expectations))).toBe(code);
  });

  test("tells which parameter, never its neighbours", () => {
    expect(() => judgeUpdate(Float32Array.of(0.25, Number.NaN), 10, expectations)).toThrow(
      "expected finite numbers, came NaN at parameter 1",
    );
  });
});

describe("comparing updates", () => {
  const update = (participant: string, factor: number): Update => ({
    participant,
    samples: 1,
    delta: honest.map((value, at) => factor * value + 0.01 * Math.cos(at * factor)),
  });

  test("finds the one whose sign is flipped, and no honest one", () => {
    const updates = [update("a", 1), update("b", 1.2), update("c", 0.8), update("d", -1)];
    expect(findOutliers(updates)).toEqual([
      {
        participant: "d",
        refusal: { code: "UNLIKE_THE_OTHERS", message: expect.stringMatching(/at least 0 .*, came -0\.9/) },
      },
    ]);
  });

  test("says nothing of two: there is no rest to compare with", () => {
    expect(findOutliers([update("a", 1), update("b", -1)])).toEqual([]);
  });
});

describe("judging a round", () => {
  test("one that costs more than a percentage point of the hold-out counts for nothing", () => {
    const before = { loss: 0.3, accuracy: 0.9 };
    expect(judgeRound(before, { loss: 0.31, accuracy: 0.895 })).toBeUndefined();
    expect(judgeRound(before, { loss: 0.5, accuracy: 0.8 })).toEqual({
      code: "HOLD_OUT_FELL",
      message: "expected the hold-out to fall by at most 0.01, came 0.1000 (from 0.9000 to 0.8000)",
    });
    expect(judgeRound(before, { loss: Number.NaN, accuracy: 0.9 })?.code).toBe("HOLD_OUT_FELL");
  });
});
