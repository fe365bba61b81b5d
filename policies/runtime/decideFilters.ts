/** The second question: which rows of lists may this caller see? A condition for each guarded type, as data. */
import { z } from "zod";
import { type Answered, ask } from "./ask.ts";
import type { Evaluator } from "./createEvaluator.ts";
import { reasonSchema } from "./decideFields.ts";
import type { SelectedFacts } from "./facts.ts";
import type { GuardedType } from "./guardedType.ts";

export type FiltersQuestion = {
  /** What the rules on objects read of caller, time and environment. */
  readonly facts: SelectedFacts["facts"];
  readonly types: Readonly<Record<string, GuardedType>>;
};

export type FilterDecision = Readonly<z.infer<typeof decisionSchema>>;

const entrypoint = "atlas/filters/decisions";

const decisionSchema = z
  .strictObject({
    id: z.int().nonnegative(),
    /** `allow` lets every row pass, `deny` none, `filter` those that meet the condition. */
    outcome: z.enum(["allow", "deny", "filter"]),
    reason: reasonSchema,
    rule: z.string(),
    /** UCAST (https://github.com/stalniy/ucast): whoever applies it checks it, so here it is only data. */
    condition: z.record(z.string(), z.unknown()).nullable(),
  })
  .refine(({ outcome, condition }) => (outcome === "filter") === (condition !== null));

/** Decisions in the order of `types`. Throws a PolicyError, which means deny, unless there is one for each. */
export function decideFilters(
  evaluator: Evaluator,
  { facts, types }: FiltersQuestion,
): Promise<Answered<FilterDecision>> {
  const requests = Object.keys(types).map((type, id) => ({ id, type }));
  return ask(evaluator, decisionSchema, {
    entrypoint,
    input: { ...facts, types, requests },
    expected: requests.length,
  });
}
