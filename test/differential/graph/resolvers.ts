/** How a server that knows all answers, and how each subgraph does: from what it owns, and from what it was sent. */
import { isDeepStrictEqual } from "node:util";
import {
  type FieldNode,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getArgumentValues,
  isObjectType,
  type SelectionSetNode,
} from "graphql";
import type { TestSubgraph } from "../../../gateway/engine/testing/composeForTest.ts";
import { readFieldSet } from "../../../gateway/supergraph/readFieldSet.ts";
import { computeValue, isRow, keyValue, type Row, rowsOf, type Value, type World } from "./computeValue.ts";
import {
  entityInterfaceOf,
  type FieldModel,
  fieldsOf,
  getField,
  type Model,
  type ObjectModel,
  objectOf,
} from "./model.ts";
import { fieldsIn, findExternals, printSubgraph, readArgument } from "./printSdl.ts";

const ROOTS = ["Query", "Mutation", "Subscription"];
const rootRow = (typeName: string): Row => ({ typeName, identity: typeName, index: -1 });

/** `full` has all types and fields, and tells the defaults of arguments in field sets. */
export function createMonolithResolver(
  model: Model,
  world: World,
  full: GraphQLSchema,
): GraphQLFieldResolver<unknown, unknown> {
  const resolve = (row: Row, field: FieldModel, args: Readonly<Record<string, unknown>>): Value => {
    const inputs = field.requires === undefined ? undefined : read(row, readFieldSet(field.requires));
    const computedFrom = field.reads ? readAbove(row, field.reads) : inputs;
    return computeValue(model, world, row, field, args, toInputs(computedFrom));
  };
  const readAbove = (row: Row, { from }: NonNullable<FieldModel["reads"]>): unknown => {
    let above = row.above;
    while (above && !(above.typeName in from)) above = above.above;
    const name = above && from[above.typeName];
    if (!above || name === undefined) throw new Error(`nothing above ${row.identity} to read from`);
    return readValue(resolve(above, getField(model, above.typeName, name), {}), undefined);
  };
  const read = (row: Row, set: SelectionSetNode): unknown =>
    Object.fromEntries(
      fieldsIn(set).map((node) => {
        const value = resolve(
          row,
          getField(model, row.typeName, node.name.value),
          argumentsOf(full, row.typeName, node),
        );
        return [node.name.value, readValue(value, node.selectionSet)];
      }),
    );
  const readValue = (value: Value, set: SelectionSetNode | undefined): unknown => {
    // Computed from what failed, anything would be wrong.
    if (value instanceof Error) throw value;
    if (Array.isArray(value)) return value.map((item: Value) => readValue(item, set));
    return isRow(value) && set ? read(value, set) : value;
  };
  return (source, args, _context, { parentType, fieldName }) => {
    // A subscription's event is what its root field is.
    if (parentType.name === "Subscription") return Reflect.get(Object(source), fieldName);
    const row = isRow(source) ? source : rootRow(parentType.name);
    return putBelow(row, resolve(row, getField(model, parentType.name, fieldName), args));
  };
}

function putBelow(above: Row, value: Value): Value {
  if (Array.isArray(value)) return value.map((item: Value) => putBelow(above, item));
  return isRow(value) ? { ...value, above } : value;
}

/** Nothing where a field is not computed from others. */
function toInputs(value: unknown): string {
  return value === undefined ? "" : JSON.stringify(value);
}

/** What happens, whatever is asked of it. */
export async function* eventsOf(
  model: Model,
  world: World,
  field: FieldModel,
  args: Readonly<Record<string, unknown>>,
) {
  for (let at = 0; at < Number(args.first); at += 1)
    yield computeValue(
      model,
      world,
      { ...rootRow("Subscription"), identity: `Subscription/${at}` },
      field,
      args,
    );
}

function argumentsOf(
  schema: GraphQLSchema,
  typeName: string,
  node: FieldNode,
): Readonly<Record<string, unknown>> {
  const type = schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[node.name.value] : undefined;
  return field ? getArgumentValues(field, node) : {};
}

/** An object as a subgraph has it. */
type Source = {
  readonly __typename: string;
  readonly row: Row;
  /** The representation by which it was asked for. */
  readonly sent?: Readonly<Record<string, unknown>>;
  /** What may be asked of it although others own it. */
  readonly provided?: SelectionSetNode | undefined;
};

export function createSubgraph(model: Model, world: World, subgraph: number): TestSubgraph {
  const externals = findExternals(model, subgraph);
  const resolvers: Record<string, Record<string, unknown>> = {};
  const toSource = (value: Value, provided: SelectionSetNode | undefined): unknown => {
    if (Array.isArray(value)) return value.map((item: Value) => toSource(item, provided));
    return isRow(value) ? { __typename: typeNameIn(model, value, subgraph), row: value, provided } : value;
  };
  const createResolver =
    (typeName: string, field: FieldModel) =>
    (source: Source | undefined, args: Readonly<Record<string, unknown>>) => {
      const row = source?.row ?? rootRow(typeName);
      const coordinate = `${typeName}.${field.name}`;
      if (field.takenFrom === subgraph) throw new Error(`${coordinate} was taken from this subgraph`);
      if (externals.has(coordinate) && !provides(source, field))
        throw new Error(`${coordinate} is external here, and not provided`);
      const sent =
        field.requires === undefined
          ? undefined
          : pickInputs({ ...lentTo(model, world, source), ...source?.sent }, readFieldSet(field.requires));
      const inputs = toInputs(field.reads ? (args[readArgument] ?? null) : sent);
      const provided = field.provides === undefined ? undefined : readFieldSet(field.provides);
      return toSource(computeValue(model, world, row, field, args, inputs), provided);
    };
  const names = [
    ...model.objects,
    ...model.interfaces.filter(({ objectHomes }) => objectHomes.includes(subgraph)),
  ].map(({ name }) => name);
  for (const name of names) {
    const isKnown =
      ROOTS.includes(name) ||
      objectOf(model, name)?.presences.some((one) => one.subgraph === subgraph) !== false;
    if (!isKnown) continue;
    const own: Record<string, unknown> = {};
    const fields = objectOf(model, name)?.fields ?? fieldsOf(model, name);
    for (const field of fields)
      if (isPrinted(model, name, field, subgraph, externals)) own[field.name] = createResolver(name, field);
    if (name === "Subscription")
      for (const field of fields)
        own[field.name] = {
          subscribe: (_root: unknown, args: Readonly<Record<string, unknown>>) =>
            eventsOf(model, world, field, args),
          resolve: (value: Value) => toSource(value, undefined),
        };
    resolvers[name] = own;
  }
  for (const { name, reference } of referencesIn(model, subgraph))
    resolvers[name] = { ...resolvers[name], __resolveReference: reference };
  return { sdl: printSubgraph(model, subgraph), resolvers: withoutEmpty(resolvers) };
}

