/**
 * The records of a request, chunk by chunk as the body comes. Four forms: one signal or an array (`application/json`), the
 * same as CloudEvents (`application/cloudevents+json`, `-batch+json`, or headers `ce-…`), and a line each
 * (`application/x-ndjson`), of any length.
 */
import type { IncomingHttpHeaders } from "node:http";
import { isCloudEvent, openCloudEvent, type VersionedRecord } from "./cloudEvent.ts";
import { recordBytesMax } from "./parseSignal.ts";
import { type Refusal, refuse } from "./refusal.ts";

export type RequestForm = "json" | "ndjson" | "binary-event";

/** A JSON body is parsed whole; whoever has more sends lines. */
export const bodyBytesMax = 8 * 1024 * 1024;

/** Lines are handed on in groups of this many: the size of a transaction. */
const chunkRecords = 500;

/** Null when the content type is none of these. */
export function findForm(headers: IncomingHttpHeaders): RequestForm | null {
  const type = (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (headers["ce-specversion"] !== undefined) return type === "application/json" ? "binary-event" : null;
  if (/^application\/(json|cloudevents\+json|cloudevents-batch\+json)$/.test(type)) return "json";
  return /^application\/(x-ndjson|jsonl|x-jsonlines)$/.test(type) ? "ndjson" : null;
}

/** Throws BodyTooLarge for JSON beyond `bodyBytesMax`. */
export async function* readRecords(
  body: AsyncIterable<Buffer>,
  form: RequestForm,
  headers: IncomingHttpHeaders,
): AsyncGenerator<readonly (VersionedRecord | Refusal)[]> {
  if (form === "ndjson") return yield* readLines(body);
  const parsed = parseJson(String(await readBody(body)));
  if (parsed.kind === "refused") yield [parsed];
  else if (form === "binary-event") yield [openCloudEvent(toEvent(headers, parsed.value))];
  else if (!Array.isArray(parsed.value)) yield [toRecord(parsed.value)];
  else
    for (let at = 0; at < parsed.value.length; at += chunkRecords)
      yield parsed.value.slice(at, at + chunkRecords).map(toRecord);
}

export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/** All of it, told as it comes. Throws BodyTooLarge beyond `bodyBytesMax`. */
export async function readBody(
  body: AsyncIterable<Buffer>,
  onBytes: (count: number) => void = () => undefined,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    onBytes(chunk.length);
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function* readLines(body: AsyncIterable<Buffer>): AsyncGenerator<(VersionedRecord | Refusal)[]> {
  let rest: Buffer = Buffer.alloc(0);
  /** In a line that is already too long to be read. */
  let skipping = false;
  let records: (VersionedRecord | Refusal)[] = [];
  for await (const chunk of body) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([rest, chunk.subarray(from, end)]);
      if (skipping || line.length > recordBytesMax) records.push(tooLong());
      else if (line.length > 0) records.push(...parseLine(line));
      rest = Buffer.alloc(0);
      skipping = false;
      from = end + 1;
      if (records.length >= chunkRecords) {
        yield records;
        records = [];
      }
    }
    if (!skipping) rest = Buffer.concat([rest, chunk.subarray(from)]);
    if (rest.length > recordBytesMax) {
      rest = Buffer.alloc(0);
      skipping = true;
    }
    // What has come is stored, even if the sender pauses now.
    if (records.length > 0) {
      yield records;
      records = [];
    }
  }
  if (skipping) yield [tooLong()];
  else if (rest.length > 0) yield parseLine(rest);
}

function parseLine(line: Buffer): (VersionedRecord | Refusal)[] {
  const text = line.toString().trim();
  if (text === "") return [];
  const parsed = parseJson(text);
  return [parsed.kind === "refused" ? parsed : toRecord(parsed.value)];
}

function tooLong(): Refusal {
  return refuse("TOO_LARGE", `expected lines of at most ${recordBytesMax} bytes; got a longer one`);
}

/** `NaN` and `Infinity` are no JSON (RFC 8259 §6), so they are refused here. */
function parseJson(text: string): { kind: "parsed"; value: unknown } | Refusal {
  try {
    return { kind: "parsed", value: JSON.parse(text) };
  } catch (error) {
    return refuse(
      "MALFORMED",
      `expected JSON; ${error instanceof Error ? error.message.slice(0, 200) : error}`,
    );
  }
}

function toRecord(value: unknown): VersionedRecord | Refusal {
  return isCloudEvent(value) ? openCloudEvent(value) : { kind: "record", version: "1", record: value };
}

/** The binary form: attributes are headers, percent-encoded (CloudEvents HTTP binding §3.1.3.2). */
function toEvent(headers: IncomingHttpHeaders, data: unknown): Record<string, unknown> {
  const attributes = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith("ce-") && typeof value === "string" ? [[name.slice(3), decode(value)] as const] : [],
  );
  return { ...Object.fromEntries(attributes), data };
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
