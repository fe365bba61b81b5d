/** The records of a file, one by one, each with the place where it stands. */
import { type CsvFormat, readCsv } from "./readCsv.ts";
import { readFeed } from "./readFeed.ts";
import { splitJson } from "./splitJson.ts";

export type Format =
  | CsvFormat
  /** An object with the records in the array of this name. */
  | { readonly kind: "json"; readonly array: string }
  /** RSS 2.0, RSS 1.0 or Atom. */
  | { readonly kind: "feed" };

export type FoundRecord =
  | { readonly kind: "record"; readonly location: string; readonly value: unknown }
  /** Something that stands where a record should. */
  | { readonly kind: "fault"; readonly location: string; readonly value: unknown; readonly reason: string };

export type RecordReader = AsyncIterable<FoundRecord> & {
  /** Members of a JSON document that were read so far. */
  readonly header: Readonly<Record<string, unknown>>;
};

/** Throws an ImportError where the file breaks off; what came before was given already. */
export function readRecords(bytes: AsyncIterable<Buffer>, format: Format): RecordReader {
  const header: Record<string, unknown> = {};
  const records = openRecords(bytes, format, header);
  return { header, [Symbol.asyncIterator]: () => records };
}

function openRecords(
  bytes: AsyncIterable<Buffer>,
  format: Format,
  header: Record<string, unknown>,
): AsyncGenerator<FoundRecord> {
  if (format.kind === "csv") return readCsv(bytes, format);
  if (format.kind === "feed") return readFeed(decode(bytes));
  return readJson(bytes, format.array, header);
}

async function* readJson(
  bytes: AsyncIterable<Buffer>,
  array: string,
  header: Record<string, unknown>,
): AsyncGenerator<FoundRecord> {
  for await (const piece of splitJson(decode(bytes), array)) {
    const parsed = parseJson(piece.text);
    if (piece.kind === "member") {
      if (parsed.kind === "value") header[piece.key] = parsed.value;
      continue;
    }
    const location = `${array}[${piece.index}]`;
    if (parsed.kind === "value") yield { kind: "record", location, value: parsed.value };
    else yield { kind: "fault", location, value: piece.text, reason: `expected JSON; ${parsed.reason}` };
  }
}

function parseJson(text: string): { kind: "value"; value: unknown } | { kind: "fault"; reason: string } {
  try {
    return { kind: "value", value: JSON.parse(text) };
  } catch (error) {
    return { kind: "fault", reason: error instanceof Error ? error.message.slice(0, 300) : String(error) };
  }
}

/** UTF-8; a byte that is none becomes U+FFFD, as browsers do it. */
async function* decode(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of bytes) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}
