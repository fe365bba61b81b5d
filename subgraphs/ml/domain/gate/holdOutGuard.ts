/** The last gate: a round whose model does worse on the hold-out counts for nothing. */
import type { Measured } from "../models/trainable.ts";
import type { Refusal } from "./refusal.ts";

/** One percentage point. */
export const accuracyFallMax = 0.01;

/** Undefined when the round may count. */
export function judgeRound(before: Measured, after: Measured): Refusal | undefined {
  if (!Number.isFinite(after.loss))
    return { code: "HOLD_OUT_FELL", message: `expected a finite loss on the hold-out, came ${after.loss}` };
  const fall = before.accuracy - after.accuracy;
  if (fall <= accuracyFallMax) return undefined;
  return {
    code: "HOLD_OUT_FELL",
    message: `expected the hold-out to fall by at most ${accuracyFallMax}, came ${fall.toFixed(4)} (from ${before.accuracy.toFixed(4)} to ${after.accuracy.toFixed(4)})`,
  };
}
