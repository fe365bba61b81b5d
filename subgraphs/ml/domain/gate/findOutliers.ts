/**
 * Updates that point away from the rest: the cosine between an update and the coordinate-wise median of all is below
 * a bound. It catches what norms cannot see, a sign that was flipped (Cao et al. 2021, FLTrust §4, with the median in
 * place of a trusted update). With fewer than three there is no rest to compare with.
 */
import { coordinateMedian } from "../federation/combine.ts";
import type { Update } from "../federation/strategy.ts";
import type { Refusal } from "./refusal.ts";

export const cosineMin = 0;

export type Outlier = { readonly participant: string; readonly refusal: Refusal };

export function findOutliers(updates: readonly Update[]): readonly Outlier[] {
  if (updates.length < 3) return [];
  const { delta: centre } = coordinateMedian(updates);
  return updates.flatMap(({ participant, delta }) => {
    const cosine = cosineOf(delta, centre);
    if (cosine >= cosineMin) return [];
    const message = `expected a cosine of at least ${cosineMin} with the median of the round, came ${cosine.toFixed(3)}`;
    return [{ participant, refusal: { code: "UNLIKE_THE_OTHERS", message } }];
  });
}

/** 0 when one of them is all zeros. */
export function cosineOf(a: Float32Array, b: Float32Array): number {
  let product = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let at = 0; at < a.length; at += 1) {
    const [x, y] = [a[at] ?? 0, b[at] ?? 0];
    product += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  const norms = Math.sqrt(squaresA) * Math.sqrt(squaresB);
  return norms === 0 ? 0 : product / norms;
}