function isPrinted(
  model: Model,
  typeName: string,
  field: FieldModel,
  subgraph: number,
  externals: ReadonlySet<string>,
): boolean {
  const isKeyOfObject = !objectOf(model, typeName) && field.keyPart === "id";
  return (
    isKeyOfObject ||
    field.homes.includes(subgraph) ||
    field.takenFrom === subgraph ||
    externals.has(`${typeName}.${field.name}`)
  );
}

function withoutEmpty(
  resolvers: Readonly<Record<string, Record<string, unknown>>>,
): TestSubgraph["resolvers"] & {} {
  return Object.fromEntries(Object.entries(resolvers).filter(([, own]) => Object.keys(own).length > 0));
}

/** An interface object knows no other type than its own. */
function typeNameIn(model: Model, row: Row, subgraph: number): string {
  const family = entityInterfaceOf(model, row.typeName);
  return family?.objectHomes.includes(subgraph) ? family.name : row.typeName;
}

function provides(source: Source | undefined, { name }: FieldModel): boolean {
  return source?.provided !== undefined && fieldsIn(source.provided).some((node) => node.name.value === name);
}

/** What is provided of an object is known to whoever provides it, also to compute from. */
function lentTo(model: Model, world: World, source: Source | undefined): Readonly<Record<string, unknown>> {
  const { row, provided } = source ?? {};
  if (!row || !provided) return {};
  return Object.fromEntries(
    fieldsIn(provided).map(({ name: { value: name } }) => [
      name,
      computeValue(model, world, row, getField(model, row.typeName, name), {}),
    ]),
  );
}

/** Only what was asked for, in the order of the field set; what was not sent is told apart from null. */
function pickInputs(sent: unknown, set: SelectionSetNode): unknown {
  if (Array.isArray(sent)) return sent.map((item) => pickInputs(item, set));
  if (typeof sent !== "object" || sent === null) return sent;
  return Object.fromEntries(
    fieldsIn(set).map((node) => {
      const value: unknown = Reflect.get(sent, node.name.value);
      return [
        node.name.value,
        value === undefined ? "(not sent)" : node.selectionSet ? pickInputs(value, node.selectionSet) : value,
      ];
    }),
  );
}

function referencesIn(model: Model, subgraph: number) {
  const entities = model.objects.flatMap((object) => {
    const presence = object.presences.find((one) => one.subgraph === subgraph && object.kind === "entity");
    if (!presence) return [];
    const keys = presence.isResolvable ? presence.keys.map((key) => object.keys[key] ?? "") : [];
    return [{ name: object.name, reference: createReference(model, object, keys, subgraph) }];
  });
  const interfaces = model.interfaces
    .filter(({ isEntity, homes, objectHomes }) => isEntity && [...homes, ...objectHomes].includes(subgraph))
    .map(({ name }) => ({
      name,
      reference: createReference(model, { name, family: name }, ["id"], subgraph),
    }));
  return [...entities, ...interfaces];
}

function createReference(
  model: Model,
  { name, family }: Pick<ObjectModel, "name" | "family">,
  keys: readonly string[],
  subgraph: number,
) {
  return (sent: Readonly<Record<string, unknown>>): Source | null => {
    const usable = keys.map(readFieldSet).filter((set) => isComplete(sent, set));
    if (usable.length === 0) throw new Error(`no key of ${name} that is known here: ${JSON.stringify(sent)}`);
    const row = rowsOf(model, family).find((one) =>
      usable.every((set) => isDeepStrictEqual(keyOf(model, one, set), pickInputs(sent, set))),
    );
    if (!row || (family === name ? false : row.typeName !== name)) return null;
    return { __typename: typeNameIn(model, row, subgraph), row, sent };
  };
}

function isComplete(sent: unknown, set: SelectionSetNode): boolean {
  return fieldsIn(set).every((node) => {
    const value: unknown =
      typeof sent === "object" && sent !== null ? Reflect.get(sent, node.name.value) : undefined;
    return value !== undefined && (node.selectionSet === undefined || isComplete(value, node.selectionSet));
  });
}

function keyOf(model: Model, row: Row, set: SelectionSetNode): unknown {
  return Object.fromEntries(
    fieldsIn(set).map((node) => {
      const [inner] = node.selectionSet ? fieldsIn(node.selectionSet) : [];
      if (inner) return [node.name.value, { [inner.name.value]: keyValue(row, "x", "String") }];
      const { keyPart, type } = getField(model, row.typeName, node.name.value);
      return [node.name.value, keyPart ? keyValue(row, keyPart, type.name) : null];
    }),
  );
}
