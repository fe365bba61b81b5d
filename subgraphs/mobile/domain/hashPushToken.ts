import { createHash } from "node:crypto";

/** All that is kept of a push token: enough to see that a device has it already or that it went to another. */
export function hashPushToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
