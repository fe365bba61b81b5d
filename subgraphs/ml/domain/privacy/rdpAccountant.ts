/**
 * Rényi accountant of the Poisson-sampled Gaussian mechanism: what DP-SGD spends. Rényi divergences of steps add up
 * order by order (Mironov 2017, Proposition 1), and become (ε, δ) at the end. All in log space.
 */

/** One stretch of training: `steps` times a batch that holds each record with probability `samplingRate`. */
export type Mechanism = {
  /** q, above 0 and at most 1; 1 is the Gaussian mechanism without sampling. */
  readonly samplingRate: number;
  /** σ: standard deviation of the noise as a multiple of the clipping norm. */
  readonly noiseMultiplier: number;
  readonly steps: number;
};

export type Epsilon = {
  readonly epsilon: number;
  /** The order at which it is smallest. */
  readonly order: number;
};

/** Orders α at which the divergence is known: whole numbers, for which the sum below is finite, wider apart as they grow. */
export const orders: readonly number[] = [
  ...Array.from({ length: 62 }, (_, index) => index + 2),
  ...[64, 72, 80, 96, 112, 128, 160, 192, 256, 384, 512],
];

/** ε at every order, of all stretches together. No stretch at all spends nothing. */
export function composeRdp(
  mechanisms: readonly Mechanism[],
  at: readonly number[] = orders,
): readonly number[] {
  for (const mechanism of mechanisms) assertMechanism(mechanism);
  const distinct = mergeAlike(mechanisms);
  return at.map((order) =>
    distinct.reduce((sum, mechanism) => sum + mechanism.steps * divergenceOf(mechanism, order), 0),
  );
}

/** A ledger has thousands of stretches of a few kinds, and the divergence is what costs. */
function mergeAlike(mechanisms: readonly Mechanism[]): readonly Mechanism[] {
  const byKind = new Map<string, Mechanism>();
  for (const mechanism of mechanisms) {
    const kind = `${mechanism.samplingRate} ${mechanism.noiseMultiplier}`;
    const steps = (byKind.get(kind)?.steps ?? 0) + mechanism.steps;
    byKind.set(kind, { ...mechanism, steps });
  }
  return [...byKind.values()];
}

/**
 * The smallest ε for which the composition is (ε, δ)-differentially private: Canonne, Kamath and Steinke 2020,
 * Proposition 12 (Balle et al. 2020, Theorem 21), which is tighter than the conversion of Mironov 2017.
 */
export function toEpsilon(rdp: readonly number[], delta: number, at: readonly number[] = orders): Epsilon {
  if (!(delta > 0 && delta < 1)) throw new RangeError(`expected δ between 0 and 1, came ${delta}`);
  let best: Epsilon = { epsilon: Number.POSITIVE_INFINITY, order: at[0] ?? 2 };
  for (const [index, order] of at.entries()) {
    const divergence = rdp[index] ?? Number.POSITIVE_INFINITY;
    const epsilon = divergence + Math.log1p(-1 / order) - (Math.log(delta) + Math.log(order)) / (order - 1);
    if (epsilon < best.epsilon) best = { epsilon, order };
  }
  // A bound below 0 says no more than 0 does.
  return { ...best, epsilon: Math.max(0, best.epsilon) };
}

export function epsilonOf(mechanisms: readonly Mechanism[], delta: number): Epsilon {
  if (mechanisms.every(({ steps }) => steps === 0)) return { epsilon: 0, order: orders[0] ?? 2 };
  return toEpsilon(composeRdp(mechanisms), delta);
}

/**
 * ε(α) of one step. For q < 1 and whole α, Mironov, Talwar and Zhang 2019, §3.3:
 * log(Σₖ C(α, k) (1 − q)^(α − k) qᵏ exp((k² − k) / 2σ²)) / (α − 1).
 */
function divergenceOf({ samplingRate: q, noiseMultiplier: sigma }: Mechanism, order: number): number {
  if (q === 1) return order / (2 * sigma * sigma);
  if (!Number.isInteger(order)) throw new RangeError(`expected a whole order with sampling, came ${order}`);
  let total = Number.NEGATIVE_INFINITY;
  let logBinomial = 0;
  for (let k = 0; k <= order; k += 1) {
    if (k > 0) logBinomial += Math.log((order - k + 1) / k);
    const term =
      logBinomial + (order - k) * Math.log1p(-q) + k * Math.log(q) + (k * k - k) / (2 * sigma * sigma);
    total = addLogs(total, term);
  }
  return total / (order - 1);
}

/** log(eᵃ + eᵇ). */
function addLogs(a: number, b: number): number {
  const [high, low] = a > b ? [a, b] : [b, a];
  return low === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(low - high));
}

function assertMechanism({ samplingRate, noiseMultiplier, steps }: Mechanism): void {
  if (!(samplingRate > 0 && samplingRate <= 1))
    throw new RangeError(`expected a sampling rate above 0 and at most 1, came ${samplingRate}`);
  // Without noise nothing is private, and infinity would compare as "not above the budget" nowhere.
  if (!(noiseMultiplier > 0 && Number.isFinite(noiseMultiplier)))
    throw new RangeError(`expected a noise multiplier above 0, came ${noiseMultiplier}`);
  if (!(Number.isInteger(steps) && steps >= 0))
    throw new RangeError(`expected a whole number of steps, came ${steps}`);
}
