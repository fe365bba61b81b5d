/** What two answers of one operation differ in. */
import type { ExecutionResult, GraphQLError } from "graphql";

/**
 * Undefined when they are the same: data and key order, and the nulls that errors explain. Which of several errors below
 * one null is told, and in which order, is left open (https://spec.graphql.org/October2021/#sec-Handling-Field-Errors).
 */
export function findDifference(answer: ExecutionResult, expected: ExecutionResult): string | undefined {
  const data = JSON.stringify(answer.data);
  const wanted = JSON.stringify(expected.data);
  if (data !== wanted) return `data: ${firstDifference(data ?? "none", wanted ?? "none")}`;
  return findErrorDifference(answer, expected);
}

export function findErrorDifference(answer: ExecutionResult, expected: ExecutionResult): string | undefined {
  const places = placesOf(answer);
  const wantedPlaces = placesOf(expected);
  const missing = [...wantedPlaces].find((place) => !places.has(place));
  if (missing !== undefined) return `no error for ${missing}`;
  const surplus = [...places].find((place) => !wantedPlaces.has(place));
  return surplus === undefined ? undefined : `an error too many: ${surplus}`;
}

function placesOf({ data, errors = [] }: ExecutionResult): Set<string> {
  return new Set(errors.map((error) => placeOf(error, data)));
}

/** The null that an error is about; with the message where it can only be this error's. */
function placeOf({ path = [], message }: Pick<GraphQLError, "path" | "message">, data: unknown): string {
  let at = data;
  const depth = path.findIndex((step) => {
    if (typeof at !== "object" || at === null) return true;
    at = Reflect.get(at, step);
    return false;
  });
  return depth === -1 ? `${path.join(".")}: ${message}` : `below ${path.slice(0, depth).join(".")}`;
}

function firstDifference(text: string, wanted: string): string {
  let at = 0;
  while (at < text.length && text[at] === wanted[at]) at += 1;
  const from = Math.max(0, at - 60);
  return `…${text.slice(from, at + 120)}… in place of …${wanted.slice(from, at + 120)}…`;
}
