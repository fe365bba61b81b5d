/** Reads what a subgraph sent as a GraphQL answer. It is parsed, not trusted: the engine checks every value it takes. */
import type { SubgraphAnswer, SubgraphError } from "../engine/engine.ts";
import { AppError } from "../errors.ts";

export type SubgraphHttpAnswer = {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly bytes: Buffer;
};

export function readSubgraphAnswer(
  subgraph: string,
  { status, contentType, bytes }: SubgraphHttpAnswer,
): SubgraphAnswer {
  const body = isJson(contentType) ? parseJson(bytes.toString("utf8")) : undefined;
  const answer = toSubgraphAnswer(body);
  // A refusal with GraphQL errors keeps them whatever its status: they say more than the number.
  if (answer && (status < 300 || answer.errors)) return answer;
  if (status >= 500 || status === 429) {
    throw new AppError(
      "SUBGRAPH_UNAVAILABLE",
      502,
      `The subgraph ${subgraph} answered with status ${status}.`,
    );
  }
  throw new AppError(
    "SUBGRAPH_INVALID_RESPONSE",
    502,
    `Expected a GraphQL answer in JSON from the subgraph ${subgraph}, got something else with status ${status}.`,
  );
}

/** A success whose body is to be judged by itself. */
export function isPlainAnswer({ status, contentType }: SubgraphHttpAnswer): boolean {
  return status < 300 && isJson(contentType);
}

/** Undefined when the value is no GraphQL answer: neither data nor errors, or of other types. */
export function toSubgraphAnswer(value: unknown): SubgraphAnswer | undefined {
  if (!isObject(value)) return undefined;
  const { data, errors } = value;
  if (data !== undefined && data !== null && !isObject(data)) return undefined;
  if (errors !== undefined && errors !== null && !Array.isArray(errors)) return undefined;
  const list = (errors ?? []).map(toSubgraphError);
  if (data === undefined && list.length === 0) return undefined;
  return { ...(data === undefined ? {} : { data }), ...(list.length > 0 ? { errors: list } : {}) };
}

function toSubgraphError(value: unknown): SubgraphError {
  if (!isObject(value)) return { message: "The subgraph reported an error without a message." };
  const { message, path, extensions } = value;
  return {
    message: typeof message === "string" ? message : "The subgraph reported an error without a message.",
    ...(isPath(path) ? { path } : {}),
    ...(isObject(extensions) ? { extensions } : {}),
  };
}

function isJson(contentType: string | undefined): boolean {
  // Old servers leave the header out; what they send is then judged by itself.
  return contentType === undefined || /^application\/(graphql-response\+)?json\b/i.test(contentType);
}

function parseJson(text: string): unknown {
  try {
    // Some servers begin with a byte order mark, which is not JSON.
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPath(value: unknown): value is readonly (string | number)[] {
  return Array.isArray(value) && value.every((part) => typeof part === "string" || typeof part === "number");
}
