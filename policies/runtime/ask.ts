/** Asks a policy one question and holds it to its form: exactly one decision for each thing that was asked about. */
import { hash } from "node:crypto";
import type { z } from "zod";
import type { Evaluator } from "./createEvaluator.ts";
import type { Decision } from "./decision.ts";
import { PolicyError } from "./policyError.ts";

/** Decisions in the order of what was asked, and what a record of them needs. */
export type Answered<Decided> = {
  readonly decisions: readonly Decided[];
  readonly asked: Decision["asked"];
  readonly inputHash: string;
};

export type PolicyQuestion = {
  readonly entrypoint: string;
  readonly input: object;
  /** How many things are asked about. */
  readonly expected: number;
};

/** Throws a PolicyError, which means deny, when there is no sure answer. */
export async function ask<Decided extends { readonly id: number }>(
  evaluator: Evaluator,
  schema: z.ZodType<Decided>,
  { entrypoint, input, expected }: PolicyQuestion,
): Promise<Answered<Decided>> {
  const record = toRecord(entrypoint, input);
  const answer = await evaluator.evaluate(entrypoint, record.asked.input);
  return { decisions: toDecisions(schema, answer, expected), ...record };
}

/** As `ask`, for a part of a question that is recorded as a whole. */
export async function askPart<Decided extends { readonly id: number }>(
  evaluator: Evaluator,
  schema: z.ZodType<Decided>,
  { entrypoint, input, expected }: PolicyQuestion,
): Promise<readonly Decided[]> {
  return toDecisions(schema, await evaluator.evaluate(entrypoint, input), expected);
}

/** What a record needs of a question. */
export function toRecord(entrypoint: string, question: object): Omit<Answered<never>, "decisions"> {
  const input = JSON.stringify(question);
  return { asked: { entrypoint, input }, inputHash: hash("sha256", input) };
}

/** A decision with an undefined part vanishes from the policy's list instead of denying, so all must be there. */
function toDecisions<Decided extends { readonly id: number }>(
  schema: z.ZodType<Decided>,
  answer: unknown,
  expected: number,
): readonly Decided[] {
  const parsed = schema.array().safeParse(answer);
  if (!parsed.success)
    throw new PolicyError("ANSWER_INVALID", "the policy's decisions have another shape", {
      cause: parsed.error,
    });
  const byId = new Map(parsed.data.map((decision) => [decision.id, decision]));
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
