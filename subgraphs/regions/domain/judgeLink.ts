import { failoverClock } from "./failover/clock.ts";

/** What can be said of a link from what was measured on it. */
export type LinkMeasurement = { readonly lagMs: number; readonly heardAt: Date; readonly measuredAt: Date };
export type LinkState = "ABSENT" | "STREAMING" | "CATCHING_UP" | "BROKEN";

/** The budget of lag is a minute: half of it is an alarm. */
const brokenMs = 30_000;
const behindMs = failoverClock.lagMsMax;

/** Heartbeats come twice a second, so silence is a fault of the link, of its sender or of its receiver. */
export function judgeLink(measured: LinkMeasurement | null, now: Date): LinkState {
  if (measured === null) return "ABSENT";
  const silentMs = Math.max(
    now.getTime() - measured.measuredAt.getTime(),
    measured.measuredAt.getTime() - measured.heardAt.getTime(),
  );
  if (silentMs > brokenMs) return "BROKEN";
  return measured.lagMs > behindMs || silentMs > behindMs ? "CATCHING_UP" : "STREAMING";
}
