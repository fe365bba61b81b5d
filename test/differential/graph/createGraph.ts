/** A generated graph, running: its subgraphs composed, and the one server that they are compared with. */
import {
  buildSchema,
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  lexicographicSortSchema,
  printSchema,
  subscribe,
} from "graphql";
import { addDeferDirective } from "../../../gateway/engine/deferred/deferDirective.ts";
import { composeForTest, type TestGraph } from "../../../gateway/engine/testing/composeForTest.ts";
import { createPick, mixSeeds } from "../random.ts";
import type { ModelOptions } from "./addInputs.ts";
import { isRow, type World } from "./computeValue.ts";
import { generateModel } from "./generateModel.ts";
import { getField, type Model } from "./model.ts";
import { nameOfSubgraph, printMonolith } from "./printSdl.ts";
import { createMonolithResolver, createSubgraph, eventsOf } from "./resolvers.ts";

export type GeneratedGraph = {
  readonly model: Model;
  readonly graph: TestGraph;
  /** What clients see, as the supergraph says. */
  readonly schema: GraphQLSchema;
  readonly monolith: Monolith;
  /** Forgets what mutations have changed. */
  readonly reset: () => void;
};

export type Monolith = {
  readonly execute: (operation: Operation) => Promise<ExecutionResult>;
  readonly subscribe: (operation: Operation) => Promise<AsyncGenerator<ExecutionResult> | ExecutionResult>;
};

type Operation = { readonly document: DocumentNode; readonly variables: Readonly<Record<string, unknown>> };

/** Graphs of one seed until one composes; most do. */
const attemptsMax = 50;

export function createGraph(seed: number, options: ModelOptions): GeneratedGraph {
  let last: unknown;
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    try {
      return openGraph(generateModel(createPick(mixSeeds(seed, attempt)), options));
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`no graph of seed ${seed} composes`, { cause: last });
}

/** Throws when the model does not compose. */
export function openGraph(model: Model): GeneratedGraph {
  const world: World = { touches: new Map(), ticks: 0 };
  const subgraphs = Array.from({ length: model.subgraphs }, (_, at) => [
    nameOfSubgraph(at),
    createSubgraph(model, world, at),
  ]);
  const graph = composeForTest(Object.fromEntries(subgraphs));
  const schema = addDeferDirective(graph.supergraph.apiSchema);
  const full = buildSchema(printMonolith(model));
  assertSameSchema(full, graph.supergraph.supergraphSchema, model);
  const fieldResolver = createMonolithResolver(model, world, full);
  const typeResolver = (value: unknown) => (isRow(value) ? value.typeName : undefined);
  const monolith: Monolith = {
    execute: async ({ document, variables }) =>
      execute({ schema, document, variableValues: variables, fieldResolver, typeResolver }),
    subscribe: async ({ document, variables }) =>
      subscribe({
        schema,
        document,
        variableValues: variables,
        fieldResolver,
        typeResolver,
        subscribeFieldResolver: async function* (_source, args, _context, { fieldName }) {
          const field = getField(model, "Subscription", fieldName);
          for await (const event of eventsOf(model, world, field, args)) yield { [fieldName]: event };
        },
      }),
  };
  const reset = () => {
    world.touches.clear();
    world.ticks = 0;
  };
  return { model, graph, schema, monolith, reset };
}

/** The composed schema must be the one that the model means, or the comparison would be of two different things. */
function assertSameSchema(monolith: GraphQLSchema, composed: GraphQLSchema, model: Model): void {
  for (const { name, fields } of [...model.objects, ...model.interfaces]) {
    for (const field of fields) {
      const types = [monolith, composed].map((schema) => {
        const type = schema.getType(name);
        return type && "getFields" in type ? String(type.getFields()[field.name]?.type) : "none";
      });
      if (types[0] !== types[1]) throw new Error(`${name}.${field.name}: ${types.join(" is not ")}`);
    }
  }
}

export function printGraph({ schema }: GeneratedGraph): string {
  return printSchema(lexicographicSortSchema(schema));
}
