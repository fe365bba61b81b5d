/**
 * Executes an operation with deferred fragments: first the answer without them, as soon as its own fetches are done, then
 * each fragment when its fetches are, for all objects of the answer that it is for.
 */
import type { DirectiveNode, GraphQLObjectType } from "graphql";
import { type CompletedData, isToBeTold } from "../answer/completeData.ts";
import { toAnswer } from "../answer/shapeAnswer.ts";
import type { DeferredAnswer, LateAnswer, PendingPart } from "../engine.ts";
import { createData } from "../execution/data.ts";
import type { Failure, RunningOperation } from "../execution/runningOperation.ts";
import type { DeferredPlan } from "../planning/queryPlan.ts";
import type { PartSchemas } from "./partSchemas.ts";
import { type LatePlace, readFirst, readLate } from "./readPart.ts";
import { type DeferredRun, type Fetched, runDeferred } from "./runDeferred.ts";
import type { SeparatedOperation } from "./separateFragments.ts";

type Options<Context> = {
  readonly schemas: PartSchemas;
  readonly running: RunningOperation<Context>;
  readonly rootType: GraphQLObjectType;
  readonly plan: DeferredPlan;
  readonly separated: SeparatedOperation;
  /** Called when nothing more will be asked of subgraphs, or nobody waits for it any more. */
  readonly onEnd: () => void;
};

export async function executeDeferred<Context>(options: Options<Context>): Promise<DeferredAnswer> {
  const { schemas, running, rootType, plan, separated, onEnd } = options;
  const data = createData();
  const run = runDeferred(running, plan, { object: data, path: [] });
  const { failures } = await run.primary;
  const context = { schemas, separated, variables: running.request.variables };
  const first = readFirst(context, data, rootType);
  tell(failures, [{ part: first, path: [] }]);
  const waiting = createWaiting(run);
  const pending = waiting.add(first.places);
  const late = new Set<DirectiveNode>([...separated.late.values()].map(({ directive }) => directive));
  const answer = toAnswer(first.data, first.errors);
  if (pending.length === 0) onEnd();
  return { first: answer, pending, late, rest: deliver() };

  async function* deliver(): AsyncGenerator<LateAnswer, void, undefined> {
    try {
      while (waiting.size() > 0) yield readDone(await waiting.takeDone());
    } finally {
      onEnd();
    }
  }

  /** All that is there by now; what is deferred in it may be there too. */
  function readDone(done: readonly DoneFragment[]): LateAnswer {
    const parts: LateAnswer["parts"][number][] = [];
    const found: PendingPart[] = [];
    for (const { places, failures } of done) {
      const read = places.map(({ id, place }) => {
        const part = readLate(context, place);
        found.push(...waiting.add(part.places));
        return { id, place, part, path: place.path };
      });
      tell(failures, read);
      for (const { id, place, part } of read)
        parts.push({
          id,
          path: place.path,
          label: place.fragment.label,
          fragment: place.fragment.directive,
          typeName: part.typeName,
          answer: toAnswer(part.data, part.errors),
        });
    }
    return { parts, pending: found, hasNext: waiting.size() > 0 };
  }
}

type Told = { readonly part: CompletedData; readonly path: LatePlace["path"] };

/** Each failure that no part has met, in the first that has its place. */
function tell(failures: readonly Failure[], parts: readonly Told[]): void {
  for (const failure of failures) {
    if (parts.some(({ part }) => failure.planted.some((error) => part.errors.has(error)))) continue;
    const teller = parts.find(({ part, path }) => isToBeTold(failure, part, path));
    teller?.part.errors.add(failure.report);
  }
}

type NumberedPlace = { readonly id: number; readonly place: LatePlace };
type DoneFragment = Fetched & { readonly places: readonly NumberedPlace[] };

/** The places that wait, by the fragment that they wait for. */
function createWaiting({ late }: DeferredRun) {
  const waiting = new Map<string, NumberedPlace[]>();
  const known = new Map<DirectiveNode, Set<string>>();
  let ids = 0;

  /** A fragment that is spread twice in one place comes once. */
  function isNew({ fragment: { directive }, path }: LatePlace): boolean {
    const paths = known.get(directive) ?? new Set();
    known.set(directive, paths);
    const key = JSON.stringify(path);
    if (paths.has(key)) return false;
    paths.add(key);
    return true;
  }

  return {
    size: () => waiting.size,
    add: (places: readonly LatePlace[]): PendingPart[] =>
      places.filter(isNew).map((place) => {
        const id = ids++;
        const { planLabel, label } = place.fragment;
        const numbered = waiting.get(planLabel) ?? [];
        numbered.push({ id, place });
        waiting.set(planLabel, numbered);
        return { id, path: place.path, label };
      }),
    /** Waits for the next fragment, and takes all that are done by then. */
    takeDone: async (): Promise<DoneFragment[]> => {
      const fetched = new Map<string, Fetched>();
      const fetches = [...waiting.keys()].map(async (label) => {
        // A fragment of which the plan knows nothing has nothing to wait for.
        fetched.set(label, (await late.get(label)) ?? { failures: [] });
      });
      await Promise.race(fetches);
      // Those that were done all along are noted by now.
      await Promise.resolve();
      const done = [...fetched].map(([label, { failures }]) => ({
        failures,
        places: waiting.get(label) ?? [],
      }));
      for (const label of fetched.keys()) waiting.delete(label);
      return done;
    },
  };
}
