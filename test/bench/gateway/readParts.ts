/**
 * An answer in parts over multipart HTTP, put together: the immediate data and, into the object at its path, each part. Reads
 * what gateways send of `@defer` today: parts with `path`, or with an `id` that was announced as `pending`.
 */
type Json = Readonly<Record<string, unknown>>;

export type JoinedParts = {
  readonly data: unknown;
  readonly errors: readonly unknown[];
  /** How many came after the first. */
  readonly parts: number;
};

/** Throws where it is not multipart, or not ended. */
export function readParts(contentType: string, body: string): JoinedParts {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (!contentType.startsWith("multipart/mixed") || boundary === undefined)
    throw new Error(`expected parts, came ${contentType}: ${body.slice(0, 200)}`);
  const payloads = body
    .split(`--${boundary}`)
    .map((part) => part.slice(part.indexOf("\r\n\r\n") + 4).trim())
    .filter((part) => part.startsWith("{"))
    .map((part): Json => JSON.parse(part));
  if (payloads.at(-1)?.hasNext !== false) throw new Error(`expected a last part, came ${body.slice(-500)}`);
  const places = new Map<unknown, readonly unknown[]>();
  const errors: unknown[] = [];
  let data: unknown = null;
  let parts = 0;
  for (const payload of payloads) {
    for (const { id, path } of listOf(payload.pending)) places.set(id, arrayOf(path));
    if ("data" in payload) data = payload.data;
    errors.push(...arrayOf(payload.errors));
    for (const part of listOf(payload.incremental)) {
      parts += 1;
      errors.push(...arrayOf(part.errors));
      const path = part.path === undefined ? (places.get(part.id) ?? []) : arrayOf(part.path);
      merge(find(data, [...path, ...arrayOf(part.subPath)]), part.data);
    }
  }
  return { data, errors, parts };
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function listOf(value: unknown): readonly Json[] {
  return arrayOf(value).filter((item): item is Json => typeof item === "object" && item !== null);
}

function find(data: unknown, path: readonly unknown[]): unknown {
  return path.reduce<unknown>((value, step) => Reflect.get(Object(value), String(step)), data);
}

function merge(target: unknown, source: unknown): void {
  if (typeof target !== "object" || target === null || typeof source !== "object" || source === null) return;
  for (const [key, value] of Object.entries(source)) {
    const known: unknown = Reflect.get(target, key);
    if (typeof known === "object" && known !== null) merge(known, value);
    else Reflect.set(target, key, value);
  }
}
