/** What compliance asks about access, and what it is told. */
import { z } from "zod";
import type { Caller } from "../stages/identifyCaller.ts";

const factsSchema = z.strictObject({
  anonymous: z.boolean(),
  subject: z.string().nullable(),
  tenant: z.string().nullable(),
  roles: z.array(z.string()),
  scopes: z.array(z.string()),
  clearance: z.enum(["clear", "green", "amber", "amber+strict", "red"]),
  purpose: z.string().nullable(),
  region: z.string(),
  jurisdiction: z.enum(["us", "eu", "br", "ap"]),
});

export const explainRequestSchema = z.strictObject({
  operation: z.string(),
  operationName: z.string().nullable(),
  variables: z.record(z.string(), z.unknown()),
  /** Who is asked about. */
  as: factsSchema,
  /** Who asks: of rows that they may not know, they are told nothing. */
  asker: factsSchema,
  /** Whether the operation's rows are loaded and decided about. */
  rows: z.boolean(),
});

export type ExplainRequest = z.infer<typeof explainRequestSchema>;

export function toCaller({
  anonymous,
  subject,
  tenant,
  scopes,
  ...facts
}: z.infer<typeof factsSchema>): Caller {
  const claims = { ...facts, scopes, claims: {} };
  return anonymous || subject === null
    ? { ...claims, kind: "anonymous", subject: null, tenant: null, expiresAt: null }
    : { ...claims, kind: "identified", subject, tenant, expiresAt: Number.POSITIVE_INFINITY };
}

export type ExplainedField = {
  readonly coordinate: string;
  readonly allowed: boolean;
  readonly reason: string;
  /** That denies it; empty when none does. */
  readonly rule: string;
  /** What the schema demands there, as its directives say it. */
  readonly demands: readonly string[];
  /** Where the operation selects it. */
  readonly places: readonly string[];
  /** Where it is missing in an answer; `@` stands for every element of a list. */
  readonly paths: readonly string[];
};

/** A type of the operation whose rows rules guard. */
export type ExplainedType = {
  readonly type: string;
  readonly rules: readonly string[];
  /** Which of its rows are in lists. */
  readonly lists: "all" | "some" | "none";
  readonly reason: string;
  readonly rule: string;
  /** UCAST, of those that are; null when all or none are. */
  readonly condition: Readonly<Record<string, unknown>> | null;
  readonly places: readonly string[];
};

export type ExplainedRow = {
  readonly type: string;
  /** With indices, as it would be if no row were taken out. */
  readonly path: string;
  /** What the operation selects as `id`; null when nothing. */
  readonly id: string | null;
  readonly outcome: "allow" | "mask" | "null" | "drop";
  readonly reason: string;
  readonly rule: string;
  readonly masked: readonly { readonly field: string; readonly as: string }[];
};

export type ExplainedRows = {
  readonly rows: readonly ExplainedRow[];
  /** False when a subgraph did not answer, or there are more rows than are told. */
  readonly isComplete: boolean;
};

export type AccessExplanation =
  | { readonly kind: "refused"; readonly message: string }
  | {
      readonly kind: "explained";
      readonly bundle: { readonly digest: string; readonly revision: string };
      readonly fields: readonly ExplainedField[];
      readonly types: readonly ExplainedType[];
      /** Null when nobody asked. */
      readonly rows: ExplainedRows | null;
    };
