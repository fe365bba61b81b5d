/** Whether one decoded update may count, before it meets the others. */
import { normOf } from "../privacy/trainPrivately.ts";
import { UpdateRefused } from "./refusal.ts";

export type Expectations = {
  /** Norms of the updates that counted in the last rounds; empty in the first. */
  readonly recentNorms: readonly number[];
  /** A participant that claims more would own the mean. */
  readonly samplesMax: number;
};

export type Judged = {
  /** Clipped to the median norm of the last rounds. */
  readonly delta: Float32Array;
  /** Before clipping; stored for the next rounds, never logged: it is not covered by differential privacy. */
  readonly norm: number;
  readonly isClipped: boolean;
};

/** An update beyond this many times the median norm is refused rather than clipped. */
export const normFactorMax = 2;

/** Throws UpdateRefused with the first fault found. */
export function judgeUpdate(delta: Float32Array, samples: number, expectations: Expectations): Judged {
  assertSamples(samples, expectations.samplesMax);
  assertFinite(delta);
  const norm = normOf(delta);
  if (norm === 0) throw new UpdateRefused("NOT_A_CHANGE", "expected a change of the weights, came none");
  const usual = median(expectations.recentNorms);
  if (usual === undefined) return { delta, norm, isClipped: false };
  if (norm > normFactorMax * usual)
    throw new UpdateRefused(
      "NORM_TOO_LARGE",
      `expected a norm of at most ${normFactorMax} times the median of the last rounds, came ${(norm / usual).toPrecision(3)} times`,
    );
  if (norm <= usual) return { delta, norm, isClipped: false };
  return { delta: delta.map((value) => (value * usual) / norm), norm, isClipped: true };
}

function assertSamples(samples: number, most: number): void {
  if (!(Number.isInteger(samples) && samples >= 1 && samples <= most))
    throw new UpdateRefused(
      "SAMPLES_OUT_OF_RANGE",
      `expected a whole number of samples from 1 to ${most}, came ${samples}`,
    );
}

function assertFinite(delta: Float32Array): void {
  const at = delta.findIndex((value) => !Number.isFinite(value));
  if (at >= 0)
    throw new UpdateRefused("NOT_FINITE", `expected finite numbers, came ${delta[at]} at parameter ${at}`);
}

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}
