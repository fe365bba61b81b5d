/** Reads the four parameters of a GraphQL request from a URL or a JSON body and refuses what is not well formed. */
import { AppError } from "../errors.ts";

export type GraphQLParameters = {
  /** Undefined when `extensions.persistedQuery` names the document by its hash. */
  readonly query: string | undefined;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly extensions: Readonly<Record<string, unknown>>;
};

export function readUrlParameters(search: string): GraphQLParameters {
  const parameters = new URLSearchParams(search);
  for (const name of ["query", "operationName", "variables", "extensions"]) {
    if (parameters.getAll(name).length > 1) throw badRequest(`The parameter "${name}" came more than once.`);
  }
  return toParameters({
    query: parameters.get("query"),
    operationName: parameters.get("operationName"),
    variables: readUrlJson(parameters, "variables"),
    extensions: readUrlJson(parameters, "extensions"),
  });
}

/** An array is a batch, which has at most `batchMax` requests; 0 refuses arrays. */
export function readBody(
  contentType: string | undefined,
  body: Uint8Array,
  batchMax: number,
): GraphQLParameters | readonly GraphQLParameters[] {
  assertJsonContentType(contentType);
  if (body.byteLength === 0) throw badRequest("Expected a JSON object as the body, got nothing.");
  const value = parseJson(decodeUtf8(body), "The body");
  if (Array.isArray(value)) return readBatch(value, batchMax);
  return readOne(value);
}

function readBatch(requests: readonly unknown[], batchMax: number): readonly GraphQLParameters[] {
  const expected =
    batchMax === 0 ? "one request, because batching is off" : `an array of 1 to ${batchMax} requests`;
  if (requests.length === 0 || requests.length > batchMax) {
    throw new AppError("BATCH_REFUSED", 400, `Expected ${expected}; got an array of ${requests.length}.`);
  }
  return requests.map(readOne);
}

function readOne(value: unknown): GraphQLParameters {
  if (!isObject(value)) throw badRequest(`Expected a JSON object as the body, got ${kindOf(value)}.`);
  return toParameters(value);
}

/** The media type has to be exactly JSON: it is what makes browsers ask before they send (docs/decisions/0003-csrf.md). */
function assertJsonContentType(contentType: string | undefined): void {
  // As nearly everybody writes it.
  if (contentType === "application/json") return;
  const [essence = "", ...parameters] = (contentType ?? "")
    .split(";")
    .map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
  const isUtf8 = charset === undefined || ["utf-8", "utf8", '"utf-8"'].includes(charset);
  if (essence === "application/json" && isUtf8) return;
  throw new AppError(
    "UNSUPPORTED_MEDIA_TYPE",
    415,
    "Expected the content-type application/json in UTF-8; the request has another one or none.",
  );
}

function toParameters(raw: Readonly<Record<string, unknown>>): GraphQLParameters {
  const { query, operationName, variables, extensions } = raw;
  const isPersisted =
    (query == null || query === "") && isObject(extensions) && isObject(extensions.persistedQuery);
  if (!isPersisted && (typeof query !== "string" || query === "")) {
    throw badRequest(`Expected "query" to be a string with a GraphQL document, got ${kindOf(query)}.`);
  }
  if (operationName != null && typeof operationName !== "string") {
    throw badRequest(`Expected "operationName" to be a string, got ${kindOf(operationName)}.`);
  }
  return {
    query: typeof query === "string" && query !== "" ? query : undefined,
    // An empty name is how HTML forms and some clients say "none".
    operationName: operationName || undefined,
    variables: toMap("variables", variables),
    extensions: toMap("extensions", extensions),
  };
}

function toMap(name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw badRequest(`Expected "${name}" to be an object, got ${kindOf(value)}.`);
  return value;
}

function readUrlJson(parameters: URLSearchParams, name: string): unknown {
  const text = parameters.get(name);
  return text === null || text === "" ? undefined : parseJson(text, `The parameter "${name}"`);
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The parser's own text quotes the input, so it stays out of the answer.
    throw new AppError("BAD_REQUEST", 400, `${what} is not valid JSON.`, { cause });
  }
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

function decodeUtf8(body: Uint8Array): string {
  try {
    return strictUtf8.decode(body);
  } catch (cause) {
    throw new AppError("BAD_REQUEST", 400, "The body is not valid UTF-8.", { cause });
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (value === "") return "an empty string";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function badRequest(message: string): AppError {
  return new AppError("BAD_REQUEST", 400, message);
}
