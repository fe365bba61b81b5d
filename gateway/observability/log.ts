/**
 * The gateway's log: one JSON event a line, a constant message, fields chosen one by one. Headers, variables, document
 * text and data never come here, so there is nothing to redact.
 */
import { type DestinationStream, type Logger, pino } from "pino";

export type Log = Logger;
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export function createLog(level: LogLevel, region: string, destination?: DestinationStream): Log {
  const options = {
    level,
    base: { service: "gateway", region },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination ? pino(options, destination) : pino(options);
}

/**
 * What of an unexpected error may be logged: where it happened, not what it says, because texts of parsers and drivers
 * quote their input. The stack is kept without its first line for the same reason.
 */
export function describeCause(cause: unknown): { readonly errorName: string; readonly stack?: string } {
  if (!(cause instanceof Error)) return { errorName: typeof cause };
  const code: unknown = Reflect.get(cause, "code");
  const frames = (cause.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return {
    errorName: typeof code === "string" ? `${cause.name} ${code}` : cause.name,
    stack: frames.slice(0, 8).join("\n"),
  };
}

/** A name is the client's to choose, as long as the document allows; the log keeps what tells operations apart. */
export function toLoggedName(operationName: string | undefined): string | undefined {
  return operationName?.slice(0, NAME_CHARS_MAX);
}

const NAME_CHARS_MAX = 100;
