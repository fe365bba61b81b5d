/**
 * Verifies, reads, compiles and asks a bundle before it may serve, on a thread of its own: what is wrong with it, a
 * policy that never answers included, costs the requests of the moment nothing.
 */

import { PolicyError, type PolicyErrorCode } from "../../policies/runtime/policyError.ts";
import type { BundleFiles, BundleTrust } from "../../policies/runtime/readBundle.ts";
import { openWorker } from "../workers/openWorker.ts";

export type TrialData = {
  readonly packed: Uint8Array;
  /** SPKI in base64; null believes whoever. */
  readonly keys: readonly string[] | null;
};

export type TrialReport =
  | { readonly kind: "good"; readonly files: BundleFiles }
  | { readonly kind: "refused"; readonly code: PolicyErrorCode; readonly message: string };

/** Fuel ends every evaluation; this is for whatever else goes wrong. The thread gives way to requests, so it may be long. */
const trialMsMax = 60_000;

/** What the bundle holds, ready to be opened. Throws a PolicyError when it must not serve. */
export function tryBundle(
  packed: Uint8Array,
  trust: BundleTrust,
  deadlineMs = trialMsMax,
): Promise<BundleFiles> {
  const keys =
    trust.kind === "signed"
      ? trust.keys.map((key) => key.export({ format: "der", type: "spki" }).toString("base64"))
      : null;
  const data: TrialData = { packed, keys };
  const worker = openWorker("thread", new URL("./trialWorker", import.meta.url), data);
  const trial = new Promise<BundleFiles>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new PolicyError("BUNDLE_INVALID", `the bundle was not ready within ${deadlineMs} ms`)),
      deadlineMs,
    );
    worker.onMessage((message) => {
      clearTimeout(timer);
      // `trialWorker` sends nothing else.
      const report = message as TrialReport;
      if (report.kind === "good") resolve(report.files);
      else reject(new PolicyError(report.code, report.message));
    });
    worker.onEnd((cause) => {
      clearTimeout(timer);
      reject(new PolicyError("BUNDLE_INVALID", "the thread that tried the bundle ended", { cause }));
    });
  });
  return trial.finally(() => worker.end());
}
