/** Introspection as a caller may have it: only what policies would let the caller select is in the schema that is shown. */
import {
  type DocumentNode,
  executeSync,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { LRUCache } from "lru-cache";
import type { PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";
import type { SecurityRules } from "../supergraph/securityRules.ts";
import { defaultArguments, toRequest } from "./authorization/analyseOperation.ts";
import { deadlineMsDefault, decideWithin } from "./authorization/decideWithin.ts";
import { createFieldCoordinates } from "./authorization/fieldCoordinates.ts";
import { createPerBundle } from "./authorization/perBundle.ts";
import { createSelectFacts, type PolicyEnvironment, readsOf } from "./authorization/policyFacts.ts";
import type { Caller } from "./identifyCaller.ts";
import { toVisibleSchema } from "./introspection/visibleSchema.ts";

export type Introspect = (request: {
  readonly bundle: PolicyBundle;
  readonly caller: Caller;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}) => Promise<Readonly<Record<string, unknown>>>;

type Options = {
  readonly schema: GraphQLSchema;
  readonly rules: SecurityRules;
  readonly environment: PolicyEnvironment;
};

/** Schemas as callers of equal facts see them; each is some 2 MB. */
const schemasMax = 20;
const requestsMax = 200;

export function createIntrospect({ schema, rules, environment }: Options): Introspect {
  const coordinatesOf = createFieldCoordinates(schema, rules);
  const places = listPlaces(schema).map(([type, field]) => ({
    coordinate: `${type.name}.${field}`,
    guards: coordinatesOf(type, field),
  }));
  const coordinates = [...new Set(places.flatMap(({ guards }) => guards))];
  const of = createPerBundle((bundle) => ({
    selectFacts: createSelectFacts(environment, readsOf(bundle.catalogue, "fields")),
    visible: new LRUCache<string, Promise<{ schema: GraphQLSchema | undefined }>>({ max: schemasMax }),
  }));

  async function decide(bundle: PolicyBundle, facts: Readonly<Record<string, unknown>>) {
    const denied = new Set<string>();
    for (let from = 0; from < coordinates.length; from += requestsMax) {
      const part = coordinates.slice(from, from + requestsMax);
      const { decisions } = await bundle.decideFields({
        facts,
        operation: { kind: "query", name: null },
        variables: {},
        requests: part.map((coordinate) => ({
          ...toRequest(coordinate, rules),
          // What depends on arguments is shown when it can be had with those that the schema gives.
          arguments: defaultArguments(schema, coordinate),
        })),
      });
      part.forEach((coordinate, at) => {
        if (decisions[at]?.outcome !== "allow") denied.add(coordinate);
      });
    }
    const hidden = new Set(
      places.flatMap(({ coordinate, guards }) =>
        guards.some((guard) => denied.has(guard)) ? [coordinate] : [],
      ),
    );
    return {
      schema: toVisibleSchema(schema, (coordinate) => hidden.has(coordinate) || denied.has(coordinate)),
    };
  }

  return async ({ bundle, caller, document, operation, variables }) => {
    const { selectFacts, visible } = of(bundle);
    const { facts, key } = selectFacts(caller);
    const known = visible.get(key) ?? decideWithin(deadlineMsDefault, decide(bundle, facts));
    visible.set(key, known);
    known.catch(() => visible.delete(key));
    const { schema: shown } = await known;
    if (!shown) return {};
    const answer = executeSync({
      schema: shown,
      document: introspectionOf(document, operation),
      variableValues: variables,
    });
    return answer.data ?? {};
  };
}

/** Whether the root of an operation asks for the schema. */
export function asksForSchema(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  return introspectionSelections(operation.selectionSet, fragmentsOf(document)).length > 0;
}

function listPlaces(schema: GraphQLSchema) {
  return Object.values(schema.getTypeMap())
    .filter((type) => !type.name.startsWith("__"))
    .flatMap((type) =>
      isObjectType(type) || isInterfaceType(type)
        ? Object.keys(type.getFields()).map((field) => [type, field] as const)
        : [],
    );
}

function introspectionOf(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  const fragments = fragmentsOf(document);
  const selections = introspectionSelections(operation.selectionSet, fragments);
  return {
    kind: Kind.DOCUMENT,
    definitions: [
      { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } },
      ...fragments.values(),
    ],
  };
}

function introspectionSelections(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): SelectionNode[] {
  return selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) {
      const name = selection.name.value;
      return name === "__schema" || name === "__type" ? [selection] : [];
    }
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    const inner = fragment ? introspectionSelections(fragment.selectionSet, fragments) : [];
    if (inner.length === 0) return [];
    const { directives = [] } = selection;
    const selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: inner };
    return [{ kind: Kind.INLINE_FRAGMENT, directives, selectionSet }];
  });
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((part) =>
      part.kind === Kind.FRAGMENT_DEFINITION ? [[part.name.value, part] as const] : [],
    ),
  );
}
