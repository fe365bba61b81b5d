/**
 * What a version has to be before it answers as champion. Every rule is told, with what it expected and found, whether it
 * holds or not; the record of the promotion keeps them all.
 */

export type PromotionRule =
  | "TRAINED"
  | "BETTER_THAN_BASE_RATE"
  | "NOT_WORSE_THAN_CHAMPION"
  | "SHADOW_HOLDS"
  | "NOT_REJECTED";

export type PromotionCheck = {
  readonly rule: PromotionRule;
  readonly passed: boolean;
  readonly message: string;
};

export type Candidate = {
  /** Null when it learned from nothing, or reads what cannot be had. */
  readonly heldOut: HeldOut | null;
  /** Null when no champion stands that could be measured. */
  readonly championLoss: number | null;
  readonly shadow: Compared | null;
  /** How the last experiment that tried it ended; null when none did. */
  readonly lastExperiment: string | null;
};

/** On examples that it did not learn from; losses in nats. */
export type HeldOut = { readonly count: number; readonly loss: number; readonly baseRateLoss: number };

/** Mean squared errors on predictions that both made and whose outcome is known. */
export type Compared = { readonly judged: number; readonly brier: number; readonly championBrier: number };

/** How much higher a loss, in nats, or a mean squared error may be. */
export const guard = 0.01;
/** On fewer outcomes nothing is said of a shadow. */
export const judgedMin = 30;

export function judgePromotion(candidate: Candidate): readonly PromotionCheck[] {
  const { heldOut, championLoss, shadow, lastExperiment } = candidate;
  return [
    {
      rule: "TRAINED",
      passed: heldOut !== null,
      message: heldOut
        ? `it can be measured on ${heldOut.count} examples that were held out`
        : "expected a version that learned from data and reads features of countries; this one cannot be measured",
    },
    heldOut ? judgeBaseRate(heldOut) : unmeasured("BETTER_THAN_BASE_RATE"),
    heldOut ? judgeChampion(heldOut, championLoss) : unmeasured("NOT_WORSE_THAN_CHAMPION"),
    judgeShadow(shadow),
    {
      rule: "NOT_REJECTED",
      passed: lastExperiment !== "REJECTED" && lastExperiment !== "STOPPED_BY_GUARDRAIL",
      message:
        lastExperiment === null
          ? "no experiment has tried it"
          : `its last experiment ended ${lastExperiment}`,
    },
  ];
}

function judgeBaseRate({ loss, baseRateLoss }: HeldOut): PromotionCheck {
  return {
    rule: "BETTER_THAN_BASE_RATE",
    passed: loss < baseRateLoss,
    message: `expected a loss below ${show(baseRateLoss)}, that of the base rate; found ${show(loss)}`,
  };
}

function judgeChampion({ loss }: HeldOut, championLoss: number | null): PromotionCheck {
  const rule = "NOT_WORSE_THAN_CHAMPION";
  if (championLoss === null)
    return { rule, passed: true, message: "there is no champion to compare it with" };
  return {
    rule,
    passed: loss <= championLoss + guard,
    message: `expected a loss of at most ${show(championLoss + guard)}, the champion's and ${guard}; found ${show(loss)}`,
  };
}

function judgeShadow(shadow: Compared | null): PromotionCheck {
  const rule = "SHADOW_HOLDS";
  const judged = shadow?.judged ?? 0;
  if (!shadow || judged < judgedMin)
    return {
      rule,
      passed: true,
      message: `${judged} outcomes are known where both predicted; below ${judgedMin} the hold-out alone decides`,
    };
  return {
    rule,
    passed: shadow.brier <= shadow.championBrier + guard,
    message: `expected a mean squared error of at most ${show(shadow.championBrier + guard)} on ${judged} outcomes; found ${show(shadow.brier)}`,
  };
}

function unmeasured(rule: PromotionRule): PromotionCheck {
  return { rule, passed: false, message: "expected a version that can be measured" };
}

function show(loss: number): string {
  return loss.toFixed(4);
}
