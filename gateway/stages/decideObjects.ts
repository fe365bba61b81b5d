/**
 * Decides about loaded rows, wherever in an answer they are: one question for all of them. Rows that are alike in what the
 * rules read are one row to the policy. Whatever goes wrong, nothing is shown.
 */
import { LRUCache } from "lru-cache";
import type { Answered } from "../../policies/runtime/ask.ts";
import type { ObjectDecision, ObjectRequest } from "../../policies/runtime/decideObjects.ts";
import type { Decision, RecordDecisions, Verdict } from "../../policies/runtime/decision.ts";
import { toTimeFacts } from "../../policies/runtime/facts.ts";
import type { PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";
import { deadlineMsDefault, decideWithin } from "./authorization/decideWithin.ts";
import { createPerBundle } from "./authorization/perBundle.ts";
import { createSelectFacts, type PolicyEnvironment, readsOf } from "./authorization/policyFacts.ts";
import type { Caller } from "./identifyCaller.ts";
import { collectObjects, type Fields, type LoadedObject } from "./objects/collectObjects.ts";
import type { GuardedObjects } from "./objects/guardedObjects.ts";

/** By identity of the object in the answer's data. An object of a guarded type that is not there must not be shown. */
export type ObjectVerdicts = { readonly get: (object: Fields) => ObjectDecision | undefined };

export type DecideObjects = (
  request: Pick<Decision, "id" | "sequence" | "operation"> & {
    readonly bundle: PolicyBundle;
    readonly caller: Caller;
    readonly data: unknown;
  },
) => Promise<ObjectVerdicts>;

type Options = {
  readonly guardedBy: (bundle: PolicyBundle) => GuardedObjects;
  readonly environment: PolicyEnvironment;
  readonly recordDecisions: RecordDecisions;
  readonly deadlineMs?: number;
};

/** Batches of the same kinds of rows for callers of equal facts. */
const batchesMax = 2_000;
/** Larger batches hardly ever come twice. */
const rememberedKindsMax = 64;
/** Objects in one evaluation; more are asked about in turns. */
const objectsMax = 1_000;

export function createDecideObjects(options: Options): DecideObjects {
  const { guardedBy, environment, recordDecisions, deadlineMs = deadlineMsDefault } = options;
  const { now = Date.now } = environment;
  const of = createPerBundle((bundle) => ({
    guarded: guardedBy(bundle),
    selectFacts: createSelectFacts(environment, readsOf(bundle.catalogue, "objects")),
    batches: new LRUCache<string, Promise<Answered<ObjectDecision>>>({ max: batchesMax }),
  }));

  return async ({ bundle, caller, data, ...decision }) => {
    const { guarded, selectFacts, batches } = of(bundle);
    const startedAt = performance.now();
    const loaded = collectObjects(data, guarded, toTimeFacts(now()).day);
    if (loaded.length === 0) return new Map();
    const kinds = groupByKind(loaded);
    const { facts, key } = selectFacts(caller);
    const verdicts = new Map<Fields, ObjectDecision>();
    for (let from = 0; from < kinds.length; from += objectsMax) {
      const part = kinds.slice(from, from + objectsMax);
      const batchKey = part.length <= rememberedKindsMax ? `${key} ${toBatchKey(part)}` : undefined;
      const known = batchKey === undefined ? undefined : batches.get(batchKey);
      const requests = part.map(({ request }) => request);
      const types = typesOf(requests, guarded);
      const asked =
        known ?? decideWithin(deadlineMs, bundle.decideObjects({ facts, types, objects: requests }));
      if (!known && batchKey !== undefined) {
        batches.set(batchKey, asked);
        asked.catch(() => batches.delete(batchKey));
      }
      const answered = await asked;
      part.forEach(({ objects }, at) => {
        const decided = answered.decisions[at];
        if (!decided) throw new Error("no decision for an object that was asked about");
        for (const object of objects) verdicts.set(object, decided);
      });
      recordDecisions([
        {
          ...decision,
          question: "objects",
          ...summarise(part, answered),
          bundle,
          asked: answered.asked,
          inputHash: answered.inputHash,
          reused: known !== undefined,
          crossesJurisdiction: requests.some(({ attributes }) => isElsewhere(attributes.residency, caller)),
          caller,
          decidedAt: Date.now(),
          latencyMs: performance.now() - startedAt,
        },
      ]);
    }
    return verdicts;
  };
}

/** Rows that are one to the policy. */
type Kind = Pick<LoadedObject, "kind" | "request"> & { readonly objects: Fields[] };

/** Batches that may be remembered are in order, so that those of the same kinds are the same. */
function groupByKind(loaded: readonly LoadedObject[]): readonly Kind[] {
  const kinds = new Map<string, Kind>();
  for (const { object, request, kind } of loaded) {
    const known = kinds.get(kind);
    if (known) known.objects.push(object);
    else kinds.set(kind, { kind, request, objects: [object] });
  }
  const found = [...kinds.values()];
  return found.length > rememberedKindsMax ? found : found.sort((a, b) => (a.kind < b.kind ? -1 : 1));
}

function toBatchKey(kinds: readonly Kind[]): string {
  return kinds.map(({ kind }) => kind).join("");
}

function typesOf(requests: readonly ObjectRequest[], guarded: GuardedObjects) {
  return Object.fromEntries(
    [...new Set(requests.map(({ type }) => type))].flatMap((name) => {
      const object = guarded.get(name);
      return object ? [[name, object.type]] : [];
    }),
  );
}

function summarise(
  kinds: readonly Kind[],
  { decisions }: Answered<ObjectDecision>,
): Pick<Decision, "outcome" | "verdicts"> {
  const verdicts = kinds.map(({ request, objects }, at): Verdict => {
    const { outcome = "drop", reason = "UNDECIDED", rule = "", dry_run: dryRun = [] } = decisions[at] ?? {};
    return { coordinate: request.type, outcome, reason, rule, count: objects.length, dryRun };
  });
  const hidden = verdicts.filter(({ outcome }) => outcome === "drop" || outcome === "null").length;
  const isWhole = verdicts.every(({ outcome }) => outcome === "allow");
  return { outcome: isWhole ? "allowed" : hidden === verdicts.length ? "denied" : "partly-denied", verdicts };
}

/** `GLOBAL` belongs to nobody; what does not say where it belongs is taken for somebody else's. */
function isElsewhere(residency: unknown, { jurisdiction }: Caller): boolean {
  return residency !== undefined && residency !== "GLOBAL" && residency !== jurisdiction.toUpperCase();
}
