/** Subscriptions for the gateway over graphql-ws; the signed context travels with each subscribe message. */
import type { Server } from "node:http";
import { type ExecutionArgs, GraphQLError, getOperationAST, parse, validate } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { AppError, maskError } from "./errors.ts";
import { reportError } from "./reportError.ts";
import type { ServeOptions } from "./serveHttp.ts";

/** Text of one message; larger ones close the socket (ws answers 1009). */
const messageBytesMax = 1024 * 1024;

export function serveWebSocket<Context extends object>(
  server: Server,
  options: ServeOptions<Context>,
): { stop: () => Promise<void> } {
  const { schema, verifyContext, createContext, log } = options;
  const sockets = new WebSocketServer({ server, path: "/graphql", maxPayload: messageBytesMax });
  const mask = (errors: readonly GraphQLError[]): GraphQLError[] =>
    errors.map((error) => {
      const masked = maskError(error);
      reportError(log, error, masked);
      return masked;
    });

  const graphqlWs = useServer(
    {
      onSubscribe: async (
        _socket,
        _id,
        { query, operationName, variables, extensions },
      ): Promise<ExecutionArgs | readonly GraphQLError[]> => {
        try {
          const signed = extensions?.["atlas-context"];
          const caller = await verifyContext(typeof signed === "string" ? signed : undefined);
          const document = parse(query);
          const errors = validate(schema, document);
          if (errors.length > 0) return errors;
          if (getOperationAST(document, operationName)?.operation !== "subscription") {
            return [
              new GraphQLError("expected a subscription; queries and mutations go over HTTP", {
                extensions: { code: "BAD_USER_INPUT" },
              }),
            ];
          }
          return {
            schema,
            document,
            operationName: operationName ?? null,
            variableValues: variables ?? null,
            contextValue: createContext(caller),
          };
        } catch (error) {
          return mask([toGraphQLError(error)]);
        }
      },
      onNext: (_socket, _id, _payload, _args, result) =>
        result.errors ? { ...result, errors: mask(result.errors) } : result,
      onError: (_socket, _id, _payload, errors) => mask(errors.map(toGraphQLError)),
    },
    sockets,
  );
  return {
    stop: async () => {
      await graphqlWs.dispose();
    },
  };
}

function toGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  if (error instanceof AppError) return new GraphQLError(error.message, { originalError: error });
  return new GraphQLError("an internal error occurred", {
    originalError: error instanceof Error ? error : new Error(String(error)),
  });
}
