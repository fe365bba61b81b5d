/** W3C trace context (https://www.w3.org/TR/trace-context/): the gateway continues a caller's trace or begins one. */
import { randomUUID } from "node:crypto";

const traceparentForm = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export type TraceParent = { readonly traceId: string; readonly spanId: string; readonly traceFlags: number };

/** Undefined when it is none. */
export function parseTraceparent(traceparent: string | undefined): TraceParent | undefined {
  const [, traceId, spanId, flags] = traceparentForm.exec(traceparent ?? "") ?? [];
  if (!traceId || !spanId || !flags || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}

/** A traceparent for the calls of this request: the caller's trace id and flags, our own span id. */
export function continueTrace(traceparent: string | undefined): string {
  const parent = parseTraceparent(traceparent);
  const spanId = createHex().slice(0, 16);
  if (!parent) return `00-${createHex()}-${spanId}-01`;
  return `00-${parent.traceId}-${spanId}-${parent.traceFlags.toString(16).padStart(2, "0")}`;
}

/** 32 hexadecimal digits. Node draws the randomness of UUIDs ahead, that of randomBytes in a call to the system each. */
function createHex(): string {
  return randomUUID().replaceAll("-", "");
}

/** A client's own id is kept when it is short and plain, so that it cannot write lines or secrets of its own into the log. */
export function toRequestId(header: string | undefined): string {
  return header !== undefined && /^[A-Za-z0-9_-]{8,64}$/.test(header) ? header : randomUUID();
}
