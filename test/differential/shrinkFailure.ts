/** From a failing case to a small one: first the operation, then the graph without what the operation does not need. */
import { type GraphQLSchema, validate } from "graphql";
import { type GeneratedGraph, openGraph } from "./graph/createGraph.ts";
import type { Model } from "./graph/model.ts";
import type { GeneratedOperation } from "./operation.ts";
import { type Difference, runCase } from "./runCase.ts";
import type { Failure } from "./runGraph.ts";
import { shrinkOperation } from "./shrinkOperation.ts";
import type { OpenSubjects } from "./subjects.ts";

export type SmallFailure = {
  readonly graph: GeneratedGraph;
  readonly operation: GeneratedOperation;
  readonly difference: Difference;
};

type Open = (graph: GeneratedGraph) => OpenSubjects | Promise<OpenSubjects>;

/** Each graph that is tried is composed and opened, which takes a second where the planner has its own process. */
const graphsMax = 40;

export async function shrinkFailure(
  graph: GeneratedGraph,
  { operation, difference }: Failure,
  open: Open,
): Promise<SmallFailure> {
  const whatFails = async (on: GeneratedGraph, opened: OpenSubjects, tried: GeneratedOperation) => {
    const found = (await runCase(on, opened.subjects, tried)).difference;
    // Another difference than the one that was found is another case.
    return found && kindOf(found) === kindOf(difference) ? found : undefined;
  };
  await using opened = await open(graph);
  const shrunk = await shrinkOperation(operation, graph.schema, async (tried) =>
    Boolean(await whatFails(graph, opened, tried)),
  );
  let small: SmallFailure = {
    graph,
    operation: shrunk,
    difference: (await whatFails(graph, opened, shrunk)) ?? difference,
  };
  let tries = 0;
  for (let size = fieldCount(graph.model); size >= 1 && tries < graphsMax; size = Math.floor(size / 2))
    for (let from = 0; from < fieldCount(small.graph.model) && tries < graphsMax; tries += 1) {
      const smaller = tryOpen(withoutFields(small.graph.model, from, size));
      if (!smaller || !isPossible(smaller.schema, shrunk)) {
        from += size;
        continue;
      }
      await using openedSmaller = await open(smaller);
      const still = await whatFails(smaller, openedSmaller, shrunk);
      if (still) small = { graph: smaller, operation: shrunk, difference: still };
      else from += size;
    }
  return small;
}

/** graphql-js validates an operation without a root type. */
function isPossible(schema: GraphQLSchema, { kind, document }: GeneratedOperation): boolean {
  const roots = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  };
  return Boolean(roots[kind]) && validate(schema, document, undefined, { maxErrors: 1 }).length === 0;
}

/** General or compiled, and in what way. */
function kindOf({ what }: Difference): string {
  return what.split(":").slice(0, 2).join(":");
}

function tryOpen(model: Model): GeneratedGraph | undefined {
  try {
    return openGraph(model);
  } catch {
    // It does not compose.
    return undefined;
  }
}

/** Of what can be left out: keys stay. */
function fieldCount({ objects }: Model): number {
  return objects.flatMap(({ fields }) => fields.filter(({ keyPart }) => !keyPart)).length;
}

function withoutFields(model: Model, from: number, size: number): Model {
  let at = -1;
  const objects = model.objects.map((object) => ({
    ...object,
    fields: object.fields.filter(({ keyPart }) => {
      if (keyPart) return true;
      at += 1;
      return at < from || at >= from + size;
    }),
  }));
  return { ...model, objects: objects.filter(({ kind, fields }) => kind !== "root" || fields.length > 0) };
}
