/** Asks a recorded question again, of the bundle that answered it or of another, and compares. */
import { z } from "zod";
import type { RecordedQuestion } from "./decisionChain.ts";
import type { PolicyBundle } from "./loadPolicyBundle.ts";
import { PolicyError } from "./policyError.ts";

export type Answer = { readonly outcome: string; readonly reason: string; readonly rule: string };

export type Difference = {
  readonly coordinate: string;
  readonly recorded: Answer;
  readonly replayed: Answer;
  /** Objects or fields that it is about. */
  readonly count: number;
};

export type Replay =
  | { readonly kind: "answered"; readonly differences: readonly Difference[] }
  /** Nothing of the input is on record. */
  | { readonly kind: "masked" }
  /** The bundle gives no sure answer, which means deny. */
  | { readonly kind: "failed"; readonly error: PolicyError };

/** Never rejects. */
export async function replayQuestion(
  bundle: Pick<PolicyBundle, "evaluate">,
  { entrypoint, input, verdicts }: Pick<RecordedQuestion, "entrypoint" | "input" | "verdicts">,
): Promise<Replay> {
  if (input === null) return { kind: "masked" };
  try {
    const answers = parseAnswers(await bundle.evaluate(entrypoint, input), verdicts.length);
    const differences = verdicts.flatMap((verdict, at): readonly Difference[] => {
      const { coordinate, count, outcome, reason, rule } = verdict;
      const replayed = answers[at];
      if (!replayed || (replayed.outcome === outcome && replayed.reason === reason && replayed.rule === rule))
        return [];
      return [{ coordinate, count, recorded: { outcome, reason, rule }, replayed }];
    });
    return { kind: "answered", differences };
  } catch (thrown) {
    if (thrown instanceof PolicyError) return { kind: "failed", error: thrown };
    return {
      kind: "failed",
      error: new PolicyError("ANSWER_INVALID", "the answer has another shape", { cause: thrown }),
    };
  }
}

const answersSchema = z.array(
  z.looseObject({ id: z.int().nonnegative(), outcome: z.string(), reason: z.string(), rule: z.string() }),
);

/** In the order of what was asked; verdicts are in that order too. */
function parseAnswers(answer: unknown, expected: number): readonly Answer[] {
  const byId = new Map(answersSchema.parse(answer).map((one) => [one.id, one]));
  return Array.from({ length: expected }, (_, id) => {
    const found = byId.get(id);
    if (!found || byId.size !== expected)
      throw new PolicyError("ANSWER_INVALID", `expected ${expected} decisions, got ${byId.size}`);
    return { outcome: found.outcome, reason: found.reason, rule: found.rule };
  });
}
