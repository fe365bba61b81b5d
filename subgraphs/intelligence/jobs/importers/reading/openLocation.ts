/** Opens a file or a URL: plain or gzip, hashed as it comes, cut off when it grows beyond what was allowed. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { ImportError } from "../importError.ts";
import { fetchUrl, toPublicName } from "./fetchUrl.ts";

export type OpenOptions = {
  /** At most this many bytes, before and after unpacking. */
  readonly bytesMax: number;
  /** For a URL as a whole; 30 s of silence end it as well. */
  readonly timeoutMs: number;
  /** Whether URLs may lead to hosts that are not public. */
  readonly allowPrivate: boolean;
};

export const defaultOpenOptions: OpenOptions = {
  bytesMax: 512 * 1024 * 1024,
  timeoutMs: 600_000,
  allowPrivate: false,
};

export type OpenedBytes = {
  readonly bytes: AsyncIterable<Buffer>;
  /** By the server or the file system; null when neither says. */
  readonly updatedAt: Date | null;
  readonly close: () => Promise<void>;
};

/** `bytes` are unpacked. */
export type OpenedLocation = OpenedBytes & {
  /** The location without anything that may be secret. */
  readonly name: string;
  /** Of the bytes as they were sent, in hexadecimal; null until all are read. */
  readonly sha256: () => string | null;
};

/** Throws LOCATION_NOT_FOUND or LOCATION_REFUSED before anything is read; `bytes` throws FILE_TOO_LARGE, FILE_BROKEN. */
export async function openLocation(location: string, options: OpenOptions): Promise<OpenedLocation> {
  const url = /^https?:\/\//i.test(location) ? parseUrl(location) : null;
  if (url === null) return openBytes(await openFile(location), location, options.bytesMax);
  const { bytes, headers, close } = await fetchUrl(url, options);
  const opened = { bytes, close, updatedAt: parseDate(headers["last-modified"]) };
  return openBytes(opened, toPublicName(url), options.bytesMax);
}

/** Hashes, limits and unpacks bytes that were opened already. */
export function openBytes(opened: OpenedBytes, name: string, bytesMax: number): OpenedLocation {
  const hash = createHash("sha256");
  let digest: string | null = null;

  async function* hashed(): AsyncGenerator<Buffer> {
    for await (const chunk of opened.bytes) {
      hash.update(chunk);
      yield chunk;
    }
    digest = hash.digest("hex");
  }
  const sent = limitBytes(hashed(), bytesMax);
  return {
    bytes: limitBytes(unpack(sent), bytesMax),
    updatedAt: opened.updatedAt,
    close: opened.close,
    name,
    sha256: () => digest,
  };
}

/** Of a header `Last-Modified`; null when it is none. */
export function parseDate(value: string | string[] | undefined): Date | null {
  const date = new Date(typeof value === "string" ? value : Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date;
}

function parseUrl(location: string): URL {
  if (URL.canParse(location)) return new URL(location);
  throw new ImportError(
    "LOCATION_NOT_FOUND",
    `expected a file or an http(s) URL; got ${location.slice(0, 200)}`,
  );
}

async function openFile(path: string): Promise<OpenedBytes> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === "ENOENT" ? "there is none" : error.message;
    throw new ImportError("LOCATION_NOT_FOUND", `expected a file at ${path}; ${why}`);
  });
  const facts = await file.stat();
  if (!facts.isFile()) {
    await file.close();
    throw new ImportError(
      "LOCATION_NOT_FOUND",
      `expected a file at ${path}; it is something else, such as a folder`,
    );
  }
  return {
    bytes: file.createReadStream({ autoClose: false }),
    updatedAt: facts.mtime,
    close: () => file.close(),
  };
}

export async function* limitBytes(bytes: AsyncIterable<Buffer>, bytesMax: number): AsyncGenerator<Buffer> {
  let count = 0;
  for await (const chunk of bytes) {
    count += chunk.length;
    if (count > bytesMax)
      throw new ImportError("FILE_TOO_LARGE", `expected at most ${bytesMax} bytes; there are more`);
    yield chunk;
  }
}

/** By the first two bytes (RFC 1952), since neither names nor headers can be relied on. */
async function* unpack(bytes: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const first = await bytes.next();
  if (first.done) return;
  const all = prepend(first.value, bytes);
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) return yield* all;
  const gunzip = createGunzip();
  // The error, if any, comes out of gunzip.
  pipeline(Readable.from(all), gunzip, () => undefined);
  try {
    for await (const chunk of gunzip) yield chunk;
  } catch (error) {
    if (error instanceof ImportError) throw error;
    throw new ImportError(
      "FILE_BROKEN",
      `the gzip data breaks off: ${error instanceof Error ? error.message : error}`,
    );
  }
}

async function* prepend(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}
