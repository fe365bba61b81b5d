/** The graph as a route of Fastify: for every request that `directPath.ts` leaves to it. */
import type { OutgoingHttpHeaders } from "node:http";
import type { FastifyInstance } from "fastify";
import { type AnswerRequest, sendAnswer } from "./answerRequest.ts";

/** OPTIONS is the CORS plugin's; every other method reaches the core, which says what it expects. */
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

export function serveGraphQL(
  app: FastifyInstance,
  answerRequest: AnswerRequest,
  isDraining: () => boolean,
): void {
  app.route({
    method: methods,
    url: "/graphql",
    handler: async ({ raw: request, id, body }, reply) => {
      const response = reply.raw;
      // The content type parser of createHttpApp.ts hands bodies over as they came.
      const bytes = body instanceof Uint8Array ? body : new Uint8Array();
      const ready = await answerRequest({ request, response, id, body: bytes });
      if (isDraining()) reply.header("connection", "close");
      // Past Fastify, which would encode an answer that is bytes already; so its onSend hooks are not run.
      reply.hijack();
      // Fastify's type allows undefined among the values, which none of ours is.
      sendAnswer(response, ready, reply.getHeaders() as OutgoingHttpHeaders);
      return reply;
    },
  });
}
