/**
 * When an experiment may end. The mixture sequential probability ratio test may be looked at after every outcome without
 * more false alarms than promised (Johari et al. 2017, "Peeking at A/B Tests", §4.2), unlike a fixed-size test.
 */

/** Losses of one version (Brier or log-loss of what it predicted, once the truth is known); lower is better. */
export type Outcomes = {
  readonly count: number;
  readonly mean: number;
  /** Population variance. */
  readonly variance: number;
};

export type ExperimentRules = {
  /** Bound on the probability of calling a difference where there is none, over all looks together. */
  readonly alpha: number;
  /** τ: the size of a difference that matters, in the unit of the loss. */
  readonly effect: number;
  /** Nothing is judged on fewer outcomes of a version. */
  readonly countMin: number;
  /** The treatment ends at once when its mean loss is worse by more than this and the evidence is at least even. */
  readonly guardrail: number;
};

export type Verdict = {
  readonly decision: "CONTINUE" | "ADOPT" | "REJECT" | "STOPPED_BY_GUARDRAIL";
  /** Treatment minus control; negative is better. */
  readonly difference: number;
  /** Always-valid p-value. */
  readonly pValue: number;
};

export function judgeExperiment(control: Outcomes, treatment: Outcomes, rules: ExperimentRules): Verdict {
  const difference = treatment.mean - control.mean;
  if (control.count < rules.countMin || treatment.count < rules.countMin)
    return { decision: "CONTINUE", difference, pValue: 1 };
  // Variance of the difference of the two means.
  const variance = control.variance / control.count + treatment.variance / treatment.count;
  const pValue = Math.min(1, 1 / likelihoodRatio(difference, variance, rules.effect));
  const decision =
    pValue <= rules.alpha
      ? difference < 0
        ? "ADOPT"
        : "REJECT"
      : difference > rules.guardrail && pValue <= 0.5
        ? "STOPPED_BY_GUARDRAIL"
        : "CONTINUE";
  return { decision, difference, pValue };
}

/** Normal mixture N(0, τ²) over the difference: √(V/(V+τ²)) · exp(τ²Δ² / 2V(V+τ²)), V the variance of Δ. */
function likelihoodRatio(difference: number, variance: number, effect: number): number {
  if (variance === 0) return difference === 0 ? 1 : Number.POSITIVE_INFINITY;
  const both = variance + effect ** 2;
  return Math.sqrt(variance / both) * Math.exp((effect ** 2 * difference ** 2) / (2 * variance * both));
}
