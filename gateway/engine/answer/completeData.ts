/**
 * Reads an answer from the merged data. graphql-js does it, with resolvers that only read: so key order, null
 * propagation, leaf values, `__typename`, introspection and conditions are those of the specification by construction.
 */
import {
  type DocumentNode,
  executeSync,
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from "graphql";
import type { Answer } from "../engine.ts";
import { type DataObject, readKey } from "../execution/data.ts";
import type { Failure } from "../execution/runningOperation.ts";
import { checkValue } from "./checkValue.ts";
import { chooseRuntimeType } from "./chooseRuntimeType.ts";
import { withoutValue } from "./invalidValue.ts";

type Reading = {
  readonly schema: GraphQLSchema;
  /** One operation, whose root type the data is of. */
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Where the data has a field under another key than the document. */
  readonly plannedKeys: ReadonlyMap<FieldNode, string>;
  /** Told of each field that is read. */
  readonly onRead?: (value: unknown, info: GraphQLResolveInfo) => void;
};

export type CompletedData = { readonly data: Answer["data"]; readonly errors: Set<GraphQLError> };

export function completeData(
  { schema, document, variables, plannedKeys, onRead }: Reading,
  data: DataObject,
): CompletedData {
  const result = executeSync({
    schema,
    document,
    variableValues: variables,
    rootValue: data,
    fieldResolver: (source, _args, _context, info) => {
      const [node] = info.fieldNodes;
      const key = (node && plannedKeys.get(node)) ?? String(info.path.key);
      const value = checkValue(readKey(source, key), info);
      onRead?.(value, info);
      return value;
    },
    typeResolver: (value: unknown, _context, info, type: GraphQLAbstractType) =>
      chooseRuntimeType(value, type, info),
  });
  return { data: result.data ?? null, errors: new Set(result.errors?.map(withoutValue)) };
}

/** Plans fetch more than was asked, and what goes wrong there is nobody's concern: what depends on it says so itself. */
export function isToBeTold(
  { report: { path = [] }, planted }: Failure,
  { data, errors }: CompletedData,
  /** Where the data stands in the answer. */
  place: readonly (string | number)[] = [],
): boolean {
  if (planted.some((error) => errors.has(error))) return false;
  const isOnTheWay = place.every((step, at) => at >= path.length || path[at] === step);
  return isOnTheWay && isInAnswer(data, path.slice(place.length));
}

function isInAnswer(data: unknown, path: readonly (string | number)[]): boolean {
  const [step, ...rest] = path;
  if (step === undefined || typeof data !== "object" || data === null) return true;
  return Object.hasOwn(data, step) && isInAnswer(Reflect.get(data, step), rest);
}
