import type { Parameters } from "../models/parameters.ts";
import { measure, type Sample, type Trainable } from "../models/trainable.ts";
import type { HeldOut } from "./judgePromotion.ts";

/** Null when there is nothing to measure on. */
export function measureHoldOut(
  model: Trainable,
  parameters: Parameters,
  samples: readonly Sample[],
): HeldOut | null {
  if (samples.length === 0) return null;
  return {
    count: samples.length,
    loss: measure(model, parameters, samples).loss,
    baseRateLoss: entropyOf(samples),
  };
}

/** The loss of always saying how often each label comes; nothing that ignores its input does better. */
function entropyOf(samples: readonly Sample[]): number {
  const counts = new Map<number, number>();
  for (const { label } of samples) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts.values()]
    .map((count) => count / samples.length)
    .reduce((sum, share) => sum - share * Math.log(share), 0);
}
