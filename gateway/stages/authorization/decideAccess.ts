/** Asks the policy which parts of an operation a caller may see, and keeps the answer for callers of equal facts. */
import { type GraphQLSchema, getArgumentValues, getVariableValues } from "graphql";
import { LRUCache } from "lru-cache";
import type { Answered } from "../../../policies/runtime/ask.ts";
import type { FieldDecision, FieldRequest } from "../../../policies/runtime/decideFields.ts";
import type { Verdict } from "../../../policies/runtime/decision.ts";
import type { PolicyBundle } from "../../../policies/runtime/loadPolicyBundle.ts";
import type { EventKeys } from "../../supergraph/eventKeys.ts";
import type { Caller } from "../identifyCaller.ts";
import type { AccessRequest, OperationAccess } from "./analyseOperation.ts";
import { decideWithin } from "./decideWithin.ts";
import type { DeniedRequests } from "./listDenials.ts";
import { type MaskedDocument, maskDocument } from "./maskDocument.ts";
import { createSelectFacts, type PolicyEnvironment, readsOf } from "./policyFacts.ts";

export type AccessOutcome = {
  /** By index of the request. */
  readonly denied: DeniedRequests;
  /** Undefined when nothing is denied. */
  readonly masked: MaskedDocument | undefined;
  /** A rule of mode `reject` denied something: nothing of the operation is executed. */
  readonly isRejected: boolean;
  readonly answered: Answered<FieldDecision>;
  readonly verdicts: readonly Verdict[];
};

export type DecideAccess = (
  access: OperationAccess,
  caller: Caller,
  variables: Readonly<Record<string, unknown>>,
) => Promise<{ readonly outcome: AccessOutcome; readonly reused: boolean }>;

type Options = {
  readonly schema: GraphQLSchema;
  readonly bundle: PolicyBundle;
  readonly environment: PolicyEnvironment;
  readonly deadlineMs: number;
  /** None when nothing of what is decided is subscribed to. */
  readonly eventKeys?: EventKeys;
};

/** Distinct facts of callers remembered for one operation of one document. */
const outcomesMax = 1_000;

export function createDecideAccess({
  schema,
  bundle,
  environment,
  deadlineMs,
  eventKeys = new Map(),
}: Options): DecideAccess {
  const outcomesOf = new WeakMap<OperationAccess, LRUCache<string, Promise<AccessOutcome>>>();
  const reads = readsOf(bundle.catalogue, "fields");
  const selectFacts = createSelectFacts(environment, reads);

  return async (access, caller, variables) => {
    const outcomes =
      outcomesOf.get(access) ?? new LRUCache<string, Promise<AccessOutcome>>({ max: outcomesMax });
    outcomesOf.set(access, outcomes);
    const { facts, key: factsKey } = selectFacts(caller);
    const given = readGiven(access, variables);
    const key = given.key === "" ? factsKey : `${factsKey} ${given.key}`;
    const known = outcomes.get(key);
    if (known) return { outcome: await known, reused: true };
    const question = { facts, ...given.input, requests: given.requests };
    const outcome = decideWithin(
      deadlineMs,
      bundle.decideFields(question).then((answered) => toOutcome(access, answered, eventKeys)),
    );
    outcomes.set(key, outcome);
    outcome.catch(() => outcomes.delete(key));
    return { outcome: await outcome, reused: false };
  };

  /** What rules read of the operation itself. Its key is empty when they read nothing that differs from one to the next. */
  function readGiven(access: OperationAccess, variables: Readonly<Record<string, unknown>>) {
    const input = {
      ...(reads.some((path) => path.startsWith("operation.")) && {
        operation: { kind: access.kind, name: access.name ?? null },
      }),
      ...(reads.includes("variables") && { variables }),
    };
    const requests = access.hasArguments ? readArguments(access, variables) : access.requests;
    const read = access.hasArguments ? requests.map((request) => request.arguments ?? null) : null;
    const key = access.hasArguments || input.variables ? JSON.stringify([read, input.variables]) : "";
    return { input, requests, key };
  }

  function readArguments(
    { operation, requests }: OperationAccess,
    variables: Readonly<Record<string, unknown>>,
  ): readonly FieldRequest[] {
    const { coerced = {} } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
    return requests.map(({ reads: read, ...request }) =>
      read ? { ...request, arguments: argumentsOf(read, coerced) } : request,
    );
  }
}

/** Wrong arguments are refused when the engine coerces variables; until then a rule that reads them finds none and denies. */
function argumentsOf(
  { field, definition, names }: NonNullable<AccessRequest["reads"]>,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  try {
    const values = getArgumentValues(definition, field, variables);
    return Object.fromEntries(names.map((name) => [name, values[name] ?? null]));
  } catch {
    return {};
  }
}

function toOutcome(
  access: OperationAccess,
  answered: Answered<FieldDecision>,
  eventKeys: EventKeys,
): AccessOutcome {
  const { decisions } = answered;
  const denied = new Map<number, { readonly coordinate: string; readonly reason: string }>();
  const verdicts = access.requests.map(({ coordinate }, at): Verdict => {
    const decision = decisions[at];
    // Fewer answers than questions must not read as "the rest is allowed".
    if (!decision) throw new Error(`no decision for ${coordinate}`);
    const { outcome, reason, rule, dry_run: dryRun } = decision;
    if (outcome !== "allow") denied.set(at, { coordinate, reason });
    return { coordinate, outcome, reason, rule, count: 1, dryRun };
  });
  return {
    denied,
    masked: denied.size === 0 ? undefined : maskDocument(access, denied, eventKeys),
    isRejected: decisions.some(({ reject }) => reject),
    answered,
    verdicts,
  };
}
