/**
 * `POST /ingest/v1/signals`. The gateway has identified the caller and asked the policy; here a signed context says who it
 * is. JSON is answered as a whole; lines are answered line by line while more of them come, so neither end keeps them.
 */
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Logger } from "pino";
import { AppError } from "../../shared/errors.ts";
import { toGlobalId } from "../../shared/ids.ts";
import type { CallerContext, VerifyContext } from "../../shared/verifyContext.ts";
import type { Accepted, AcceptSignals } from "./acceptSignals.ts";
import type { Pressure } from "./pressure.ts";
import { BodyTooLarge, bodyBytesMax, findForm, type RequestForm, readRecords } from "./readRecords.ts";
import type { Refusal } from "./refusal.ts";

/** Why a request as a whole is refused; docs/errors.md explains each. */
export type IngestErrorCode =
  | "CONTEXT_REFUSED"
  | "FORBIDDEN"
  | "INGEST_OVERLOADED"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "PAYLOAD_TOO_LARGE"
  | "DATABASE_UNAVAILABLE";

export type ServeIngestOptions = {
  readonly verifyContext: VerifyContext;
  readonly accept: AcceptSignals;
  readonly pressure: Pressure;
  readonly onAnswered: (status: number, accepted: number, refused: number) => void;
  readonly log: Logger;
};

type Outcome =
  | { readonly index: number; readonly id: string }
  | { readonly index: number; readonly reason: string; readonly message: string };

export function serveIngest(app: FastifyInstance, options: ServeIngestOptions): void {
  const { verifyContext, pressure, onAnswered } = options;
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // Bodies are read as they come.
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    scope.post("/ingest/v1/signals", async (request, reply) => {
      const { "atlas-context": signed } = request.headers;
      const caller = await verifyContext(typeof signed === "string" ? signed : undefined).catch(toRefused);
      if (caller instanceof AppError) return fail(reply, 401, "CONTEXT_REFUSED", caller.message);
      const refused = refuseCaller(caller);
      if (refused !== null) return fail(reply, 403, "FORBIDDEN", refused);
      const waitSeconds = pressure.refuseSeconds();
      if (waitSeconds !== null) return failBusy(reply, waitSeconds);
      const form = findForm(request.headers);
      if (form === null) {
        const message =
          "expected application/json, application/cloudevents+json, application/cloudevents-batch+json or application/x-ndjson";
        return fail(reply, 415, "UNSUPPORTED_MEDIA_TYPE", message);
      }
      const outcomes = outcomesOf(request.raw, form, caller, options);
      return form === "ndjson" ? sendLines(reply, outcomes, options) : sendWhole(reply, outcomes, options);
    });
  });

  function fail(reply: FastifyReply, status: number, code: IngestErrorCode, message: string): FastifyReply {
    onAnswered(status, 0, 0);
    // What is left of the body is of no use to anybody.
    reply.header("connection", "close");
    return reply.code(status).send({ errors: [{ message, extensions: { code } }] });
  }

  function failBusy(reply: FastifyReply, seconds: number): FastifyReply {
    reply.header("retry-after", String(seconds));
    const message = `expected fewer records at once; more is waiting than can be kept: try again in ${seconds} seconds`;
    return fail(reply, 429, "INGEST_OVERLOADED", message);
  }
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

function toOutcome(index: number, result: Accepted | Refusal): Outcome {
  if (result.kind === "refused") return { index, reason: result.reason, message: result.message };
  const { residency, id } = result.signal;
  return { index, id: toGlobalId(residency, "Signal", id) };
}

/** 202 when anything was accepted, 429 when all of it came from sources that send too much, else 422. */
async function sendWhole(
  reply: FastifyReply,
  outcomes: AsyncGenerator<readonly Outcome[]>,
  { onAnswered, log }: ServeIngestOptions,
): Promise<FastifyReply> {
  const accepted: Outcome[] = [];
  const refused: Outcome[] = [];
  try {
    for await (const part of outcomes) {
      for (const outcome of part) ("id" in outcome ? accepted : refused).push(outcome);
    }
  } catch (error) {
    // What came before is stored; the sender repeats all of it, and it is recognised.
    const [status, code, message] = explain(error, log);
    onAnswered(status, accepted.length, refused.length);
    reply.header("connection", "close");
    if (status === 503) reply.header("retry-after", "1");
    return reply.code(status).send({ errors: [{ message, extensions: { code } }] });
  }
  const floods = refused.every((outcome) => "reason" in outcome && outcome.reason === "SOURCE_FLOODS");
  const status = accepted.length > 0 || refused.length === 0 ? 202 : floods ? 429 : 422;
  if (status === 429) reply.header("retry-after", "1");
  onAnswered(status, accepted.length, refused.length);
  return reply.code(status).send({ accepted, refused });
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

function explain(
  error: unknown,
  log: Logger,
): readonly [status: number, code: IngestErrorCode, message: string] {
  if (error instanceof BodyTooLarge) {
    return [
      413,
      "PAYLOAD_TOO_LARGE",
      `expected at most ${bodyBytesMax} bytes of JSON; send lines (application/x-ndjson)`,
    ];
  }
  log.warn({ err: error }, "signals were not accepted");
  return [503, "DATABASE_UNAVAILABLE", "the database does not answer; try again in a moment"];
}

function refuseCaller({ anonymous, tenant, scopes }: CallerContext): string | null {
  if (anonymous || tenant === "public") return "expected a caller that belongs to a tenant";
  return scopes.includes("signals:write") ? null : "expected a token with the scope signals:write";
}

function toRefused(error: unknown): AppError {
  if (error instanceof AppError) return error;
  throw error;
}
