/** The head of an answer: status line and headers, without the empty line behind them (RFC 9112). */
export type AnswerHead = {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly retryAfter: string | undefined;
  readonly framing: Framing;
  /** How long the server keeps the connection, in seconds; 0 where it closes it, undefined where it says nothing. */
  readonly keptSeconds: number | undefined;
};

/** How the end of the body is told: by a length, by chunks, or by the end of the connection (RFC 9112 §6.3). */
export type Framing =
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" | "end" };

/**
 * Undefined when it is not valid, or could be read in two ways: two lengths, a length beside chunks, a line that goes
 * on in the next. What two readers see differently is how answers get swapped.
 */
export function readHead(text: string): AnswerHead | undefined {
  if (!HEAD.test(text)) return undefined;
  const status = Number(text.slice(9, 12));
  const isOld = text.charCodeAt(7) === ZERO;
  let length: string | undefined;
  let coding: string | undefined;
  let connection = "";
  let keepAlive: string | undefined;
  let contentType: string | undefined;
  let contentEncoding: string | undefined;
  let retryAfter: string | undefined;
  let end = text.indexOf("\r\n");
  while (end >= 0) {
    const start = end + 2;
    end = text.indexOf("\r\n", start);
    const colon = text.indexOf(":", start);
    const name = text.slice(start, colon).toLowerCase();
    if (!READ_NAMES.has(name)) continue;
    const value = text.slice(colon + 1, end < 0 ? text.length : end).trim();
    switch (name) {
      case "content-length":
        if (length !== undefined && length !== value) return undefined;
        length = value;
        break;
      case "transfer-encoding":
        if (coding !== undefined) return undefined;
        coding = value.toLowerCase();
        break;
      case "connection":
        connection += `,${value.toLowerCase()}`;
        break;
      case "keep-alive":
        keepAlive = value;
        break;
      case "content-type":
        contentType = value;
        break;
      case "content-encoding":
        contentEncoding = contentEncoding === undefined ? value : `${contentEncoding}, ${value}`;
        break;
      case "retry-after":
        retryAfter = value;
        break;
    }
  }
  const framing = chooseFraming(status, length, coding);
  if (!framing) return undefined;
  const keptSeconds = findKeptSeconds(isOld, connection, keepAlive, framing);
  return { status, contentType, contentEncoding, retryAfter, framing, keptSeconds };
}

const ZERO = 0x30;
/** Field names are tokens right before their colon; values have no control characters that could end a line. */
const HEAD = /^HTTP\/1\.[01] [1-9]\d\d(?: [^\r\n\0]*)?(?:\r\n[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\r\n\0]*)*$/;
const READ_NAMES: ReadonlySet<string> = new Set([
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "content-type",
  "content-encoding",
  "retry-after",
]);

function chooseFraming(
  status: number,
  length: string | undefined,
  coding: string | undefined,
): Framing | undefined {
  if (status < 200 || status === 204 || status === 304) return NOTHING;
  if (coding !== undefined) return coding === "chunked" && length === undefined ? CHUNKED : undefined;
  if (length === undefined) return UNTIL_END;
  return /^\d{1,15}$/.test(length) ? { kind: "length", bytes: Number(length) } : undefined;
}

const NOTHING: Framing = { kind: "length", bytes: 0 };
const CHUNKED: Framing = { kind: "chunked" };
const UNTIL_END: Framing = { kind: "end" };

function findKeptSeconds(
  isOld: boolean,
  connection: string,
  keepAlive: string | undefined,
  framing: Framing,
): number | undefined {
  if (framing.kind === "end") return 0;
  if (connection !== "") {
    const options = connection.split(",").map((option) => option.trim());
    if (options.includes("close")) return 0;
    if (isOld && !options.includes("keep-alive")) return 0;
  } else if (isOld) return 0;
  const seconds = keepAlive === undefined ? undefined : /(?:^|[,;\s])timeout=(\d{1,6})/i.exec(keepAlive)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}
