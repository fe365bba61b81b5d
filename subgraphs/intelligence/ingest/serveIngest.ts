/**
 * `POST /ingest/v1/signals`. The gateway has identified the caller and asked the policy; here a signed context says who it
 * is. JSON is answered as a whole; lines are answered line by line while more of them come, so neither end keeps them.
 */
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply } from "fastify";
import { AppError } from "../../shared/errors.ts";
import type { CallerContext, VerifyContext } from "../../shared/verifyContext.ts";
import type { AcceptSignals } from "./acceptSignals.ts";
import {
  type AnswerOptions,
  explain,
  failBusy,
  failIngest,
  type Outcome,
  sendWhole,
  toOutcome,
} from "./answerIngest.ts";
import type { Pressure } from "./pressure.ts";
import { findForm, type RequestForm, readRecords } from "./readRecords.ts";

export type ServeIngestOptions = AnswerOptions & {
  readonly verifyContext: VerifyContext;
  readonly accept: AcceptSignals;
  readonly pressure: Pressure;
};

export function serveIngest(app: FastifyInstance, options: ServeIngestOptions): void {
  const { verifyContext, pressure } = options;
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // Bodies are read as they come.
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    scope.post("/ingest/v1/signals", async (request, reply) => {
      const { "atlas-context": signed } = request.headers;
      const caller = await verifyContext(typeof signed === "string" ? signed : undefined).catch(toRefused);
      if (caller instanceof AppError)
        return failIngest(reply, [401, "CONTEXT_REFUSED", caller.message], options);
      const refused = refuseCaller(caller);
      if (refused !== null) return failIngest(reply, [403, "FORBIDDEN", refused], options);
      const waitSeconds = pressure.refuseSeconds();
      if (waitSeconds !== null) return failBusy(reply, waitSeconds, options);
      const form = findForm(request.headers);
      if (form === null) {
        const message =
          "expected application/json, application/cloudevents+json, application/cloudevents-batch+json or application/x-ndjson";
        return failIngest(reply, [415, "UNSUPPORTED_MEDIA_TYPE", message], options);
      }
      const outcomes = outcomesOf(request.raw, form, caller, options);
      return form === "ndjson" ? sendLines(reply, outcomes, options) : sendWhole(reply, outcomes, options);
    });
  });
}

async function* outcomesOf(
  body: IncomingMessage,
  form: RequestForm,
  caller: CallerContext,
  { accept, pressure }: ServeIngestOptions,
): AsyncGenerator<readonly Outcome[]> {
  let held = 0;
  let index = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of body) {
      held += chunk.length;
      pressure.addBytes(chunk.length);
      yield chunk;
    }
  }
  try {
    for await (const records of readRecords(counted(), form, body.headers)) {
      const results = await accept(caller.tenant, records);
      if (form === "ndjson") {
        pressure.removeBytes(held);
        held = 0;
      }
      yield results.map((result) => toOutcome(index++, result));
    }
  } finally {
    pressure.removeBytes(held);
  }
}

/** Each line is an outcome, written when its record is durable; the last one counts them, and a break tells why. */
function sendLines(
  reply: FastifyReply,
  outcomes: AsyncGenerator<readonly Outcome[]>,
  { onAnswered, log }: ServeIngestOptions,
): FastifyReply {
  async function* lines(): AsyncGenerator<string> {
    let accepted = 0;
    let refused = 0;
    try {
      for await (const part of outcomes) {
        const done = part.filter((outcome) => "id" in outcome).length;
        accepted += done;
        refused += part.length - done;
        yield part.map((outcome) => `${JSON.stringify(outcome)}\n`).join("");
      }
      yield `${JSON.stringify({ accepted, refused })}\n`;
    } catch (error) {
      const [, code, message] = explain(error, log);
      yield `${JSON.stringify({ accepted, refused, errors: [{ message, extensions: { code } }] })}\n`;
    }
    onAnswered(202, accepted, refused);
  }
  return reply.code(202).type("application/x-ndjson").send(Readable.from(lines()));
}

function refuseCaller({ anonymous, tenant, scopes }: CallerContext): string | null {
  if (anonymous || tenant === "public") return "expected a caller that belongs to a tenant";
  return scopes.includes("signals:write") ? null : "expected a token with the scope signals:write";
}

function toRefused(error: unknown): AppError {
  if (error instanceof AppError) return error;
  throw error;
}
