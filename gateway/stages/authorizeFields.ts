/**
 * Takes out of an operation what its caller may not see, before anything is planned or fetched. The policy is asked
 * once for the whole operation; without a sure answer nothing is executed (docs/decisions/0004).
 */
import { randomUUID } from "node:crypto";
import type { DocumentNode, GraphQLError, GraphQLSchema } from "graphql";
import type { RecordDecisions } from "../../policies/runtime/decision.ts";
import type { PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";
import type { EventKeys } from "../supergraph/eventKeys.ts";
import type { SecurityRules } from "../supergraph/securityRules.ts";
import {
  type AnalyseOperation,
  createAnalyseOperation,
  type ReadArguments,
} from "./authorization/analyseOperation.ts";
import { createDecideAccess, type DecideAccess } from "./authorization/decideAccess.ts";
import { deadlineMsDefault } from "./authorization/decideWithin.ts";
import { type Denial, listDenials, toDenialError } from "./authorization/listDenials.ts";
import { emptyDocument } from "./authorization/maskDocument.ts";
import { createPerBundle } from "./authorization/perBundle.ts";
import type { PolicyEnvironment } from "./authorization/policyFacts.ts";
import type { Caller } from "./identifyCaller.ts";

export type AuthorizedFields = {
  /** The document as it came when all of it is allowed, else what is left of it: never to be executed when nothing is. */
  readonly document: DocumentNode;
  /** One for each denied place of the document, in its order. */
  readonly denials: readonly Denial[];
  /** The same as clients read them while nothing was fetched, in the form of Apollo Router. */
  readonly errors: readonly GraphQLError[];
  readonly decisionId: string;
  readonly nothingLeft: boolean;
  /** Whose rules decided, and go on to decide in this operation; undefined when there are none. */
  readonly bundle: PolicyBundle | undefined;
};

export type AuthorizeFields = (request: {
  /** Valid against the schema. Decisions are kept as long as the document is. */
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
  readonly operationId: string;
}) => Promise<AuthorizedFields>;

export type AuthorizeOptions = {
  readonly schema: GraphQLSchema;
  readonly rules: SecurityRules;
  /** The bundle in force. Without policies only a supergraph without rules can be served: everything in it is open. */
  readonly policies: (() => PolicyBundle) | undefined;
  readonly environment: PolicyEnvironment;
  readonly recordDecisions: RecordDecisions;
  /** Of subscriptions, so that what is granted later finds its key in events. None by default. */
  readonly eventKeys?: EventKeys;
  /** After it the operation is refused. Default 1,000 ms. */
  readonly deadlineMs?: number;
};

/** Throws when the supergraph has rules that nobody could enforce, naming them. */
export function createAuthorizeFields(options: AuthorizeOptions): AuthorizeFields {
  const { schema, rules, policies, environment, recordDecisions, eventKeys = new Map() } = options;
  const { deadlineMs = deadlineMsDefault } = options;
  if (!policies) {
    assertNoRules(rules);
    return async ({ document }) => ({
      document,
      denials: [],
      errors: [],
      decisionId: randomUUID(),
      nothingLeft: false,
      bundle: undefined,
    });
  }
  const of = createPerBundle((bundle): { analyse: AnalyseOperation; decide: DecideAccess } => ({
    analyse: createAnalyseOperation(schema, rules, readArgumentsOf(bundle)),
    decide: createDecideAccess({ schema, bundle, environment, deadlineMs, eventKeys }),
  }));

  return async ({ document, operationName, variables, caller, operationId }) => {
    const bundle = policies();
    const { analyse, decide } = of(bundle);
    const access = analyse(document, operationName);
    const decisionId = randomUUID();
    const startedAt = performance.now();
    const { outcome, reused } = await decide(access, caller, variables);
    const { denied, masked, isRejected, verdicts, answered } = outcome;
    const nothingLeft = isRejected || (masked?.nothingLeft ?? false);
    recordDecisions([
      {
        id: decisionId,
        sequence: 0,
        question: "fields",
        outcome: denied.size === 0 ? "allowed" : nothingLeft ? "denied" : "partly-denied",
        verdicts,
        bundle,
        asked: answered.asked,
        inputHash: answered.inputHash,
        reused,
        crossesJurisdiction: false,
        caller,
        operation: { id: operationId, kind: access.kind, name: access.name ?? null },
        decidedAt: Date.now(),
        latencyMs: performance.now() - startedAt,
      },
    ]);
    if (!masked) return { document, denials: [], errors: [], decisionId, nothingLeft: false, bundle };
    const denials = listDenials(access, denied, variables);
    const errors = denials.map((denial) => toDenialError(denial, denial.path, decisionId));
    const left = isRejected ? emptyDocument : masked.document;
    return { document: left, denials, errors, decisionId, nothingLeft, bundle };
  };
}

/** Which arguments the rules of a bundle read. */
export function readArgumentsOf({ catalogue: { rules } }: PolicyBundle): ReadArguments {
  const read = new Map<string, readonly string[]>();
  for (const rule of rules)
    for (const [coordinate, names] of Object.entries(rule.arguments))
      read.set(coordinate, [...new Set([...(read.get(coordinate) ?? []), ...names])]);
  return read;
}

function assertNoRules(rules: SecurityRules): void {
  if (rules.size === 0) return;
  const names = [...rules.keys()].slice(0, 10).join(", ");
  throw new Error(
    `The supergraph restricts ${names}${rules.size > 10 ? "…" : ""}: expected a policy bundle.`,
  );
}
