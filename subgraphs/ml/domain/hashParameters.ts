import { createHash } from "node:crypto";

/**
 * What a model version is known by: SHA-256 of its parameters in canonical JSON (RFC 8785: keys in order, no spaces,
 * numbers as ECMAScript writes them), so that a round trip through the database gives the same hash.
 */
export function hashParameters(parameters: unknown): string {
  return createHash("sha256").update(toCanonicalJson(parameters)).digest("hex");
}

/** Throws for what JSON has no word for: JSON.stringify would write null, and two models would share a hash. */
export function toCanonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toCanonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    // Default order is by UTF-16 code units, as RFC 8785 §3.2.3 wants.
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${toCanonicalJson(member)}`).join(",")}}`;
  }
  const isJson = value === null || ["string", "boolean"].includes(typeof value) || Number.isFinite(value);
  if (!isJson) throw new TypeError(`expected a value that JSON can write; got ${String(value)}`);
  return JSON.stringify(value);
}
