/** Subscriptions for the gateway over graphql-ws; the signed context travels with each subscribe message. */
import type { Server } from "node:http";
import {
  type ExecutionArgs,
  GraphQLError,
  type GraphQLFormattedError,
  getOperationAST,
  type OperationDefinitionNode,
} from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { createDocumentCheck } from "./checkDocument.ts";
import { AppError, maskError } from "./errors.ts";
import { reportError } from "./reportError.ts";
import type { ServeOptions } from "./serveHttp.ts";
import { subscribeAfresh } from "./subscribeAfresh.ts";
import type { CallerContext } from "./verifyContext.ts";

/** Text of one message; larger ones close the socket (ws answers 1009). */
const messageBytesMax = 1024 * 1024;

export function serveWebSocket<Context extends Record<string, unknown>>(
  server: Server,
  { schema, verifyContext, createContext, log }: ServeOptions<Context>,
): { stop: () => Promise<void> } {
  const sockets = new WebSocketServer({ server, path: "/graphql", maxPayload: messageBytesMax });
  const check = createDocumentCheck(schema);
  const callers = new WeakMap<ExecutionArgs, CallerContext>();

  const graphqlWs = useServer(
    {
      onSubscribe: async (_socket, _id, { query, operationName, variables, extensions }) => {
        try {
          const signed = extensions?.["atlas-context"];
          const caller = await verifyContext(typeof signed === "string" ? signed : undefined);
          const document = check.parse(query);
          const errors = check.validate(document);
          if (errors.length > 0) return errors;
          assertSubscription(getOperationAST(document, operationName));
          const args: ExecutionArgs = {
            schema,
            document,
            operationName: operationName ?? null,
            variableValues: variables ?? null,
          };
          callers.set(args, caller);
          return args;
        } catch (error) {
          return [toGraphQLError(error)];
        }
      },
      subscribe: async (args) => {
        const caller = callers.get(args);
        if (!caller) throw new Error("a subscription reached execution without a verified context");
        return subscribeAfresh(args, () => createContext(caller));
      },
      onNext: (_socket, _id, _payload, _args, { data = null, errors }) =>
        errors && { data, errors: errors.map(mask) },
      onError: (_socket, _id, _payload, errors) => errors.map(toGraphQLError).map(mask),
    },
    sockets,
  );
  return {
    stop: async () => {
      await graphqlWs.dispose();
    },
  };

  function mask(error: GraphQLError): GraphQLFormattedError {
    const masked = maskError(error);
    reportError(log, error, masked);
    return masked.toJSON();
  }
}

function assertSubscription(operation: OperationDefinitionNode | null | undefined): void {
  if (operation?.operation === "subscription") return;
  throw new AppError("BAD_USER_INPUT", "expected a subscription; queries and mutations go over HTTP");
}

function toGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  return new GraphQLError(error instanceof AppError ? error.message : "an internal error occurred", {
    originalError: error instanceof Error ? error : new Error(String(error)),
  });
}
