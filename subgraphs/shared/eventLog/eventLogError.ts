/** Kafka's names where Kafka has one (https://kafka.apache.org/protocol.html#protocol_error_codes). */
export type EventLogErrorCode =
  | "UNKNOWN_TOPIC_OR_PARTITION"
  | "INVALID_TOPIC_EXCEPTION"
  | "OFFSET_OUT_OF_RANGE"
  | "ILLEGAL_GENERATION"
  | "MESSAGE_TOO_LARGE"
  /** The log did not answer for as long as it is retried. What was sent may or may not be there. */
  | "UNAVAILABLE"
  | "CLOSED";

export class EventLogError extends Error {
  override readonly name = "EventLogError";
  readonly code: EventLogErrorCode;

  constructor(code: EventLogErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
