import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
  separateOperations,
} from "graphql";
import type { GatewayErrorCode } from "../../errors.ts";
import { findConditionVariables } from "../planning/conditions.ts";

export type CoercedVariables =
  | { readonly kind: "coerced"; readonly values: Readonly<Record<string, unknown>> }
  | { readonly kind: "refused"; readonly errors: readonly GraphQLError[] };

/** Wrong variables fail the request before any subgraph is asked. `definition` is an operation of `document`. */
export function coerceVariables(
  schema: GraphQLSchema,
  { document, definition }: { readonly document: DocumentNode; readonly definition: OperationDefinitionNode },
  variables: Readonly<Record<string, unknown>>,
): CoercedVariables {
  const { coerced, errors } = getVariableValues(schema, definition.variableDefinitions ?? [], variables, {
    maxErrors: ERRORS_MAX,
  });
  if (!coerced) return { kind: "refused", errors: errors.map(withCode) };
  const undecided = findUndecided(document, definition, coerced);
  return undecided.length > 0 ? { kind: "refused", errors: undecided } : { kind: "coerced", values: coerced };
}

/** graphql-js's own limit for variables. */
const ERRORS_MAX = 50;

function withCode({ message, nodes }: GraphQLError): GraphQLError {
  return refuse(message, nodes);
}

/**
 * A variable that may be null and has a default fits the `if` of @skip and @include, and may still be given as null
 * (https://spec.graphql.org/October2021/#sec-All-Variable-Usages-are-Allowed). Then nothing says what to answer.
 */
function findUndecided(
  document: DocumentNode,
  { name }: OperationDefinitionNode,
  values: Readonly<Record<string, unknown>>,
): GraphQLError[] {
  if (!Object.values(values).includes(null)) return [];
  const own = separateOperations(document)[name?.value ?? ""] ?? document;
  return findConditionVariables(own, Number.POSITIVE_INFINITY)
    .filter((name) => values[name] === null)
    .map((name) => refuse(`Variable "$${name}" decides @skip or @include and must not be null.`, undefined));
}

function refuse(message: string, nodes: GraphQLError["nodes"]): GraphQLError {
  const code: GatewayErrorCode = "BAD_USER_INPUT";
  return new GraphQLError(message, { ...(nodes ? { nodes } : {}), extensions: { code } });
}
