import { GraphQLError, type GraphQLSchema, getVariableValues, type OperationDefinitionNode } from "graphql";
import type { GatewayErrorCode } from "../../errors.ts";

export type CoercedVariables =
  | { readonly kind: "coerced"; readonly values: Readonly<Record<string, unknown>> }
  | { readonly kind: "refused"; readonly errors: readonly GraphQLError[] };

/** Wrong variables fail the request before any subgraph is asked. */
export function coerceVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): CoercedVariables {
  const { coerced, errors } = getVariableValues(schema, variableDefinitions, variables, {
    maxErrors: ERRORS_MAX,
  });
  return coerced ? { kind: "coerced", values: coerced } : { kind: "refused", errors: errors.map(withCode) };
}

/** graphql-js's own limit for variables. */
const ERRORS_MAX = 50;

function withCode({ message, nodes }: GraphQLError): GraphQLError {
  const code: GatewayErrorCode = "BAD_USER_INPUT";
  return new GraphQLError(message, { ...(nodes ? { nodes } : {}), extensions: { code } });
}
