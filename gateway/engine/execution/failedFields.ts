/** Fields that are not answered although their subgraph was asked: what they are computed from has failed. */
import { GraphQLError } from "graphql";
import { isObject } from "./data.ts";
import type { ResponsePath, Target } from "./findTargets.ts";
import { plantError } from "./plantError.ts";
import type { RunningOperation } from "./runningOperation.ts";

export type FailedField = {
  /** Response keys from the fetch's object on; lists on the way have no step. */
  readonly keys: readonly string[];
  readonly cause: Error;
};

/** Puts the errors into what came, in place of whatever the subgraph computed. */
export function plantFailedFields<Context>(
  running: RunningOperation<Context>,
  { path, failed = [] }: Target,
  part: unknown,
): void {
  for (const { keys, cause } of failed)
    visitKey(part, keys, path, (object, key, place) => {
      object[key] = toFieldError(running, [...place, key], cause);
    });
}

/** They fail where nothing was asked, too. */
export function failFields<Context>(
  running: RunningOperation<Context>,
  { object, path }: Target,
  keys: readonly string[],
  cause: Error,
): void {
  for (const key of keys) plantError(object, [key], toFieldError(running, [...path, key], cause));
}

/** Whether an error at this place of the answer is about such a field. */
export function isAboutFailed({ failed = [] }: Target, path: ResponsePath): boolean {
  const keys = path.filter((step) => typeof step === "string");
  return failed.some((one) => one.keys.every((key, at) => keys[at] === key));
}

function visitKey(
  value: unknown,
  [key, ...rest]: readonly string[],
  path: ResponsePath,
  visit: (object: Record<string, unknown>, key: string, path: ResponsePath) => void,
): void {
  if (Array.isArray(value)) {
    value.forEach((item, at) => {
      visitKey(item, key === undefined ? [] : [key, ...rest], [...path, at], visit);
    });
  } else if (isObject(value) && key !== undefined && Object.hasOwn(value, key)) {
    if (rest.length === 0) visit(value, key, path);
    else visitKey(value[key], rest, [...path, key], visit);
  }
}

function toFieldError<Context>(
  { operation }: RunningOperation<Context>,
  path: ResponsePath,
  cause: Error,
): GraphQLError {
  return new GraphQLError(cause.message, {
    path: path.map((step) => operation.clientKeys.get(String(step)) ?? step),
    extensions: cause instanceof GraphQLError ? cause.extensions : {},
    originalError: cause,
  });
}
