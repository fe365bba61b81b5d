/**
 * Features and outcomes out of a seeded generator, until the learning part computes them from signals. The same key
 * gives the same values on every machine.
 */
import { createHash } from "node:crypto";
import type { Example } from "../../domain/measureModel.ts";
import { type FeatureValues, type LogisticModel, predict } from "../../domain/predict.ts";

/** Normal around each feature's mean, never below 0; `shift` moves it by so many deviations. */
export function generateFeatures(model: LogisticModel, key: string, shift = 0): FeatureValues {
  return Object.fromEntries(
    model.features.map(({ name, mean, deviation }) => {
      const value = mean + deviation * (shift + generateNormal(key, name));
      return [name, Math.max(0, round(value))];
    }),
  );
}

/** Outcomes come as often as the model says, so a better model than it cannot be had on these. */
export function generateExamples(model: LogisticModel, key: string, count: number, shift = 0): Example[] {
  return Array.from({ length: count }, (_, index) => {
    const values = generateFeatures(model, `${key}/${index}`, shift);
    return {
      values,
      outcome: generateUniform(`${key}/${index}`, "outcome") < predict(model, values).probability,
    };
  });
}

/** Box and Muller 1958. */
function generateNormal(...key: readonly string[]): number {
  const radius = Math.sqrt(-2 * Math.log(1 - generateUniform(...key, "radius")));
  return radius * Math.cos(2 * Math.PI * generateUniform(...key, "angle"));
}

/** From 0 to below 1, out of 48 bits of a hash. */
function generateUniform(...key: readonly string[]): number {
  return createHash("sha256").update(JSON.stringify(key)).digest().readUIntBE(0, 6) / 2 ** 48;
}

/** Logarithm and cosine may differ in the last bits between machines. */
function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
