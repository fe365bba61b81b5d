/**
 * The shop twice: over four subgraphs, and as one graphql-js schema. A subgraph sees of a reference's @external fields
 * only what the gateway sent, so what it computes from them is what it was given.
 */
import {
  type DocumentNode,
  type ExecutionResult,
  executeSync,
  type GraphQLSchema,
  Kind,
  parse,
  subscribe,
} from "graphql";
import { composeForTest, type TestGraph, type TestSubgraph } from "../composeForTest.ts";
import { events, fields, findRow } from "./resolvers.ts";
import type { Row } from "./rows.ts";
import * as schemas from "./schemas.ts";

export function createShop(): TestGraph {
  return composeForTest({
    catalog: toSubgraph(schemas.catalog),
    stock: toSubgraph(schemas.stock, { Product: ["dimensions", "parts"] }),
    reviews: toSubgraph(schemas.reviews, { User: ["name"] }),
    people: toSubgraph(schemas.people, { User: ["reviews"], Review: ["score"] }),
  });
}

type Monolith = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly variableValues: Readonly<Record<string, unknown>>;
};

/** What a single server over the same rows answers. */
export function executeAsMonolith(request: Monolith): ExecutionResult {
  return executeSync({ ...request, fieldResolver: resolveField });
}

export function subscribeAsMonolith(request: Monolith) {
  return subscribe({
    ...request,
    fieldResolver: resolveField,
    subscribeFieldResolver: (_root, { first }) => changes(first),
  });
}

function resolveField(
  row: Row | undefined,
  args: Readonly<Record<string, unknown>>,
  _context: unknown,
  { parentType, fieldName }: { readonly parentType: { readonly name: string }; readonly fieldName: string },
): unknown {
  const compute = fields[parentType.name]?.[fieldName];
  return compute ? compute(row ?? ROOT, args) : row?.[fieldName];
}

const ROOT: Row = { __typename: "Query" };

async function* changes(first: unknown) {
  for (const productChanged of events(first)) yield { productChanged };
}

function toSubgraph(sdl: string, external: Readonly<Record<string, readonly string[]>> = {}): TestSubgraph {
  const resolvers: Record<string, Record<string, unknown>> = {};
  for (const definition of parse(sdl).definitions) {
    const isInterface = definition.kind === Kind.INTERFACE_TYPE_DEFINITION;
    if (!isInterface && definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    const type = definition.name.value;
    const own: Record<string, unknown> = {};
    for (const { name } of definition.fields ?? []) {
      const compute = fields[type]?.[name.value];
      if (compute) own[name.value] = compute;
    }
    if (definition.directives?.some(({ name }) => name.value === "key"))
      own.__resolveReference = createReferenceResolver(external[type] ?? [], isInterface);
    if (type === "Subscription")
      own.productChanged = { subscribe: (_root: unknown, { first }: { first: number }) => changes(first) };
    resolvers[type] = own;
  }
  return { sdl, resolvers };
}

/** An interface's resolver must say which type it found; an interface object knows no other than its own. */
function createReferenceResolver(external: readonly string[], isInterface: boolean) {
  return (reference: Row): Row | null => {
    const row = findRow(reference);
    if (!row) return null;
    const sent = Object.fromEntries(external.map((field) => [field, reference[field]]));
    return { ...row, ...sent, __typename: isInterface ? row.__typename : reference.__typename };
  };
}
