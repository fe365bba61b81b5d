/** Unpacks an answer, off the event loop, and never to more bytes than an answer may have: a few kilobytes can hold gigabytes. */
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, inflateRaw } from "node:zlib";
import { ExchangeError } from "./exchangeError.ts";

export const acceptedEncodings = "br, gzip, deflate";

type Decode = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const [fromGzip, fromBrotli, fromZlib, fromRaw]: readonly Decode[] = [
  promisify(gunzip),
  promisify(brotliDecompress),
  promisify(inflate),
  promisify(inflateRaw),
];

export async function decodeBody(
  body: Buffer,
  encoding: string | readonly string[],
  bytesMax: number,
): Promise<Buffer> {
  const name = String(encoding).trim().toLowerCase();
  if (name === "identity" || name === "") return body;
  const decode = findDecode(name, body);
  if (!decode) throw new ExchangeError("undecodable", new Error("the content-encoding is not known"));
  try {
    return await decode(body, { maxOutputLength: bytesMax });
  } catch (cause) {
    const isTooLarge = Reflect.get(Object(cause), "code") === "ERR_BUFFER_TOO_LARGE";
    throw new ExchangeError(isTooLarge ? "too-large" : "undecodable", cause);
  }
}

/** One encoding, not a chain of them: nobody packs twice with good intent. */
function findDecode(name: string, body: Buffer): Decode | undefined {
  if (name === "gzip" || name === "x-gzip") return fromGzip;
  if (name === "br") return fromBrotli;
  // Servers disagree on what deflate is; the zlib header (RFC 1950) has 8 in the low half of its first byte.
  if (name === "deflate") return ((body[0] ?? 0) & 0x0f) === 8 ? fromZlib : fromRaw;
  return undefined;
}
