/** Every code that a client of the gateway can meet, and the one error type that carries it. docs/errors.md explains each. */
import { GraphQLError } from "graphql";

export const gatewayErrorCodes = [
  // the request
  "BAD_REQUEST",
  "NOT_FOUND",
  "METHOD_NOT_ALLOWED",
  "UNSUPPORTED_MEDIA_TYPE",
  "NOT_ACCEPTABLE",
  "PAYLOAD_TOO_LARGE",
  "CSRF_PREVENTED",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILED",
  "OPERATION_TOO_LARGE",
  "OPERATION_TOO_COSTLY",
  "BATCH_REFUSED",
  "PERSISTED_QUERY_NOT_FOUND",
  "PERSISTED_QUERY_NOT_SUPPORTED",
  "QUERY_NOT_IN_SAFE_LIST",
  "BAD_USER_INPUT",
  // the caller
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "RATE_LIMITED",
  "UNAUTHORIZED_FIELD_OR_TYPE",
  "SLOW_CONSUMER",
  "SUBSCRIPTION_SELECTION_REMOVED",
  // where rows may be
  "RESIDENCY_DENIED",
  "RESIDENCY_MIXED",
  "REGION_UNAVAILABLE",
  // the subgraphs
  "SUBGRAPH_UNAVAILABLE",
  "SUBGRAPH_TIMEOUT",
  "SUBGRAPH_INVALID_RESPONSE",
  "SUBGRAPH_ERROR",
  // ourselves
  "PLANNING_FAILED",
  "PLANNING_TIMEOUT",
  "PLANNING_OVERLOADED",
  "POLICY_UNAVAILABLE",
  "DECISION_LOG_FULL",
  "SHUTTING_DOWN",
  "INTERNAL_SERVER_ERROR",
] as const;

export type GatewayErrorCode = (typeof gatewayErrorCodes)[number];

export type ErrorDetails = Readonly<Record<string, number | readonly string[]>>;

/** `message` is safe for clients; `cause` goes to the log only. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: GatewayErrorCode;
  /** HTTP status when the whole request fails with this error. */
  readonly status: number;
  /** What a program may want, beside the code. */
  readonly details: ErrorDetails;

  constructor(
    code: GatewayErrorCode,
    status: number,
    message: string,
    { details = {}, ...options }: { cause?: unknown; details?: ErrorDetails } = {},
  ) {
    super(message, options);
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

export function toGraphQLError(error: AppError, path?: readonly (string | number)[]): GraphQLError {
  return new GraphQLError(error.message, {
    extensions: { code: error.code, ...error.details },
    ...(path ? { path } : {}),
  });
}

/** What a thrown value becomes at the edge: coded errors as they are, everything else our own fault, its text kept from clients. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError(
    "INTERNAL_SERVER_ERROR",
    500,
    "The gateway failed to answer; the x-request-id of the response finds the cause in its log.",
    { cause: thrown },
  );
}
