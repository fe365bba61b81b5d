/** The third question, after loading: what becomes of each row of a batch? */
import { z } from "zod";
import { type Answered, ask } from "./ask.ts";
import type { Evaluator } from "./createEvaluator.ts";
import { dryRunSchema, reasonSchema } from "./decideFields.ts";
import type { SelectedFacts } from "./facts.ts";
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
export type ObjectDecision = Readonly<z.infer<typeof decisionSchema>>;

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
export function decideObjects(
  evaluator: Evaluator,
  { facts, types, objects }: ObjectsQuestion,
): Promise<Answered<ObjectDecision>> {
  const input = { ...facts, types, objects: objects.map((object, id) => ({ id, ...object })) };
  return ask(evaluator, decisionSchema, { entrypoint, input, expected: objects.length });
}
