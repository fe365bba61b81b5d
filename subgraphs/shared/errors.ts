/** Every code that a subgraph can answer with. docs/errors.md explains each. Business refusals are types in the schema, not errors. */
import { GraphQLError } from "graphql";

export type SubgraphErrorCode =
  | "CONTEXT_REFUSED"
  | "FORBIDDEN"
  | "BAD_USER_INPUT"
  | "GRAPHQL_PARSE_FAILED"
  | "GRAPHQL_VALIDATION_FAILED"
  | "DATABASE_UNAVAILABLE"
  | "PEERS_UNAVAILABLE"
  | "RESIDENCY_REFUSED"
  | "SLOW_CONSUMER"
  | "INTERNAL_SERVER_ERROR";

/** `message` is safe for clients; `cause` goes to the log only. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: SubgraphErrorCode;

  constructor(code: SubgraphErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/**
 * What a client may read of an error. Coded errors and what graphql-js says of the request keep their text;
 * everything else is ours, and its text could tell of rows or hosts.
 */
export function maskError(error: GraphQLError): GraphQLError {
  if (error.extensions.code) return error;
  const original = error.originalError ?? null;
  if (original === null || isOfRequest(error, original)) return toCoded(error, "BAD_USER_INPUT");
  if (original instanceof AppError) return toCoded(error, original.code);
  if (isDatabaseDown(original)) {
    return toCoded(error, "DATABASE_UNAVAILABLE", "the database does not answer; try again in a moment");
  }
  const refusal = findRefusalOfReplication(original);
  if (refusal !== undefined) return toCoded(error, refusal.code, refusal.text);
  if (isTextUnstorable(original)) {
    return toCoded(error, "BAD_USER_INPUT", "expected texts without the character U+0000; got one with it");
  }
  return toCoded(error, "INTERNAL_SERVER_ERROR", "an internal error occurred");
}

/**
 * Variables are refused before any field runs, so without a path; an argument that cannot be coerced points at the
 * document. A value of ours that a scalar or an enum cannot serialize does neither.
 */
function isOfRequest(error: GraphQLError, original: Error): boolean {
  return original instanceof GraphQLError && (error.path === undefined || original.nodes !== undefined);
}

/** The same error with a code and, where one is given, another text. */
export function toCoded(error: GraphQLError, code: SubgraphErrorCode, message = error.message): GraphQLError {
  return new GraphQLError(message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    path: error.path ?? null,
    originalError: error.originalError ?? null,
    extensions: { code },
  });
}

/** Prisma's, pg's and Node's words for "nobody there": P1001… and P2028 (Prisma's error reference), SQLSTATE 57P0x, socket errors. */
function isDatabaseDown(error: Error): boolean {
  const code = "code" in error ? String(error.code) : "";
  return (
    /^(P1001|P1002|P1008|P1017|P2024|P2028|ECONNREFUSED|ECONNRESET|57P0[1-3])$/.test(code) ||
    // Prisma wraps what it has no code of its own for, and tells the SQLSTATE in its text only.
    /Code: `57P0[1-3]`|ECONNREFUSED|Connection terminated|Can't reach database|terminating connection|timeout exceeded when trying to connect|Query read timeout/.test(
      error.message,
    )
  );
}

type Refusal = { readonly sqlState: string; readonly code: SubgraphErrorCode; readonly text: string };

/** What the functions of schema `replication` raise (prisma/migrations: replication_capture). */
const refusalsOfReplication: readonly Refusal[] = [
  {
    sqlState: "ATR01",
    code: "RESIDENCY_REFUSED",
    text: "a row stays in the jurisdiction in which it is stored; relocating it is a request of its own",
  },
  {
    sqlState: "ATR02",
    code: "RESIDENCY_REFUSED",
    text: "this region may not store data of that residency; send the request to a region that may",
  },
  {
    sqlState: "ATR03",
    code: "PEERS_UNAVAILABLE",
    text: "the clocks of the regions disagree about this object; try again later",
  },
  {
    sqlState: "ATR04",
    code: "PEERS_UNAVAILABLE",
    text: "no second copy of this write can be made now, so it was not written; try again in a moment",
  },
];

/** Prisma tells the SQLSTATE of statements that it did not make in its text only. */
function findRefusalOfReplication(error: Error): Refusal | undefined {
  return refusalsOfReplication.find(
    ({ sqlState }) =>
      ("code" in error && error.code === sqlState) || error.message.includes(`\`${sqlState}\``),
  );
}

/** SQLSTATE 22021. Fields that take a text check it themselves where they can; none may answer this as a fault of ours. */
function isTextUnstorable(error: Error): boolean {
  return /invalid byte sequence for encoding "UTF8": 0x00/.test(error.message);
}
