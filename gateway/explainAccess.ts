/** What a caller may see of an operation, and by which rule not, without running or recording it. */
import type { GraphQLSchema } from "graphql";
import { z } from "zod";
import type { PolicyBundle } from "../policies/runtime/loadPolicyBundle.ts";
import type { AdmitOperation } from "./stages/admitOperation.ts";
import { createAnalyseOperation } from "./stages/authorization/analyseOperation.ts";
import { createDecideAccess } from "./stages/authorization/decideAccess.ts";
import { deadlineMsDefault } from "./stages/authorization/decideWithin.ts";
import { listDenials } from "./stages/authorization/listDenials.ts";
import { createPerBundle } from "./stages/authorization/perBundle.ts";
import type { PolicyEnvironment } from "./stages/authorization/policyFacts.ts";
import { readArgumentsOf } from "./stages/authorizeFields.ts";
import type { Caller } from "./stages/identifyCaller.ts";
import type { SecurityRules } from "./supergraph/securityRules.ts";

/** `as` is who is asked about, whoever asks. */
export const explainRequestSchema = z.strictObject({
  operation: z.string(),
  operationName: z.string().nullable(),
  variables: z.record(z.string(), z.unknown()),
  as: z.strictObject({
    anonymous: z.boolean(),
    subject: z.string().nullable(),
    tenant: z.string().nullable(),
    roles: z.array(z.string()),
    scopes: z.array(z.string()),
    clearance: z.enum(["clear", "green", "amber", "amber+strict", "red"]),
    purpose: z.string().nullable(),
    region: z.string(),
    jurisdiction: z.enum(["us", "eu", "br", "ap"]),
  }),
});

export type ExplainRequest = z.infer<typeof explainRequestSchema>;

export type AccessExplanation =
  | { readonly kind: "refused"; readonly message: string }
  | {
      readonly kind: "explained";
      readonly bundle: { readonly digest: string; readonly revision: string };
      readonly fields: readonly {
        readonly coordinate: string;
        readonly allowed: boolean;
        readonly reason: string;
        readonly rule: string;
        /** Where it is missing in an answer; `@` stands for every element of a list. */
        readonly paths: readonly string[];
      }[];
    };

export type ExplainAccess = (request: ExplainRequest) => Promise<AccessExplanation>;

type Options = {
  readonly schema: GraphQLSchema;
  readonly rules: SecurityRules;
  readonly policies: (() => PolicyBundle) | undefined;
  readonly environment: PolicyEnvironment;
  readonly admitOperation: AdmitOperation;
};

export function createExplainAccess(options: Options): ExplainAccess {
  const { schema, rules, policies, environment, admitOperation } = options;
  const of = createPerBundle((bundle) => ({
    analyse: createAnalyseOperation(schema, rules, readArgumentsOf(bundle)),
    decide: createDecideAccess({ schema, bundle, environment, deadlineMs: deadlineMsDefault }),
  }));

  return async ({ operation: query, operationName, variables, as }) => {
    if (!policies) return { kind: "refused", message: "this gateway has no policies" };
    const admitted = admitOperation({ query, operationName: operationName ?? undefined });
    if (admitted.kind === "refused")
      return { kind: "refused", message: admitted.errors.map(({ message }) => message).join("\n") };
    const bundle = policies();
    const { analyse, decide } = of(bundle);
    const access = analyse(admitted.document, admitted.operation.name?.value);
    const { outcome } = await decide(access, toCaller(as), variables);
    const denials = listDenials(access, outcome.denied, variables);
    return {
      kind: "explained",
      bundle: { digest: bundle.digest, revision: bundle.revision },
      fields: outcome.verdicts.map(({ coordinate, outcome: decided, reason, rule }) => ({
        coordinate,
        allowed: decided === "allow",
        reason,
        rule,
        paths: denials.filter((denial) => denial.coordinate === coordinate).map(({ path }) => path.join(".")),
      })),
    };
  };
}

function toCaller({ anonymous, subject, tenant, scopes, ...facts }: ExplainRequest["as"]): Caller {
  const claims = { ...facts, scopes, claims: {} };
  return anonymous || subject === null
    ? { ...claims, kind: "anonymous", subject: null, tenant: null, expiresAt: null }
    : { ...claims, kind: "identified", subject, tenant, expiresAt: Number.POSITIVE_INFINITY };
}
