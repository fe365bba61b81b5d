/**
 * Does a plan fetch all of an operation? Walks the operation once for each object type that can stand in each place,
 * beside the selections that the plan's fetches bring there. No planner of today is right every time, and a field that
 * nobody fetched would be null, or an error, in every answer.
 *
 * Sound for what it walks: types, fragments, arguments, `__typename` of abstract types, and the inputs of entity fetches
 * at the object itself. It does not look at the order of fetches, or into nested inputs.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
  type ValueNode,
} from "graphql";
import { nodesOf } from "./fetchesOf.ts";
import type { FetchNode, PathSegment, PlanNode, QueryPlan } from "./queryPlan.ts";
import type { SubgraphTypes } from "./subgraphTypes.ts";

/** A place that the plan does not fetch, in the operation's own keys; undefined when it fetches all. */
export type FindUncovered = (document: DocumentNode, plan: QueryPlan) => string | undefined;

/** Objects looked at, by place and type. An operation with more is not checked, so it counts as not covered. */
const statesMax = 20_000;

export function createFindUncovered(schema: GraphQLSchema, types: SubgraphTypes): FindUncovered {
  return (document, plan) => {
    const operation = readSource(document);
    const root = schema.getRootType(operation.definition.operation);
    if (!root) return "the root type";
    const walk: Walk = { schema, types, operation, ids: new Map(), seen: new Set() };
    return walkObject(walk, root, [operation.definition.selectionSet], readBranches(plan), undefined, "");
  };
}

type Source = {
  readonly definition: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
};

type Fetched = {
  readonly node: FetchNode;
  readonly source: Source;
  readonly renamed: ReadonlyMap<string, string>;
};

/** What a fetch brings to the object at hand, or to objects that are further on. */
type Branch = Here | Further;
type Here = { readonly kind: "here"; readonly set: SelectionSetNode; readonly fetched: Fetched };
type Further = {
  readonly kind: "further";
  readonly path: readonly PathSegment[];
  /** How much of the path is behind. */
  readonly at: number;
  readonly fetched: Fetched;
};

type Walk = {
  readonly schema: GraphQLSchema;
  readonly types: SubgraphTypes;
  readonly operation: Source;
  readonly ids: Map<object, number>;
  readonly seen: Set<string>;
};

function walkObject(
  walk: Walk,
  type: GraphQLObjectType,
  asked: readonly SelectionSetNode[],
  branches: readonly Branch[],
  mustTell: string | undefined,
  place: string,
): string | undefined {
  const state = [
    type.name,
    mustTell,
    ...asked.map((set) => idOf(walk, set)),
    "-",
    ...branches.map((branch) => nameOf(walk, branch)),
  ];
  const key = state.join();
  if (walk.seen.has(key)) return undefined;
  walk.seen.add(key);
  if (walk.seen.size > statesMax) return `${place} (too many types to check)`;
  const brought = new Map<string, Brought[]>();
  const here = branches.filter((branch) => branch.kind === "here");
  for (const { set, fetched } of here)
    collect(walk, fetched.source, set, type.name, (field) => bring(brought, field, fetched));
  for (const { set, fetched } of arriveWithInputs(walk, branches, type.name, brought))
    collect(walk, fetched.source, set, type.name, (field) => bring(brought, field, fetched));
  if (mustTell !== undefined && !tellsType(walk, brought, mustTell)) return `${place}.__typename`;

  const groups = new Map<string, FieldNode[]>();
  for (const set of asked)
    collect(walk, walk.operation, set, type.name, (field) => {
      const responseKey = keyOf(field);
      groups.set(responseKey, [...(groups.get(responseKey) ?? []), field]);
    });
  for (const [responseKey, fields] of groups) {
    const uncovered = walkField(
      walk,
      type,
      responseKey,
      fields,
      brought.get(responseKey) ?? [],
      branches,
      place,
    );
    if (uncovered !== undefined) return uncovered;
  }
  return undefined;
}

type Brought = { readonly field: FieldNode; readonly fetched: Fetched };

