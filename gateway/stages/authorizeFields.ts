/**
 * Takes out of an operation what its caller may not see, before anything is planned or fetched. The policy is asked
 * once for the whole operation; without a sure answer nothing is executed (docs/decisions/0004).
 */
import { randomUUID } from "node:crypto";
import type { DocumentNode, GraphQLError, GraphQLSchema } from "graphql";
import { LRUCache } from "lru-cache";
import type { CallerFacts, FieldReason } from "../../policies/runtime/decideFields.ts";
import type { PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";
import { AppError } from "../errors.ts";
import type { SecurityRules } from "../supergraph/securityRules.ts";
import { createAnalyseOperation, type OperationAccess } from "./authorization/analyseOperation.ts";
import { listDenials, toDenialError } from "./authorization/listDenials.ts";
import { type MaskedDocument, maskDocument } from "./authorization/maskDocument.ts";
import type { Caller } from "./identifyCaller.ts";

export type AuthorizedFields = {
  /** The document as it came when all of it is allowed, else what is left of it: never to be executed when nothing is. */
  readonly document: DocumentNode;
  /** One for each denied place, in the order of the document, in the form of Apollo Router. */
  readonly errors: readonly GraphQLError[];
  readonly decisionId: string;
  readonly nothingLeft: boolean;
};

export type AuthorizeFields = (request: {
  /** Valid against the schema. Decisions are kept as long as the document is. */
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
}) => Promise<AuthorizedFields>;

export type AuthorizeOptions = {
  readonly schema: GraphQLSchema;
  readonly rules: SecurityRules;
  /** Without policies only a supergraph without rules can be served: everything in it is open. */
  readonly policies: PolicyBundle | undefined;
  /** How long the policy may think. Default 1,000 ms; after it the operation is refused. */
  readonly deadlineMs?: number;
};

const deadlineMsDefault = 1_000;
/** Distinct facts of callers remembered for one operation of one document. */
const outcomesMax = 1_000;

/** Throws when the supergraph has rules that nobody could enforce, naming them. */
export function createAuthorizeFields(options: AuthorizeOptions): AuthorizeFields {
  const { schema, rules, policies, deadlineMs = deadlineMsDefault } = options;
  if (!policies) {
    assertNoRules(rules);
    return async ({ document }) => ({ document, errors: [], decisionId: randomUUID(), nothingLeft: false });
  }
  const analyse = createAnalyseOperation(schema, rules);
  const decide = createDecide(policies, deadlineMs);

  return async ({ document, operationName, variables, caller }) => {
    const access = analyse(document, operationName);
    const decisionId = randomUUID();
    const { denied, masked } = await decide(access, caller);
    if (!masked) return { document, errors: [], decisionId, nothingLeft: false };
    const errors = listDenials(access, denied, variables).map((denial) => toDenialError(denial, decisionId));
    return { ...masked, errors, decisionId };
  };
}

/** Coordinates that were denied, each with the reason. */
type Denied = ReadonlyMap<string, FieldReason>;

/** `masked` is undefined when nothing is denied. */
type Outcome = { readonly denied: Denied; readonly masked: MaskedDocument | undefined };

function createDecide(policies: PolicyBundle, deadlineMs: number) {
  const outcomesOf = new WeakMap<OperationAccess, LRUCache<string, Promise<Outcome>>>();
  const keyOf = createFactsKey();

  return (access: OperationAccess, caller: Caller): Promise<Outcome> => {
    const outcomes = outcomesOf.get(access) ?? new LRUCache<string, Promise<Outcome>>({ max: outcomesMax });
    outcomesOf.set(access, outcomes);
    const { facts, key: factsKey } = keyOf(caller);
    const key = `${policies.digest} ${factsKey}`;
    const known = outcomes.get(key);
    if (known) return known;
    const outcome = decideOnce(access, facts).catch((cause: unknown) => {
      outcomes.delete(key);
      const message = "The access policy gave no answer, so nothing was executed.";
      throw new AppError("POLICY_UNAVAILABLE", 503, message, { cause });
    });
    outcomes.set(key, outcome);
    return outcome;
  };

  async function decideOnce(access: OperationAccess, caller: CallerFacts): Promise<Outcome> {
    const { requests, kind, name } = access;
    const decisions = await within(
      deadlineMs,
      policies.decideFields({ caller, operation: { kind, name: name ?? null }, requests }),
    );
    const denied = new Map<string, FieldReason>();
    requests.forEach(({ coordinate }, at) => {
      const decision = decisions[at];
      // Fewer answers than questions must not read as "the rest is allowed".
      if (!decision) throw new Error(`no decision for ${coordinate}`);
      if (!decision.allow) denied.set(coordinate, decision.reason);
    });
    return { denied, masked: denied.size === 0 ? undefined : maskDocument(access, denied) };
  }
}

async function within<T>(deadlineMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no decision within ${deadlineMs} ms`)), deadlineMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

type KeyedFacts = { readonly facts: CallerFacts; readonly key: string };

/** Callers of one token are one object (identifyCaller), so their key is made once. */
function createFactsKey(): (caller: Caller) => KeyedFacts {
  const known = new WeakMap<Caller, KeyedFacts>();
  return (caller) => {
    const keyed = known.get(caller) ?? toKeyedFacts(caller);
    known.set(caller, keyed);
    return keyed;
  };
}

/** Sorted, so that the order of claims does not make callers differ. */
function toKeyedFacts({ kind, roles, scopes, clearance, purpose }: Caller): KeyedFacts {
  const facts = { kind, roles: [...roles].sort(), scopes: [...scopes].sort(), clearance, purpose };
  return { facts, key: JSON.stringify(facts) };
}

function assertNoRules(rules: SecurityRules): void {
  if (rules.size === 0) return;
  const names = [...rules.keys()].slice(0, 10).join(", ");
  throw new Error(
    `The supergraph restricts ${names}${rules.size > 10 ? "…" : ""}: expected a policy bundle.`,
  );
}
