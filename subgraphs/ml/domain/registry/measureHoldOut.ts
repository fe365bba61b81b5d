import type { Sample } from "../models/trainable.ts";
import type { HeldOut } from "./judgePromotion.ts";

/** For each row the probability of label 1, or one for each label. */
export type Score = (rows: readonly Float32Array[]) => Promise<readonly Float32Array[]>;

/** A probability of 0 that is wrong would cost infinitely much. */
const probabilityMin = 1e-7;

/** Null when there is nothing to measure on. */
export async function measureHoldOut(score: Score, samples: readonly Sample[]): Promise<HeldOut | null> {
  if (samples.length === 0) return null;
  const scores = await score(samples.map(({ input }) => input));
  const losses = samples.map(
    ({ label }, at) => -Math.log(Math.max(shareOf(scores[at], label), probabilityMin)),
  );
  return {
    count: samples.length,
    loss: losses.reduce((sum, loss) => sum + loss, 0) / samples.length,
    baseRateLoss: entropyOf(samples),
  };
}

function shareOf(score: Float32Array | undefined, label: number): number {
  if (!score) throw new RangeError("expected a score for each row, came fewer");
  const [first = 0] = score;
  if (score.length === 1) return label === 1 ? first : 1 - first;
  return score[label] ?? 0;
}

/** The loss of always saying how often each label comes; nothing that ignores its input does better. */
function entropyOf(samples: readonly Sample[]): number {
  const counts = new Map<number, number>();
  for (const { label } of samples) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts.values()]
    .map((count) => count / samples.length)
    .reduce((sum, share) => sum - share * Math.log(share), 0);
}
