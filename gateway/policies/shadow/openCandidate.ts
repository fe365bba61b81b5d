/**
 * A bundle that decides nothing, on a thread of its own: what it costs, and a policy that runs away, takes no time from
 * the thread that serves.
 */
import type { Decision } from "../../../policies/runtime/decision.ts";
import type { RecordedQuestion } from "../../../policies/runtime/decisionChain.ts";
import { PolicyError, type PolicyErrorCode } from "../../../policies/runtime/policyError.ts";
import type { BundleTrust } from "../../../policies/runtime/readBundle.ts";
import type { Difference } from "../../../policies/runtime/replayQuestion.ts";
import { openWorker } from "../../workers/openWorker.ts";

export type Candidate = {
  readonly digest: string;
  readonly revision: string;
  /** What it answers differently; null when it gives no sure answer. One question at a time. Rejects once it has ended. */
  readonly ask: (question: CandidateQuestion) => Promise<readonly Difference[] | null>;
  readonly end: () => Promise<void>;
};

export type CandidateData = {
  readonly packed: Uint8Array;
  /** SPKI in base64; null believes whoever. */
  readonly keys: readonly string[] | null;
};

export type CandidateQuestion = {
  readonly asked: Decision["asked"];
  readonly verdicts: RecordedQuestion["verdicts"];
};

export type CandidateReport =
  | { readonly kind: "opened"; readonly digest: string; readonly revision: string }
  | { readonly kind: "refused"; readonly code: PolicyErrorCode; readonly message: string }
  | { readonly kind: "answered"; readonly differences: readonly Difference[] | null };

/** Fuel ends an evaluation long before; this is for what fuel does not know of. */
const answerMsMax = 10_000;

/** Rejects with a PolicyError when it cannot be asked. */
export async function openCandidate(packed: Uint8Array, trust: BundleTrust): Promise<Candidate> {
  const data: CandidateData = { packed, keys: trust.kind === "signed" ? trust.keys.map(toText) : null };
  const worker = openWorker("thread", new URL("./shadowWorker", import.meta.url), data);
  worker.unref();
  let isEnded = false;
  let settle: ((report: CandidateReport | PolicyError) => void) | undefined;
  worker.onMessage((message) => settle?.(message as CandidateReport)); // `shadowWorker` sends nothing else
  worker.onEnd((cause) => {
    isEnded = true;
    settle?.(new PolicyError("BUNDLE_INVALID", "the thread of the shadow ended", { cause }));
  });

  async function nextReport(): Promise<CandidateReport> {
    if (isEnded) throw new PolicyError("BUNDLE_INVALID", "the thread of the shadow ended");
    let timer: NodeJS.Timeout | undefined;
    const report = await new Promise<CandidateReport | PolicyError>((resolve) => {
      settle = resolve;
      timer = setTimeout(
        () =>
          resolve(new PolicyError("BUNDLE_INVALID", `the shadow gave no answer within ${answerMsMax} ms`)),
        answerMsMax,
      );
    });
    clearTimeout(timer);
    if (!(report instanceof PolicyError)) return report;
    await worker.end();
    throw report;
  }

  const opened = await nextReport();
  if (opened.kind === "opened")
    return {
      digest: opened.digest,
      revision: opened.revision,
      ask: async (question) => {
        const answer = nextReport();
        worker.post(question);
        const report = await answer;
        return report.kind === "answered" ? report.differences : null;
      },
      end: worker.end,
    };
  await worker.end();
  throw opened.kind === "refused"
    ? new PolicyError(opened.code, opened.message)
    : new PolicyError("BUNDLE_INVALID", "the thread of the shadow answered before it was asked");
}

function toText(key: Extract<BundleTrust, { kind: "signed" }>["keys"][number]): string {
  return key.export({ format: "der", type: "spki" }).toString("base64");
}
