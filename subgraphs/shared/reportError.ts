import type { GraphQLError } from "graphql";
import type { Logger } from "pino";

/** Our own faults are logged with their cause; what a caller did wrong is only counted at debug level. */
export function reportError(log: Logger, error: GraphQLError, masked: GraphQLError): void {
  const code = masked.extensions.code;
  const fields = { code, path: error.path?.join(".") };
  if (code === "INTERNAL_SERVER_ERROR" || code === "DATABASE_UNAVAILABLE") {
    log.error({ ...fields, err: withoutArguments(error.originalError ?? error) }, "request failed");
  } else {
    log.debug(fields, "request refused");
  }
}

/**
 * Prisma draws the whole call into the text of a validation error, with what callers sent, whatever its `errorFormat`;
 * the last paragraph is the reason and names types only.
 */
function withoutArguments(error: Error): Error {
  if (error.name !== "PrismaClientValidationError") return error;
  const reason = new Error(error.message.split("\n\n").at(-1));
  reason.name = error.name;
  const calls = error.stack?.split("\n").filter((line) => /^ +at /.test(line)) ?? [];
  reason.stack = [`${reason.name}: ${reason.message}`, ...calls].join("\n");
  return reason;
}
