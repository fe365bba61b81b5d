/** The HTTP server that everything is mounted on: request ids, raw bodies, CORS, errors in one form, and draining. */
import cors from "@fastify/cors";
import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from "fastify";
import { AppError, toAppError, toGraphQLError } from "../errors.ts";
import { describeCause, type Log } from "../observability/log.ts";
import { toRequestId } from "../observability/trace.ts";
import type { AllowOrigin } from "./allowOrigins.ts";

type Options = {
  readonly bodyBytesMax: number;
  readonly allowOrigin: AllowOrigin;
  readonly isDraining: () => boolean;
  readonly log: Log;
};

/** A client that takes longer to send its request is not sending one. */
const requestTimeoutMs = 30_000;
/** Browsers keep the answer to a preflight no longer than this anyway. */
const preflightSeconds = 7_200;

export async function createHttpApp({
  bodyBytesMax,
  allowOrigin,
  isDraining,
  log,
}: Options): Promise<FastifyInstance> {
  const app = fastify({
    // Fastify's own lines hold URLs, and with a GET the URL holds the query.
    logger: false,
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    exposeHeadRoutes: false,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    genReqId: ({ headers }) => {
      const id = headers["x-request-id"];
      return toRequestId(Array.isArray(id) ? undefined : id);
    },
  });

  // Hooks with a callback, because each promise is paid by every request.
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id);
    if (!isDraining()) return done();
    // Whoever keeps a connection open has to find another gateway.
    reply.header("connection", "close");
    if (request.url.startsWith("/health/")) return done();
    done(new AppError("SHUTTING_DOWN", 503, "This gateway is stopping; send the request to another one."));
  });
  app.addHook("onSend", (_request, reply, _payload, done) => {
    if (isDraining()) reply.header("connection", "close");
    done();
  });

  await app.register(cors, {
    origin: async (origin: string | undefined) => origin !== undefined && allowOrigin(origin),
    methods: ["GET", "POST"],
    exposedHeaders: ["x-request-id"],
    maxAge: preflightSeconds,
  });

  // Bodies go to the GraphQL core as they came: what is well formed is for it to say.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

  app.setErrorHandler<FastifyError>((thrown, request, reply) => {
    const error = thrown instanceof AppError ? thrown : toHttpError(thrown, bodyBytesMax);
    if (error.status >= 500 && error.code !== "SHUTTING_DOWN") {
      log.error(
        { requestId: request.id, codes: [error.code], cause: describeCause(error.cause) },
        "request failed",
      );
    } else {
      log.info({ requestId: request.id, status: error.status, codes: [error.code] }, "request refused");
    }
    return sendError(reply, error);
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type("text/plain; charset=utf-8").send("Not found. The graph is at /graphql.\n"),
  );
  return app;
}

function toHttpError(thrown: FastifyError, bodyBytesMax: number): AppError {
  if (thrown.code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    return new AppError(
      "PAYLOAD_TOO_LARGE",
      413,
      `Expected a body of at most ${bodyBytesMax} bytes, got more.`,
    );
  }
  const { statusCode } = thrown;
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new AppError("BAD_REQUEST", statusCode, "The request is not well-formed HTTP.", { cause: thrown });
  }
  return toAppError(thrown);
}

function sendError(reply: FastifyReply, error: AppError): FastifyReply {
  return reply
    .code(error.status)
    .type("application/json; charset=utf-8")
    .send(JSON.stringify({ errors: [toGraphQLError(error)] }));
}
