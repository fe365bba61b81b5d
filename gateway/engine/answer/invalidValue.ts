import { GraphQLError } from "graphql";
import type { GatewayErrorCode } from "../../errors.ts";

const code: GatewayErrorCode = "SUBGRAPH_INVALID_RESPONSE";

/** A subgraph's value that the schema does not allow. Never quotes it: what is inaccessible stays unknown to clients. */
export function invalidValue(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

/** graphql-js quotes the value in all its complaints but the one about a missing value. */
export function withoutValue(error: GraphQLError): GraphQLError {
  if (error.extensions.code !== undefined) return error;
  const { message, nodes, path } = error;
  const isAboutNull = message.startsWith("Cannot return null for non-nullable field");
  return new GraphQLError(isAboutNull ? message : "A subgraph's value does not fit the type of its field.", {
    ...(nodes ? { nodes } : {}),
    ...(path ? { path } : {}),
    extensions: { code },
  });
}