function walkField(
  walk: Walk,
  parent: GraphQLObjectType,
  key: string,
  [first, ...others]: readonly FieldNode[],
  brought: readonly Brought[],
  branches: readonly Branch[],
  parentPlace: string,
): string | undefined {
  const name = first?.name.value;
  // Known without asking: of a root, of an object type, or from the `__typename` that was looked for above.
  if (!first || name === undefined || name === "__typename") return undefined;
  const place = parentPlace === "" ? key : `${parentPlace}.${key}`;
  const isSame = brought.every(
    ({ field, fetched }) =>
      field.name.value === name && printArguments(field, fetched.node) === printArguments(first),
  );
  if (brought.length === 0 || !isSame) return place;
  const field = parent.getFields()[name];
  const fieldType = field && getNamedType(field.type);
  if (!field || !isCompositeType(fieldType)) return undefined;
  const asked = [first, ...others].flatMap(({ selectionSet }) => selectionSet ?? []);
  const below: Branch[] = [
    ...brought.flatMap(({ field: { selectionSet: set }, fetched }): Branch[] =>
      set ? [{ kind: "here", set, fetched }] : [],
    ),
    ...branches.flatMap((branch) => advance(walk, branch, parent.name, key, listDepth(field.type))),
  ];
  const objects = new Set(
    brought.flatMap(({ fetched: { node } }) => [...walk.types.possibleIn(node.subgraph, fieldType.name)]),
  );
  const mustTell =
    isAbstractType(fieldType) && dependsOnType(walk, asked, objects) ? fieldType.name : undefined;
  for (const object of objects) {
    const type = walk.schema.getType(object);
    // An inaccessible type is answered as null whatever was fetched.
    if (!isObjectType(type)) continue;
    const uncovered = walkObject(walk, type, asked, below, mustTell, place);
    if (uncovered !== undefined) return uncovered;
  }
  return undefined;
}

function dependsOnType(
  { operation, types }: Walk,
  asked: readonly SelectionSetNode[],
  objects: ReadonlySet<string>,
): boolean {
  const depends = (set: SelectionSetNode): boolean =>
    set.selections.some((selection) => {
      if (selection.kind === Kind.FIELD) return selection.name.value === "__typename";
      const spread =
        selection.kind === Kind.FRAGMENT_SPREAD ? operation.fragments.get(selection.name.value) : selection;
      const condition = spread?.typeCondition?.name.value;
      if (condition !== undefined) {
        const fitting = types.possible(condition);
        if ([...objects].some((object) => !fitting.has(object))) return true;
      }
      return spread !== undefined && depends(spread.selectionSet);
    });
  return asked.some(depends);
}

/** Where it is an interface object, a subgraph's `__typename` does not say which type it is. */
function tellsType(
  { types }: Walk,
  brought: ReadonlyMap<string, readonly Brought[]>,
  abstractType: string,
): boolean {
  const tellers = brought.get("__typename") ?? [];
  return tellers.some(({ fetched }) => !types.isInterfaceObject(fetched.node.subgraph, abstractType));
}

/** Root selections, and entity fetches by the path they are at. */
function readBranches(plan: QueryPlan): Branch[] {
  const branches: Branch[] = [];
  const read = (node: PlanNode | undefined, path: readonly PathSegment[]): void => {
    switch (node?.kind) {
      case "sequence":
      case "parallel":
      case "separate":
        for (const child of node.nodes) read(child, path);
        break;
      case "flatten":
        read(node.node, [...path, ...node.path]);
        break;
      case "condition":
        read(node.included, path);
        read(node.skipped, path);
        break;
      case "fetch": {
        const fetched = readFetch(node);
        const { selectionSet: set } = fetched.source.definition;
        if (node.requires) branches.push({ kind: "further", path, at: 0, fetched });
        else branches.push({ kind: "here", set, fetched });
      }
    }
  };
  for (const node of topNodes(plan)) read(node, []);
  return branches;
}

function topNodes(plan: QueryPlan): (PlanNode | undefined)[] {
  switch (plan.kind) {
    case "operation":
      return [plan.node];
    case "subscription":
      return [plan.primary, plan.rest];
    case "deferred":
      return [plan.primary, ...nodesOf(plan.deferred)];
  }
}

function readFetch(node: FetchNode): Fetched {
  const renamed = node.outputRewrites.flatMap((rewrite) =>
    rewrite.kind === "renameKey" ? [[rewrite.key, rewrite.newKey] as const] : [],
  );
  return { node, source: readSource(parse(node.operation, { noLocation: true })), renamed: new Map(renamed) };
}

function readSource(document: DocumentNode): Source {
  const fragments = new Map<string, FragmentDefinitionNode>();
  let operation: OperationDefinitionNode | undefined;
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) operation = definition;
  if (!operation) throw new Error("a document without an operation");
  return { definition: operation, fragments };
}

/** Entity fetches at this object whose inputs are brought here; one may bring the inputs of the next. */
function arriveWithInputs(
  walk: Walk,
  branches: readonly Branch[],
  type: string,
  brought: Map<string, Brought[]>,
): Here[] {
  let waiting = branches.filter((branch) => branch.kind === "further" && isHere(walk, branch, type));
  const arrived: Here[] = [];
  const keys = new Set(brought.keys());
  for (let before = -1; before !== waiting.length; ) {
    before = waiting.length;
    waiting = waiting.filter(({ fetched }) => {
      if (!hasInputs(walk, fetched, type, keys)) return true;
      for (const set of entitySets(fetched.source)) {
        arrived.push({ kind: "here", set, fetched });
        collect(walk, fetched.source, set, type, (field) => void keys.add(renamedKeyOf(field, fetched)));
      }
      return false;
    });
  }
  return arrived;
}

