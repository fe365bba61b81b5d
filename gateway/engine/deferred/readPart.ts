/** Reads one part of an answer from the merged data, and finds the places in it where more is to come. */
import {
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
} from "graphql";
import { type CompletedData, completeData } from "../answer/completeData.ts";
import { invalidValue } from "../answer/invalidValue.ts";
import { type DataObject, isObject, readKey } from "../execution/data.ts";
import type { ResponsePath } from "../execution/findTargets.ts";
import { findObjectType, type PartSchemas } from "./partSchemas.ts";
import type { LateFragment, SeparatedOperation } from "./separateFragments.ts";

/** One object of the answer that a deferred fragment is still to come for. */
export type LatePlace = {
  readonly fragment: LateFragment;
  readonly path: ResponsePath;
  readonly object: DataObject;
  /** What is known of it so far; an interface object only knows its interface. */
  readonly type: GraphQLObjectType;
  readonly isTypeSure: boolean;
};

export type ReadPart = CompletedData & {
  readonly typeName: string;
  readonly places: readonly LatePlace[];
};

type Context = {
  readonly schemas: PartSchemas;
  readonly separated: SeparatedOperation;
  readonly variables: Readonly<Record<string, unknown>>;
};

export function readFirst(context: Context, data: DataObject, type: GraphQLObjectType): ReadPart {
  const { schemas, separated } = context;
  const root = { schema: schemas.schema, document: separated.first, type, path: [] };
  return read(context, data, root);
}

export function readLate(
  context: Context,
  { fragment, path, object, type: knownType, isTypeSure }: LatePlace,
): ReadPart {
  const whole = context.schemas.schema;
  const told = findObjectType(whole, readKey(object, "__typename"));
  const type = told ?? knownType;
  if (!isTypeSure && !told && !fits(whole, type, fragment.typeCondition)) {
    const { message, extensions } = invalidValue(`Expected an object of a known type, came one of none.`);
    const error = new GraphQLError(message, { path, extensions });
    return { data: null, errors: new Set([error]), typeName: type.name, places: [] };
  }
  const { schema, kind } = context.schemas.find(type);
  const placed = new Set<unknown>();
  const part = read(context, object, { schema, document: fragment.documents[kind], type, path }, placed);
  const errors = [...part.errors].map((error) => (placed.has(error) ? error : moveBelow(path, error)));
  return { ...part, errors: new Set(errors) };
}

function moveBelow(place: ResponsePath, { message, nodes, path = [], extensions }: GraphQLError) {
  return new GraphQLError(message, {
    ...(nodes ? { nodes } : {}),
    path: [...place, ...path],
    extensions,
  });
}

type Root = {
  readonly schema: GraphQLSchema;
  readonly document: SeparatedOperation["first"];
  readonly type: GraphQLObjectType;
  readonly path: ResponsePath;
};

function read(
  { schemas, separated, variables }: Context,
  data: DataObject,
  { schema, document, type: { name: typeName }, path }: Root,
  /** Gets the errors that stood in the data: their paths are those of the whole answer. */
  placed: Set<unknown> = new Set(),
): ReadPart {
  const { leading, plannedKeys } = separated;
  const above: Above[] = [];
  const onRead = (value: unknown, info: GraphQLResolveInfo) => {
    addErrors(value, placed);
    if (!info.fieldNodes.some((node) => leading.has(node))) return;
    const isTypeSure = !isAbstractType(getNamedType(info.returnType));
    above.push({ value, path: toPath(info.path), isTypeSure });
  };
  const completed = completeData({ schema, document, variables, plannedKeys, onRead }, data);
  const places: LatePlace[] = [];
  const search = { late: separated.late, schema: schemas.schema, at: path, places };
  takeMarkers(search, completed.data, { value: data, path: [], isTypeSure: true });
  for (const one of above) takeMarkers(search, valueAt(completed.data, one.path), one);
  return { ...completed, typeName, places };
}

function addErrors(value: unknown, into: Set<unknown>): void {
  if (value instanceof Error) into.add(value);
  else if (Array.isArray(value)) for (const item of value) addErrors(item, into);
}

/** A value of the merged data, its place in the part, and whether its type has no other object types in it. */
type Above = { readonly value: unknown; readonly path: ResponsePath; readonly isTypeSure: boolean };

type Search = {
  readonly late: SeparatedOperation["late"];
  readonly schema: GraphQLSchema;
  readonly at: ResponsePath;
  readonly places: LatePlace[];
};

/** Takes the markers out of an object, or of the objects in a list, and notes the places that they stood for. */
function takeMarkers(search: Search, completed: unknown, { value, path, isTypeSure }: Above): void {
  if (Array.isArray(completed) && Array.isArray(value)) {
    for (const [at, item] of completed.entries())
      takeMarkers(search, item, { value: value[at], path: [...path, at], isTypeSure });
    return;
  }
  if (!isObject(completed) || !isObject(value)) return;
  for (const key of Object.keys(completed)) {
    const fragment = search.late.get(key);
    if (!fragment) continue;
    const told = findObjectType(search.schema, readKey(value, "__typename"));
    const type = told ?? findObjectType(search.schema, completed[key]);
    delete completed[key];
    if (!type || ((isTypeSure || told) && !fits(search.schema, type, fragment.typeCondition))) continue;
    const place = { fragment, path: [...search.at, ...path], object: value, type };
    search.places.push({ ...place, isTypeSure: isTypeSure || told !== undefined });
  }
}

function fits(schema: GraphQLSchema, type: GraphQLObjectType, condition: string | undefined): boolean {
  if (condition === undefined || condition === type.name) return true;
  const wanted = schema.getType(condition);
  return isAbstractType(wanted) && schema.isSubType(wanted, type);
}

function valueAt(data: unknown, path: ResponsePath): unknown {
  return path.reduce<unknown>((value, step) => {
    return typeof value === "object" && value !== null ? Reflect.get(value, step) : undefined;
  }, data);
}

function toPath(path: GraphQLResolveInfo["path"]): ResponsePath {
  const steps: (string | number)[] = [];
  for (let at: GraphQLResolveInfo["path"] | undefined = path; at; at = at.prev) steps.push(at.key);
  return steps.reverse();
}
