/** kafkajs wraps the broker's error in up to three of its own; what was said first decides which code of ours it is. */
import { EventLogError, type EventLogErrorCode } from "../eventLogError.ts";

const codes: Readonly<Record<string, EventLogErrorCode>> = {
  UNKNOWN_TOPIC_OR_PARTITION: "UNKNOWN_TOPIC_OR_PARTITION",
  INVALID_TOPIC_EXCEPTION: "INVALID_TOPIC_EXCEPTION",
  OFFSET_OUT_OF_RANGE: "OFFSET_OUT_OF_RANGE",
  MESSAGE_TOO_LARGE: "MESSAGE_TOO_LARGE",
  RECORD_LIST_TOO_LARGE: "MESSAGE_TOO_LARGE",
  // A member that was given up hears one of these when it commits.
  ILLEGAL_GENERATION: "ILLEGAL_GENERATION",
  UNKNOWN_MEMBER_ID: "ILLEGAL_GENERATION",
  FENCED_INSTANCE_ID: "ILLEGAL_GENERATION",
};

export function toEventLogError(thrown: unknown): EventLogError {
  if (thrown instanceof EventLogError) return thrown;
  for (const error of causesOf(thrown)) {
    const code = codes[typeOf(error)];
    if (code !== undefined)
      return new EventLogError(code, `Kafka refused: ${textOf(error)}`, { cause: thrown });
  }
  return new EventLogError("UNAVAILABLE", `the event log does not answer: ${textOf(thrown)}`, {
    cause: thrown,
  });
}

/** Whether trying again may help: everything that the broker did not refuse outright. */
export function isKafkaOutage(error: unknown): boolean {
  return toEventLogError(error).code === "UNAVAILABLE";
}

/** The broker's name of the error; empty for kafkajs's own. */
function typeOf(error: unknown): string {
  return error instanceof Error && "type" in error ? String(error.type) : "";
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function* causesOf(thrown: unknown): Generator<unknown> {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth += 1) {
    yield error;
  }
}
