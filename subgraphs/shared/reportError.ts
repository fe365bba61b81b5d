import type { GraphQLError } from "graphql";
import type { Logger } from "pino";

/** Our own faults are logged with their cause; what a caller did wrong is only counted at debug level. */
export function reportError(log: Logger, error: GraphQLError, masked: GraphQLError): void {
  const code = masked.extensions.code;
  const fields = { code, path: error.path?.join(".") };
  if (code === "INTERNAL_SERVER_ERROR" || code === "DATABASE_UNAVAILABLE") {
    log.error({ ...fields, err: error.originalError ?? error }, "request failed");
  } else {
    log.debug(fields, "request refused");
  }
}
