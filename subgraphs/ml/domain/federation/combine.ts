/** Ways to make one vector of many. All take at least one update, all of one length. */
import type { Combination, Update } from "./strategy.ts";

/** Weighted by samples: FedAvg, McMahan et al. 2017, Algorithm 1. */
export function weightedMean(updates: readonly Update[]): Combination {
  const total = updates.reduce((sum, { samples }) => sum + samples, 0);
  if (!(total > 0)) throw new RangeError(`expected samples above 0, came ${total}`);
  return {
    delta: combineCoordinates(updates, (values) => {
      let sum = 0;
      for (let at = 0; at < values.length; at += 1)
        sum += ((updates[at]?.samples ?? 0) / total) * (values[at] ?? 0);
      return sum;
    }),
    counted: namesOf(updates),
  };
}

/** Coordinate-wise median, each participant one voice: Yin et al. 2018, Definition 1. */
export function coordinateMedian(updates: readonly Update[]): Combination {
  return {
    delta: combineCoordinates(updates, (values) => {
      values.sort();
      const middle = values.length >> 1;
      const upper = values[middle] ?? 0;
      return values.length % 2 === 1 ? upper : ((values[middle - 1] ?? 0) + upper) / 2;
    }),
    counted: namesOf(updates),
  };
}

/**
 * Coordinate-wise trimmed mean: of n values the ⌊βn⌋ largest and smallest are dropped, so it stands fewer than βn
 * attackers (Yin et al. 2018, Definition 2).
 */
export function trimmedMean(beta: number): (updates: readonly Update[]) => Combination {
  if (!(beta >= 0 && beta < 0.5)) throw new RangeError(`expected β in [0, 0.5), came ${beta}`);
  return (updates) => {
    const dropped = Math.floor(beta * updates.length);
    return {
      delta: combineCoordinates(updates, (values) => {
        values.sort();
        let sum = 0;
        for (let at = dropped; at < values.length - dropped; at += 1) sum += values[at] ?? 0;
        return sum / (values.length - 2 * dropped);
      }),
      counted: namesOf(updates),
    };
  };
}

/**
 * The update with the smallest sum of squared distances to its n − f − 2 nearest others, or the plain mean of the
 * `kept` best of them (Blanchard et al. 2017, §4 and §5). Meant for n ≥ 2f + 3; with fewer it still answers, with no
 * promise, so a strategy states its own minimum.
 */
export function krum(attackers: number, kept = 1): (updates: readonly Update[]) => Combination {
  return (updates) => {
    const neighbours = Math.max(1, updates.length - attackers - 2);
    const best = updates
      .map((update, index) => ({ update, index, score: scoreOf(update, updates, neighbours) }))
      .sort((a, b) => a.score - b.score || a.index - b.index)
      .slice(0, kept)
      .map(({ update }) => update);
    return weightedMean(best.map((update) => ({ ...update, samples: 1 })));
  };
}

function scoreOf(update: Update, updates: readonly Update[], neighbours: number): number {
  return updates
    .filter((other) => other !== update)
    .map((other) => squaredDistance(update.delta, other.delta))
    .sort((a, b) => a - b)
    .slice(0, neighbours)
    .reduce((sum, distance) => sum + distance, 0);
}

/** To what is not a number everybody is infinitely far, or one such update would make every score NaN and order nothing. */
function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += ((a[at] ?? 0) - (b[at] ?? 0)) ** 2;
  return Number.isNaN(sum) ? Number.POSITIVE_INFINITY : sum;
}

/** `combineOne` may sort what it gets: the values of one coordinate, in the order of the updates. */
function combineCoordinates(
  updates: readonly Update[],
  combineOne: (values: Float64Array) => number,
): Float32Array {
  const delta = new Float32Array(updates[0]?.delta.length ?? 0);
  const values = new Float64Array(updates.length);
  for (let coordinate = 0; coordinate < delta.length; coordinate += 1) {
    for (let at = 0; at < updates.length; at += 1) values[at] = updates[at]?.delta[coordinate] ?? 0;
    delta[coordinate] = combineOne(values);
  }
  return delta;
}

function namesOf(updates: readonly Update[]): readonly string[] {
  return updates.map(({ participant }) => participant);
}
