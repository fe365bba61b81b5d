/** The head of a POST as text, one character a byte. Throws an ExchangeError where it would not be valid HTTP. */
import { ExchangeError } from "../exchangeError.ts";

/** `start` is what is the same for all requests of a connection: request line and host. */
export function writeHead(
  start: string,
  headers: Readonly<Record<string, string>>,
  bodyBytes: number,
): string {
  let head = start;
  for (const name in headers) {
    const value = headers[name] ?? "";
    if (!TOKEN.test(name) || BARRED_NAMES.has(name))
      throw unsendable(`the header name ${JSON.stringify(name)}`);
    if (!FIELD_VALUE.test(value)) throw unsendable(`the value of the header ${name}`);
    head += `${name}: ${value}\r\n`;
  }
  return `${head}content-length: ${bodyBytes}\r\n\r\n`;
}

/** RFC 9110 §5.6.2 and §5.5: a value with a line break would be another header, or another request. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** The connection's own; saying them twice would let two readers see two requests. */
const BARRED_NAMES: ReadonlySet<string> = new Set([
  "content-length",
  "transfer-encoding",
  "connection",
  "host",
]);

function unsendable(what: string): ExchangeError {
  return new ExchangeError("unsendable", new Error(`not valid in HTTP: ${what}`));
}
