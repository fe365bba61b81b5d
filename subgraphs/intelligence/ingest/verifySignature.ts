/**
 * Signatures of webhooks: `atlas-signature: t=<seconds of the epoch>,v1=<hex>`, where v1 is HMAC-SHA256 (RFC 2104) over
 * `<t>.<body>` with the webhook's key. The moment is signed too, so a request that somebody recorded is of no use later.
 */
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/** How far the sender's clock may be off, and how long a recorded request can be sent again: it would change nothing. */
export const toleranceSeconds = 300;

export type SignedRequest = {
  readonly header: string | undefined;
  readonly body: Buffer;
  readonly now: Date;
};

/** Null when one of the keys signed it; else what was expected. Tells nothing of the keys. */
export function findSignatureFault(
  keys: readonly Buffer[],
  { header, body, now }: SignedRequest,
): string | null {
  const parts = (header ?? "").split(",").map((part) => part.trim().split("="));
  const [, seconds] = parts.find(([name]) => name === "t") ?? [];
  const signatures = parts.flatMap(([name, value]) =>
    name === "v1" && value !== undefined && /^[0-9a-f]{64}$/.test(value) ? [Buffer.from(value, "hex")] : [],
  );
  if (seconds === undefined || !/^\d{1,12}$/.test(seconds) || signatures.length === 0) {
    return "expected a header atlas-signature: t=<seconds of the epoch>,v1=<HMAC-SHA256 in hex>";
  }
  // Every key with every signature, whatever is found: the time tells nothing.
  const matches = keys.flatMap((key) => {
    const expected = sign(key, seconds, body);
    return signatures.map((signature) => timingSafeEqual(expected, signature));
  });
  if (!matches.includes(true)) return "expected a webhook that is registered, and a signature by its key";
  const apart = Math.abs(now.getTime() / 1_000 - Number(seconds));
  if (apart <= toleranceSeconds) return null;
  return `expected a moment within ${toleranceSeconds} s of now; got one ${Math.round(apart)} s away`;
}

export function sign(key: Buffer, seconds: string, body: Buffer | string): Buffer {
  return createHmac("sha256", key).update(`${seconds}.`).update(body).digest();
}

/** Derived (HKDF, RFC 5869), so that no table holds keys, and a new version is a new key. */
export function deriveWebhookKey(master: Buffer, code: string, version: number): Buffer {
  return Buffer.from(hkdfSync("sha256", master, "", `atlas-webhook:${code}:${version}`, 32));
}
