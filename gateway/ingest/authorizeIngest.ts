/**
 * Who may record a signal may send many: the policy is asked what it is asked about the mutation `recordSignal`, with the
 * rules that the supergraph has for it. Decisions are kept as long as the document is, so a stream of requests costs one.
 */
import { type GraphQLSchema, type OperationDefinitionNode, parse } from "graphql";
import type { Access } from "../createAccess.ts";
import { AppError } from "../errors.ts";
import type { Caller } from "../stages/identifyCaller.ts";

export type IngestPermit = { readonly decisionId: string };

/** Throws UNAUTHENTICATED, FORBIDDEN or POLICY_UNAVAILABLE. */
export type AuthorizeIngest = (caller: Caller, operationId: string) => Promise<IngestPermit>;

const document = parse(
  "mutation IngestSignals($input: RecordSignalInput!) { recordSignal(input: $input) { __typename } }",
);
// The one definition of the document above.
const operation = document.definitions[0] as OperationDefinitionNode;

/** Undefined for a supergraph that records no signals. */
export function createAuthorizeIngest(
  schema: GraphQLSchema,
  access: Pick<Access, "authorize">,
): AuthorizeIngest | undefined {
  if (schema.getMutationType()?.getFields().recordSignal === undefined) return undefined;
  return async (caller, operationId) => {
    if (caller.kind === "anonymous") {
      throw new AppError(
        "UNAUTHENTICATED",
        401,
        "Expected an Authorization header with a token; signals are taken from nobody without one.",
      );
    }
    const decided = await access.authorize({ document, operation, variables: {}, caller, operationId });
    const [denial] = decided.denials;
    if (denial === undefined && decided.isWhole) return { decisionId: decided.decisionId };
    throw new AppError(
      "FORBIDDEN",
      403,
      "Expected a token that may record signals (scope signals:write and a role that analyses); the policy denied this one.",
    );
  };
}
