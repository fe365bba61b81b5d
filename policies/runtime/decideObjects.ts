/**
 * The third question, after loading: what becomes of each row of a batch? A thousand rows that all differ do so in little
 * that a rule reads, so each rule is asked once for what it reads, and once more what all of that comes to: tens of
 * evaluations of a rule in place of thousands. What is recorded is the question as a whole (`atlas/objects/decisions`),
 * which defines the answer; `decideObjects.test.ts` holds the two ways to each other.
 */
import { z } from "zod";
import { type Answered, askPart, toRecord } from "./ask.ts";
import type { RuleCatalogue } from "./catalogue.ts";
import type { Evaluator } from "./createEvaluator.ts";
import { dryRunSchema, reasonSchema } from "./decideFields.ts";
import type { SelectedFacts } from "./facts.ts";
import { groupByRule } from "./groupByRule.ts";
import type { GuardedType } from "./guardedType.ts";

export type ObjectRequest = {
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
};

export type ObjectsQuestion = {
  /** What the rules on objects read of caller, time and environment. */
  readonly facts: SelectedFacts["facts"];
  readonly types: Readonly<Record<string, GuardedType>>;
  readonly objects: readonly ObjectRequest[];
};

export type Mask = z.infer<typeof maskSchema>;
/** Rows of equal fate share one. */
export type ObjectDecision = Readonly<Omit<z.infer<typeof decisionSchema>, "id">>;

const entrypoint = "atlas/objects/decisions";

const maskSchema = z.discriminatedUnion("as", [
  z.strictObject({ as: z.literal("redact") }),
  z.strictObject({ as: z.literal("hash") }),
  z.strictObject({ as: z.literal("partial") }),
  /** Numbers keep so many digits after the point; moments the start of their day, month or year. */
  z.strictObject({
    as: z.literal("generalise"),
    digits: z.int().min(-3).max(6).optional(),
    to: z.enum(["day", "month", "year"]).optional(),
  }),
]);
const verdictSchema = z.strictObject({
  id: z.int().nonnegative(),
  rule: z.string(),
  outcome: z.string(),
  reason: z.string(),
  masks: z.record(z.string(), z.unknown()),
});
const decisionSchema = z
  .strictObject({
    id: z.int().nonnegative(),
    outcome: z.enum(["allow", "mask", "null", "drop"]),
    reason: reasonSchema,
    rule: z.string(),
    /** By field; whatever the outcome, so that a weaker rule's mask is not forgotten. */
    masks: z.record(z.string(), maskSchema),
    dry_run: dryRunSchema,
  })
  .refine(({ outcome, masks }) => outcome !== "allow" || Object.keys(masks).length === 0);

/** Decisions in the order of the objects. Throws a PolicyError, which means deny, unless there is one for each. */
export async function decideObjects(
  evaluator: Evaluator,
  catalogue: RuleCatalogue,
  { facts, types, objects }: ObjectsQuestion,
): Promise<Answered<ObjectDecision>> {
  const { rows, rowsOf } = groupByRule(catalogue, types, objects);
  const verdicts = await askPart(evaluator, verdictSchema, {
    entrypoint: "atlas/objects/verdicts",
    input: { ...facts, types, objects: rows.map((row, id) => ({ id, ...row })) },
    expected: rows.length,
  });
  const { combinations, combinationOf } = combine(verdicts, rowsOf);
  const decided = await askPart(evaluator, decisionSchema, {
    entrypoint: "atlas/objects/combinations",
    input: { combinations: combinations.map((told, id) => ({ id, verdicts: told })) },
    expected: combinations.length,
  });
  const shared = decided.map(({ id: _, ...decision }): ObjectDecision => decision);
  const question = { ...facts, types, objects: objects.map((object, id) => ({ id, ...object })) };
  return {
    decisions: combinationOf.map((at) => {
      const decision = shared[at];
      if (!decision) throw new Error(`no decision for the combination ${at} of verdicts`);
      return decision;
    }),
    ...toRecord(entrypoint, question),
  };
}

type Verdict = Omit<z.infer<typeof verdictSchema>, "id">;

/** The different lists of verdicts that objects have, and which of them each has. */
function combine(
  verdicts: readonly z.infer<typeof verdictSchema>[],
  rowsOf: readonly (readonly number[])[],
): { readonly combinations: readonly (readonly Verdict[])[]; readonly combinationOf: readonly number[] } {
  // Of two rows, verdicts that say the same are the same.
  const known = new Map<string, number>();
  const different: Verdict[] = [];
  const differentOf = verdicts.map(({ id: _, ...verdict }) => {
    const text = JSON.stringify(verdict);
    const at = known.get(text) ?? different.push(verdict) - 1;
    known.set(text, at);
    return at;
  });
  const combinations: (readonly Verdict[])[] = [];
  const at = new Map<string, number>();
  const combinationOf = rowsOf.map((rows) => {
    const key = rows.map((row) => differentOf[row]).join();
    const found = at.get(key) ?? combinations.push(rows.map((row) => verdictOf(differentOf[row]))) - 1;
    at.set(key, found);
    return found;
  });
  return { combinations, combinationOf };

  function verdictOf(index = -1): Verdict {
    const verdict = different[index];
    if (!verdict) throw new Error(`no verdict ${index}`);
    return verdict;
  }
}
