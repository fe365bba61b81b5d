/** W3C trace context (https://www.w3.org/TR/trace-context/): the gateway continues a caller's trace or begins one. */
import { randomFillSync, randomUUID } from "node:crypto";

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
  if (!parent) {
    const drawn = drawHex(24);
    return `00-${drawn.slice(0, 32)}-${drawn.slice(32)}-01`;
  }
  return `00-${parent.traceId}-${drawHex(8)}-${parent.traceFlags.toString(16).padStart(2, "0")}`;
}

/** Randomness is drawn ahead: a call to the system for each few bytes costs more than all else here. */
const drawnAhead = Buffer.alloc(4_096);
let usedBytes = drawnAhead.length;

/** Two hexadecimal digits for each byte; not all zero, which is no id, but once in 2⁶⁴ draws. */
function drawHex(bytes: number): string {
  if (usedBytes + bytes > drawnAhead.length) {
    randomFillSync(drawnAhead);
    usedBytes = 0;
  }
  usedBytes += bytes;
  return drawnAhead.toString("hex", usedBytes - bytes, usedBytes);
}

/** A client's own id is kept when it is short and plain, so that it cannot write lines or secrets of its own into the log. */
export function toRequestId(header: string | undefined): string {
  return header !== undefined && /^[A-Za-z0-9_-]{8,64}$/.test(header) ? header : randomUUID();
}
