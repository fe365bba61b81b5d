/**
 * Entities of one fetch may need different values of its @fromContext variables, and a variable has one value in a request.
 * So entities of equal values are a group, and each group is asked for under an alias with variables of its own: one
 * request, as before.
 */
import {
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  stripIgnoredCharacters,
  visit,
} from "graphql";
import type { SubgraphAnswer } from "../engine.ts";
import type { FetchNode } from "../planning/queryPlan.ts";
import type { Slot } from "./collectSlots.ts";
import { isObject } from "./data.ts";

export type Group = readonly Slot[];

/** In one request. Its text grows with them, and subgraphs limit that. */
const groupsMax = 20;

/** Groups by request. */
export function groupByContexts(slots: readonly Slot[]): Group[][] {
  const groups = new Map<string, Slot[]>();
  for (const slot of slots) {
    const key = JSON.stringify(slot.contexts);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(slot);
  }
  const all = [...groups.values()];
  return Array.from({ length: Math.ceil(all.length / groupsMax) }, (_, at) =>
    all.slice(at * groupsMax, (at + 1) * groupsMax),
  );
}

/** The fetch once for each group. `variables` are those that differ from group to group. */
export function writeForGroups(
  node: FetchNode,
  groups: readonly Group[],
): { readonly query: string; readonly variables: Readonly<Record<string, unknown>> } {
  const variables: Record<string, unknown> = {};
  for (const [at, slots] of groups.entries()) {
    variables[nameFor("representations", at)] = slots.map(({ representation }) => representation);
    for (const [name, value] of Object.entries(slots[0]?.contexts ?? {}))
      variables[nameFor(name, at)] = value;
  }
  return { query: findText(node, groups.length), variables };
}

/** What a subgraph said of one group, as if it had been asked for nothing else. Not trusted more than before. */
export function toGroupAnswer(answer: SubgraphAnswer, at: number): SubgraphAnswer {
  const { data, errors } = answer;
  if (!Array.isArray(errors) && errors !== undefined) return answer;
  const alias = aliasFor(at);
  const own = errors?.flatMap((error) => {
    const [root, ...rest] = Array.isArray(error?.path) ? error.path : [];
    if (root === alias) return [{ ...error, path: ["_entities", ...rest] }];
    // Without data an error of any group is the reason; one that is about none is told once.
    return !data || (root === undefined && at === 0) ? [error] : [];
  });
  return {
    ...(isObject(data) ? { data: { _entities: data[alias] } } : answer),
    ...(own && own.length > 0 ? { errors: own } : { errors: [] }),
  };
}

function aliasFor(at: number): string {
  return `group_${at}`;
}

/** Names of clients' variables are not in the way: `prepareOperation` has renamed those that begin like this. */
function nameFor(name: string, at: number): string {
  return `atlas_${at}_${name}`;
}

const texts = new WeakMap<FetchNode, Map<number, string>>();

function findText(node: FetchNode, count: number): string {
  const known = texts.get(node) ?? new Map<number, string>();
  texts.set(node, known);
  const text = known.get(count) ?? stripIgnoredCharacters(print(repeat(node, count)));
  known.set(count, text);
  return text;
}

function repeat(node: FetchNode, count: number): DocumentNode {
  const document = parse(node.operation, { noLocation: true });
  const own = new Set(["representations", ...(node.contexts ?? []).map(({ variable }) => variable)]);
  const copies = Array.from({ length: count }, (_, at) => renameFor(document, own, at));
  const operations = copies.flatMap(operationsOf);
  const [first] = operations;
  if (!first) throw new Error("a fetch without an operation");
  const definitions = operations.flatMap(({ variableDefinitions = [] }) => variableDefinitions);
  const operation: OperationDefinitionNode = {
    ...first,
    variableDefinitions: [...new Map(definitions.map((one) => [one.variable.name.value, one])).values()],
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: operations.flatMap(({ selectionSet }, at) =>
        selectionSet.selections.map((selection) => withAlias(selection, aliasFor(at))),
      ),
    },
  };
  const fragments = copies.flatMap(({ definitions: all }) =>
    all.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION),
  );
  return { kind: Kind.DOCUMENT, definitions: [operation, ...fragments] };
}

/** Fragments too have a copy for each group, as they use its variables. */
function renameFor(document: DocumentNode, own: ReadonlySet<string>, at: number): DocumentNode {
  const rename = <Node extends { readonly name: { readonly value: string } }>(node: Node) => ({
    ...node,
    name: { kind: Kind.NAME as const, value: nameFor(node.name.value, at) },
  });
  return visit(document, {
    Variable: (node) => (own.has(node.name.value) ? rename(node) : undefined),
    FragmentSpread: rename,
    FragmentDefinition: rename,
  });
}

function operationsOf({ definitions }: DocumentNode): OperationDefinitionNode[] {
  return definitions.filter((part) => part.kind === Kind.OPERATION_DEFINITION);
}

function withAlias(selection: SelectionNode, alias: string): SelectionNode {
  return selection.kind === Kind.FIELD
    ? { ...selection, alias: { kind: Kind.NAME, value: alias } }
    : selection;
}
