/**
 * How the record of decisions names people: by a keyed hash. The gateway makes it, and whoever keeps the record can make
 * it too, to find what was decided about somebody; from the hash alone nobody learns who it was.
 */
import { createHmac, hkdfSync } from "node:crypto";

/** `contextKey` is that of the subgraph that keeps the record, which the gateway can derive. */
export function deriveSubjectKey(contextKey: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", contextKey, "", "atlas-decision-subjects", 32));
}

export function hashSubject(key: Uint8Array, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}
