/**
 * The first of the policies' questions: which coordinates of one operation may this caller see? One evaluation
 * answers for all of them (docs/decisions/0004-one-policy-question-per-operation.md).
 */
import { z } from "zod";
import { type Answered, ask } from "./ask.ts";
import type { Evaluator } from "./createEvaluator.ts";
import type { SelectedFacts } from "./facts.ts";

export type FieldRequest = {
  /** `Type` or `Type.field`. */
  readonly coordinate: string;
  readonly authenticated: boolean;
  /** Alternatives (outer) of conjunctions (inner); null when the schema demands none. */
  readonly scopes: readonly (readonly string[])[] | null;
  readonly policies: readonly (readonly string[])[] | null;
  /** Values of the arguments that a rule reads here. */
  readonly arguments?: Readonly<Record<string, unknown>>;
};

export type FieldsQuestion = {
  /** What the rules on fields read of caller, time and environment. */
  readonly facts: SelectedFacts["facts"];
  readonly operation?: { readonly kind?: string; readonly name?: string | null };
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly requests: readonly FieldRequest[];
};

export type FieldDecision = Readonly<z.infer<typeof decisionSchema>>;

const entrypoint = "atlas/fields/decisions";

export const dryRunSchema = z.array(z.strictObject({ rule: z.string(), reason: z.string() }));

/** Rules bring their own; each is a code that clients see. */
export const reasonSchema = z.string().regex(/^[A-Z_]+$/);

const decisionSchema = z
  .strictObject({
    id: z.int().nonnegative(),
    outcome: z.enum(["allow", "deny"]),
    reason: reasonSchema,
    /** That denied; empty when none did. */
    rule: z.string(),
    /** The whole operation is to be refused. */
    reject: z.boolean(),
    dry_run: dryRunSchema,
  })
  .refine(
    ({ outcome, reason, reject }) =>
      (outcome === "allow") === (reason === "ALLOWED") && (outcome === "deny" || !reject),
  );

/** Decisions in the order of the requests. Throws a PolicyError, which means deny, unless there is one for each. */
export function decideFields(
  evaluator: Evaluator,
  { facts, operation, variables, requests }: FieldsQuestion,
): Promise<Answered<FieldDecision>> {
  const input = {
    ...facts,
    ...(operation && { operation }),
    ...(variables && { variables }),
    requests: requests.map((request, id) => ({ id, ...request })),
  };
  return ask(evaluator, decisionSchema, { entrypoint, input, expected: requests.length });
}
