/** GraphQL over HTTP for one subgraph: refuses requests without a signed context, then leaves the protocol to graphql-http. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, validate } from "graphql";
import { createHandler } from "graphql-http/lib/use/fastify";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import { AppError, maskError } from "./errors.ts";
import { reportError } from "./reportError.ts";
import type { CallerContext, VerifyContext } from "./verifyContext.ts";

export type ServeOptions<Context extends object> = {
  readonly schema: GraphQLSchema;
  readonly verifyContext: VerifyContext;
  readonly createContext: (caller: CallerContext) => Context;
  readonly log: Logger;
};

/** The gateway sends few distinct documents, one for each fetch of a plan; a thousand of them take some 20 MB. */
const documentsMax = 1_000;

export function serveHttp<Context extends object>(
  app: FastifyInstance,
  options: ServeOptions<Context>,
): void {
  const callers = new WeakMap<FastifyRequest, CallerContext>();
  const check = createDocumentCheck(options.schema);
  const handler = createHandler({
    schema: options.schema,
    parse: (source) => check.parse(typeof source === "string" ? source : source.body),
    validate: (_schema, document) => check.validate(document),
    context: ({ raw }) => {
      const caller = callers.get(raw);
      if (!caller) throw new Error("a request reached execution without a verified context");
      return { ...options.createContext(caller) };
    },
    formatError: (error) => (error instanceof GraphQLError ? mask(error, options.log) : error),
  });

  app.route({
    method: ["GET", "POST"],
    url: "/graphql",
    preHandler: async (request, reply) => {
      try {
        callers.set(request, await options.verifyContext(headerOf(request)));
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        options.log.warn({ reason: error.message }, "context refused");
        return reply
          .status(401)
          .send({ errors: [{ message: error.message, extensions: { code: error.code } }] });
      }
    },
    handler,
  });
}

function headerOf(request: FastifyRequest): string | undefined {
  const header = request.headers["atlas-context"];
  return typeof header === "string" ? header : undefined;
}

function mask(error: GraphQLError, log: Logger): GraphQLError {
  const masked = maskError(error);
  reportError(log, error, masked);
  return masked;
}

/** Parsing and validating cost more than running a typical fetch, and the gateway's documents repeat. */
function createDocumentCheck(schema: GraphQLSchema) {
  const parsed = new LRUCache<string, DocumentNode>({ max: documentsMax });
  const validated = new WeakMap<DocumentNode, readonly GraphQLError[]>();
  return {
    parse: (text: string): DocumentNode => {
      const document = parsed.get(text) ?? parse(text, { noLocation: true });
      parsed.set(text, document);
      return document;
    },
    validate: (document: DocumentNode): readonly GraphQLError[] => {
      const errors = validated.get(document) ?? validate(schema, document);
      validated.set(document, errors);
      return errors;
    },
  };
}
