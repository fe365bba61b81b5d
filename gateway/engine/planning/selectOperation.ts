import {
  type DocumentNode,
  GraphQLError,
  getOperationAST,
  type OperationDefinitionNode,
  separateOperations,
} from "graphql";
import type { GatewayErrorCode } from "../../errors.ts";

/** One operation of a client, and the document with that operation and its fragments alone. */
export type SelectedOperation = {
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
};

export function selectOperation(
  document: DocumentNode,
  operationName: string | undefined,
): SelectedOperation {
  const definition = getOperationAST(document, operationName);
  if (!definition) {
    const expected =
      operationName === undefined ? "exactly one operation, or its name" : "an operation of that name";
    const code: GatewayErrorCode = "OPERATION_RESOLUTION_FAILED";
    throw new GraphQLError(`Expected ${expected} in the document.`, { extensions: { code } });
  }
  return { definition, document: separateOperations(document)[definition.name?.value ?? ""] ?? document };
}