function hasInputs({ types }: Walk, { node }: Fetched, type: string, keys: ReadonlySet<string>): boolean {
  return (node.requires ?? []).some((required) => {
    if (required.kind !== "type" || !types.possible(required.name).has(type)) return false;
    const inputs = required.selections.flatMap((input) =>
      input.kind === "field" && input.optional !== true && input.key !== "__typename" ? [input.key] : [],
    );
    if (!inputs.every((key) => keys.has(key))) return false;
    // What is known of a key that the fetch does not name is sent along (`enrichRepresentations`).
    const resolvable = types.resolvableKeys(node.subgraph, required.name);
    return resolvable.length === 0 || resolvable.some((key) => key.every((field) => keys.has(field)));
  });
}

function entitySets({ definition }: Source): SelectionSetNode[] {
  return definition.selectionSet.selections.flatMap((selection) =>
    selection.kind === Kind.FIELD && selection.selectionSet ? [selection.selectionSet] : [],
  );
}

/** Only type conditions, which this type fits, are left of its path. */
function isHere({ types }: Walk, { path, at }: Further, type: string): boolean {
  return path
    .slice(at)
    .every(
      (segment) => segment.kind === "type" && segment.names.some((name) => types.possible(name).has(type)),
    );
}

/** The branch as seen from the objects under `key` of an object of this type; nothing when it does not lead there. */
function advance({ types }: Walk, branch: Branch, type: string, key: string, depth: number): Branch[] {
  if (branch.kind === "here") return [];
  const { path } = branch;
  let at = branch.at;
  for (let segment = path[at]; segment?.kind === "type"; segment = path[at]) {
    if (!segment.names.some((name) => types.possible(name).has(type))) return [];
    at += 1;
  }
  const step = path[at];
  if (step?.kind !== "field" || step.key !== key) return [];
  at += 1;
  // Hive's planner writes one step into lists of lists; the executor would not arrive.
  for (let level = 0; level < depth; level += 1, at += 1) if (path[at]?.kind !== "items") return [];
  return [{ ...branch, at }];
}

function listDepth(type: GraphQLOutputType): number {
  if (isNonNullType(type)) return listDepth(type.ofType);
  return isListType(type) ? 1 + listDepth(type.ofType) : 0;
}

function collect(
  walk: Walk,
  source: Source,
  set: SelectionSetNode,
  type: string,
  take: (field: FieldNode) => void,
): void {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) take(selection);
    else {
      const spread =
        selection.kind === Kind.FRAGMENT_SPREAD ? source.fragments.get(selection.name.value) : selection;
      const condition = spread?.typeCondition?.name.value;
      if (spread && (condition === undefined || walk.types.possible(condition).has(type)))
        collect(walk, source, spread.selectionSet, type, take);
    }
  }
}

function bring(brought: Map<string, Brought[]>, field: FieldNode, fetched: Fetched): void {
  const key = renamedKeyOf(field, fetched);
  brought.set(key, [...(brought.get(key) ?? []), { field, fetched }]);
}

function renamedKeyOf(field: FieldNode, { renamed }: Fetched): string {
  const key = keyOf(field);
  return renamed.get(key) ?? key;
}

function keyOf({ alias, name }: FieldNode): string {
  return (alias ?? name).value;
}

/** Without those that clients do not give (@fromContext). */
function printArguments(
  { arguments: args = [] }: FieldNode,
  { contexts = [] }: Partial<FetchNode> = {},
): string {
  return args
    .filter(
      ({ value }) =>
        value.kind !== Kind.VARIABLE || !contexts.some(({ variable }) => variable === value.name.value),
    )
    .map(({ name, value }) => `${name.value}: ${printValue(value)}`)
    .sort()
    .join(", ");
}

/** The same for what means the same: planners write numbers, block strings and ids in their own ways. */
function printValue(value: ValueNode): string {
  switch (value.kind) {
    case Kind.LIST:
      return `[${value.values.map(printValue).join(", ")}]`;
    case Kind.OBJECT:
      return `{${value.fields
        .map((field) => `${field.name.value}: ${printValue(field.value)}`)
        .sort()
        .join(", ")}}`;
    case Kind.STRING:
      return /^(0|-?[1-9]\d*)$/.test(value.value) ? value.value : JSON.stringify(value.value);
    case Kind.FLOAT:
      return String(Number(value.value));
    default:
      return print(value);
  }
}

function idOf({ ids }: Walk, object: object): number {
  const known = ids.get(object);
  if (known !== undefined) return known;
  ids.set(object, ids.size);
  return ids.size - 1;
}

function nameOf(walk: Walk, branch: Branch): string {
  return branch.kind === "here"
    ? `${idOf(walk, branch.set)}`
    : `${idOf(walk, branch.fetched)}@${idOf(walk, branch.path)}:${branch.at}`;
}
