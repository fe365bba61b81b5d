/** GraphQL over HTTP for one subgraph: refuses requests without a signed context, then leaves the protocol to graphql-http. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { GraphQLError, type GraphQLSchema, getOperationAST } from "graphql";
import type { Response } from "graphql-http";
import { createHandler } from "graphql-http/lib/use/fastify";
import type { Logger } from "pino";
import { createDocumentCheck } from "./checkDocument.ts";
import { AppError, maskError, type SubgraphErrorCode } from "./errors.ts";
import { reportError } from "./reportError.ts";
import type { CallerContext, VerifyContext } from "./verifyContext.ts";

export type ServeOptions<Context extends Record<string, unknown>> = {
  readonly schema: GraphQLSchema;
  readonly verifyContext: VerifyContext;
  readonly createContext: (caller: CallerContext) => Context;
  readonly log: Logger;
};

export function serveHttp<Context extends Record<string, unknown>>(
  app: FastifyInstance,
  { schema, verifyContext, createContext, log }: ServeOptions<Context>,
): void {
  const callers = new WeakMap<FastifyRequest, CallerContext>();
  const check = createDocumentCheck(schema);
  const handler = createHandler({
    schema,
    parse: (source) => check.parse(typeof source === "string" ? source : source.body),
    validate: (_schema, document) => check.validate(document),
    context: ({ raw }, { query, operationName }) => {
      const caller = callers.get(raw);
      if (!caller) throw new Error("a request reached execution without a verified context");
      const operation = getOperationAST(check.parse(query), operationName);
      return operation?.operation === "mutation" && caller.tenant === "public"
        ? refuseWrite()
        : createContext(caller);
    },
    formatError: (error) => (error instanceof GraphQLError ? mask(error, log) : error),
  });

  app.route({
    method: ["GET", "POST"],
    url: "/graphql",
    preHandler: async (request, reply) => {
      try {
        callers.set(request, await verifyContext(headerOf(request)));
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        log.warn({ reason: error.message }, "context refused");
        return reply.status(401).send(toBody(error.code, error.message));
      }
    },
    handler,
  });
}

function headerOf(request: FastifyRequest): string | undefined {
  const header = request.headers["atlas-context"];
  return typeof header === "string" ? header : undefined;
}

/** Rows of `public` are everybody's to read and come from imports; whatever a policy granted, no caller writes them. */
function refuseWrite(): Response {
  const body = toBody(
    "FORBIDDEN",
    "expected a caller that belongs to a tenant, whose rows a mutation writes",
  );
  const headers = { "content-type": "application/graphql-response+json; charset=utf-8" };
  return [JSON.stringify(body), { status: 403, statusText: "Forbidden", headers }];
}

function toBody(code: SubgraphErrorCode, message: string): object {
  return { errors: [{ message, extensions: { code } }] };
}

function mask(error: GraphQLError, log: Logger): GraphQLError {
  const masked = maskError(error);
  reportError(log, error, masked);
  return masked;
}
