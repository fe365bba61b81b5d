/**
 * Which rows of lists a caller may see, as conditions that travel to the subgraphs in the signed context. Made once for
 * callers of equal facts.
 */
import { LRUCache } from "lru-cache";
import type { Decision, RecordDecisions, Verdict } from "../../policies/runtime/decision.ts";
import type { PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";
import { deadlineMsDefault, decideWithin } from "./authorization/decideWithin.ts";
import { createPerBundle } from "./authorization/perBundle.ts";
import { createSelectFacts, type PolicyEnvironment, readsOf } from "./authorization/policyFacts.ts";
import type { Caller } from "./identifyCaller.ts";
import type { GuardedObjects } from "./objects/guardedObjects.ts";

/** By type: `"all"` rows, `"none"`, or those that meet a condition (UCAST, https://github.com/stalniy/ucast). */
export type Filters = Readonly<Record<string, "all" | "none" | Readonly<Record<string, unknown>>>>;

export type GrantFilters = (
  request: Pick<Decision, "id" | "operation"> & { readonly bundle: PolicyBundle; readonly caller: Caller },
) => Promise<Filters>;

type Options = {
  readonly guardedBy: (bundle: PolicyBundle) => GuardedObjects;
  readonly environment: PolicyEnvironment;
  readonly recordDecisions: RecordDecisions;
  readonly deadlineMs?: number;
};

type Granted = Pick<Decision, "outcome" | "verdicts" | "asked" | "inputHash"> & { readonly filters: Filters };

const grantedMax = 10_000;

export function createGrantFilters(options: Options): GrantFilters {
  const { guardedBy, environment, recordDecisions, deadlineMs = deadlineMsDefault } = options;
  const of = createPerBundle((bundle) => ({
    selectFacts: createSelectFacts(environment, readsOf(bundle.catalogue, "objects")),
    granted: new LRUCache<string, Promise<Granted>>({ max: grantedMax }),
    types: Object.fromEntries([...guardedBy(bundle)].map(([name, { type }]) => [name, type])),
  }));

  return async ({ bundle, caller, id, operation }) => {
    const { selectFacts, granted, types } = of(bundle);
    if (Object.keys(types).length === 0) return {};
    const startedAt = performance.now();
    const { facts, key } = selectFacts(caller);
    const known = granted.get(key);
    const asked = known ?? decideWithin(deadlineMs, grant(bundle, { facts, types }));
    if (!known) {
      granted.set(key, asked);
      asked.catch(() => granted.delete(key));
    }
    const { filters, ...decided } = await asked;
    // What was asked before was recorded when it was.
    if (!known)
      recordDecisions([
        {
          ...decided,
          id,
          sequence: 0,
          question: "filters",
          bundle,
          reused: false,
          crossesJurisdiction: false,
          caller,
          operation,
          decidedAt: Date.now(),
          latencyMs: performance.now() - startedAt,
        },
      ]);
    return filters;
  };
}

async function grant(
  bundle: PolicyBundle,
  question: Parameters<PolicyBundle["decideFilters"]>[0],
): Promise<Granted> {
  const { decisions, asked, inputHash } = await bundle.decideFilters(question);
  const names = Object.keys(question.types);
  const filters: Record<string, Filters[string]> = {};
  const verdicts = decisions.map(({ outcome, reason, rule, condition }, at): Verdict => {
    const coordinate = names[at] ?? "";
    filters[coordinate] = outcome === "allow" ? "all" : (condition ?? "none");
    return { coordinate, outcome, reason, rule, count: 1, dryRun: [] };
  });
  const denied = decisions.filter(({ outcome }) => outcome === "deny").length;
  const outcome = denied === 0 ? "allowed" : denied === decisions.length ? "denied" : "partly-denied";
  return { filters: Object.freeze(filters), outcome, verdicts, asked, inputHash };
}
