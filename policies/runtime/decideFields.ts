/**
 * The first of the policies' questions: which coordinates of one operation may this caller see? One evaluation
 * answers for all of them (docs/decisions/0004-one-policy-question-per-operation.md).
 */
import { z } from "zod";
import type { Evaluator } from "./createEvaluator.ts";
import { PolicyError } from "./policyError.ts";

/** All that the rules read of a caller, so callers of equal facts share decisions. */
export type CallerFacts = {
  readonly kind: "anonymous" | "identified";
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly clearance: string;
  readonly purpose: string | null;
};

export type FieldRequest = {
  /** `Type` or `Type.field`. */
  readonly coordinate: string;
  readonly authenticated: boolean;
  /** Alternatives (outer) of conjunctions (inner); null when the schema demands none. */
  readonly scopes: readonly (readonly string[])[] | null;
  readonly policies: readonly (readonly string[])[] | null;
};

export type FieldsQuestion = {
  readonly caller: CallerFacts;
  readonly operation: { readonly kind: "query" | "mutation" | "subscription"; readonly name: string | null };
  readonly requests: readonly FieldRequest[];
};

export type FieldReason = z.infer<typeof reasonSchema>;
export type FieldDecision = { readonly allow: boolean; readonly reason: FieldReason };

export type PolicyProfile = "local" | "production";

const entrypoint = "atlas/access/fields/decisions";

const reasonSchema = z.enum([
  "ALLOWED",
  "AUTHENTICATION_REQUIRED",
  "MALFORMED_REQUEST",
  "NOT_GRANTED_TO_ANONYMOUS",
  "POLICY_NOT_SATISFIED",
  "SCOPE_MISSING",
]);
const decisionsSchema = z.array(
  z
    .strictObject({ id: z.int().nonnegative(), allow: z.boolean(), reason: reasonSchema })
    .refine(({ allow, reason }) => allow === (reason === "ALLOWED")),
);

/** Decisions in the order of the requests. Throws a PolicyError, which means deny, unless there is one for each. */
export async function decideFields(
  evaluator: Evaluator,
  profile: PolicyProfile,
  { caller, operation, requests }: FieldsQuestion,
): Promise<readonly FieldDecision[]> {
  const answer = await evaluator.evaluate(entrypoint, {
    caller,
    operation,
    environment: { profile },
    requests: requests.map((request, id) => ({ id, ...request })),
  });
  return toDecisions(answer, requests.length);
}

/** A decision with an undefined part vanishes from the policy's list instead of denying: exactly one an id is demanded. */
function toDecisions(answer: unknown, expected: number): readonly FieldDecision[] {
  const parsed = decisionsSchema.safeParse(answer);
  if (!parsed.success)
    throw new PolicyError("ANSWER_INVALID", "the policy's decisions have another shape", {
      cause: parsed.error,
    });
  const byId = new Map(parsed.data.map(({ id, allow, reason }) => [id, { allow, reason }]));
  return Array.from({ length: expected }, (_, id) => {
    const decision = byId.get(id);
    if (!decision || parsed.data.length !== expected)
      throw new PolicyError(
        "ANSWER_INVALID",
        `expected one decision for each of ${expected} requests, got ${parsed.data.length} decisions`,
      );
    return decision;
  });
}
