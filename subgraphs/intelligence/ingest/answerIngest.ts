/** What a sender is told: of each record where it went, or why the request as a whole is refused. */
import type { FastifyReply } from "fastify";
import type { Logger } from "pino";
import { toGlobalId } from "../../shared/ids.ts";
import type { Accepted } from "./acceptSignals.ts";
import { BodyTooLarge, bodyBytesMax } from "./readRecords.ts";
import type { Refusal } from "./refusal.ts";

/** Why a request as a whole is refused; docs/errors.md explains each. */
export type IngestErrorCode =
  | "CONTEXT_REFUSED"
  | "SIGNATURE_REFUSED"
  | "FORBIDDEN"
  | "INGEST_OVERLOADED"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "PAYLOAD_TOO_LARGE"
  | "DATABASE_UNAVAILABLE";

export type AnswerOptions = {
  readonly onAnswered: (status: number, accepted: number, refused: number) => void;
  readonly log: Logger;
};

export type Outcome =
  | { readonly index: number; readonly id: string }
  | { readonly index: number; readonly reason: string; readonly message: string };

/** Refuses a request as a whole. */
export function failIngest(
  reply: FastifyReply,
  [status, code, message]: RequestFault,
  { onAnswered }: Pick<AnswerOptions, "onAnswered">,
): FastifyReply {
  onAnswered(status, 0, 0);
  // What is left of the body is of no use to anybody.
  reply.header("connection", "close");
  return reply.code(status).send({ errors: [{ message, extensions: { code } }] });
}

export function failBusy(
  reply: FastifyReply,
  seconds: number,
  options: Pick<AnswerOptions, "onAnswered">,
): FastifyReply {
  reply.header("retry-after", String(seconds));
  const message = `expected fewer records at once; more is waiting than can be kept: try again in ${seconds} seconds`;
  return failIngest(reply, [429, "INGEST_OVERLOADED", message], options);
}

export function toOutcome(index: number, result: Accepted | Refusal): Outcome {
  if (result.kind === "refused") return { index, reason: result.reason, message: result.message };
  const { residency, id } = result.signal;
  return { index, id: toGlobalId(residency, "Signal", id) };
}

/** 202 when anything was accepted, 429 when all of it came from sources that send too much, else 422. */
export async function sendWhole(
  reply: FastifyReply,
  outcomes: AsyncGenerator<readonly Outcome[]>,
  { onAnswered, log }: AnswerOptions,
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

export type RequestFault = readonly [status: number, code: IngestErrorCode, message: string];

/** Why a body could not be read or its records not be made durable. */
export function explain(error: unknown, log: Logger): RequestFault {
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
