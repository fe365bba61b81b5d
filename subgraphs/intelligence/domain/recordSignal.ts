/** A signal that a person or a program observed. */
import { firstFault, refuseLength, refuseRange, refuseSlug } from "../../shared/parseInput.ts";
import { refuseControlCharacters, refuseCountryCode } from "./refuseText.ts";

export type ObservedSignal = {
  readonly kind: string;
  readonly title: string;
  readonly summary: string | null;
  readonly severity: number;
  readonly confidence: number;
  readonly countryCode: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly observedAt: Date;
};

/** Observers' clocks may run ahead of ours by this much; whatever claims to be later has not happened yet. */
const aheadMsMax = 5 * 60_000;

/** Null when it can be stored, otherwise what was expected and what came. */
export function refuseSignal(signal: ObservedSignal, now: Date): string | null {
  return firstFault(
    refuseSlug("kind", signal.kind),
    refuseLength("title", signal.title, 300),
    refuseControlCharacters("title", signal.title),
    signal.summary === null ? null : refuseLength("summary", signal.summary, 10_000),
    signal.summary === null ? null : refuseControlCharacters("summary", signal.summary),
    refuseRange("severity", signal.severity, 0, 1),
    refuseRange("confidence", signal.confidence, 0, 1),
    signal.countryCode === null ? null : refuseCountryCode(signal.countryCode),
    refusePlace(signal),
    refuseFuture(signal.observedAt, now),
  );
}

function refusePlace({ latitude, longitude }: ObservedSignal): string | null {
  if (latitude === null && longitude === null) return null;
  if (latitude === null || longitude === null) {
    return `expected \`latitude\` and \`longitude\` together or neither; got only ${latitude === null ? "longitude" : "latitude"}`;
  }
  return firstFault(
    refuseRange("latitude", latitude, -90, 90),
    refuseRange("longitude", longitude, -180, 180),
  );
}

function refuseFuture(observedAt: Date, now: Date): string | null {
  if (observedAt.getTime() <= now.getTime() + aheadMsMax) return null;
  return `expected \`observedAt\` not later than now (${now.toISOString()}); got ${observedAt.toISOString()}`;
}
