/**
 * The answer to the client from the merged data. graphql-js does it, with resolvers that only read: so key order, null
 * propagation, leaf values, `__typename`, introspection and conditions are those of the specification by construction.
 */
import {
  executeSync,
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from "graphql";
import type { Answer } from "../engine.ts";
import { type DataObject, readKey } from "../execution/data.ts";
import type { RunningOperation } from "../execution/runningOperation.ts";
import { checkValue } from "./checkValue.ts";
import { chooseRuntimeType } from "./chooseRuntimeType.ts";
import { withoutValue } from "./invalidValue.ts";

export function shapeAnswer<Context>(
  schema: GraphQLSchema,
  running: RunningOperation<Context>,
  data: DataObject,
): Answer {
  const { operation, request, failures } = running;
  const result = executeSync({
    schema,
    document: operation.document,
    variableValues: request.variables,
    rootValue: data,
    fieldResolver: createReader(operation.plannedKeys),
    typeResolver: (value: unknown, _context, info, type: GraphQLAbstractType) =>
      chooseRuntimeType(readKey(value, "__typename"), type, info),
  });
  const errors = new Set(result.errors?.map(withoutValue));
  for (const { report, planted } of failures)
    if (!planted.some((error) => errors.has(error)) && isInAnswer(result.data, report.path))
      errors.add(report);
  return { ...(errors.size > 0 ? { errors: [...errors] } : {}), data: result.data ?? null };
}

function createReader(plannedKeys: ReadonlyMap<FieldNode, string>): GraphQLFieldResolver<unknown, unknown> {
  return (source, _args, _context, info) => {
    const [node] = info.fieldNodes;
    const key = (node && plannedKeys.get(node)) ?? String(info.path.key);
    return checkValue(readKey(source, key), info);
  };
}

/** Plans fetch more than was asked, and what goes wrong there is nobody's concern: what depends on it says so itself. */
function isInAnswer(data: unknown, path: readonly (string | number)[] = []): boolean {
  const [step, ...rest] = path;
  if (step === undefined || typeof data !== "object" || data === null) return true;
  return Object.hasOwn(data, step) && isInAnswer(Reflect.get(data, step), rest);
}
