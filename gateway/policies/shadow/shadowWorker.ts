/** Opened by `openCandidate`: holds one bundle and asks it what the one in force was asked, one question after another. */
import { parsePublicKey } from "../../../policies/runtime/bundleSignature.ts";
import { openPolicyBundle, type PolicyBundle } from "../../../policies/runtime/loadPolicyBundle.ts";
import { PolicyError } from "../../../policies/runtime/policyError.ts";
import { readBundle } from "../../../policies/runtime/readBundle.ts";
import { replayQuestion } from "../../../policies/runtime/replayQuestion.ts";
import { connectToOpener, type Opener } from "../../workers/connectToOpener.ts";
import { yieldToServing } from "../../workers/yieldToServing.ts";
import type { CandidateData, CandidateQuestion, CandidateReport } from "./openCandidate.ts";

yieldToServing();
const opener = await connectToOpener();
const bundle = await open(opener);
if (bundle) {
  opener.onMessage(async (message) => {
    // `openCandidate` sends nothing else.
    const { asked, verdicts } = message as CandidateQuestion;
    const replay = await replayQuestion(bundle, { ...asked, verdicts: [...verdicts] });
    post({ kind: "answered", differences: replay.kind === "answered" ? replay.differences : null });
  });
  post({ kind: "opened", digest: bundle.digest, revision: bundle.revision });
}

async function open({ data }: Opener): Promise<PolicyBundle | undefined> {
  const { packed, keys } = data as CandidateData; // as above
  try {
    const trust = keys
      ? { kind: "signed" as const, keys: keys.map(parsePublicKey) }
      : { kind: "unsigned" as const };
    return await openPolicyBundle(await readBundle(packed, trust));
  } catch (thrown) {
    const { code, message } =
      thrown instanceof PolicyError
        ? thrown
        : { code: "BUNDLE_INVALID" as const, message: "the bundle cannot be opened" };
    post({ kind: "refused", code, message });
    return undefined;
  }
}

function post(report: CandidateReport): void {
  opener.post(report);
}
