/** Opened by `tryBundle`: looks at one bundle and says what came of it. */
import { parsePublicKey } from "../../policies/runtime/bundleSignature.ts";
import { openPolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";
import { PolicyError } from "../../policies/runtime/policyError.ts";
import { type BundleTrust, readBundle } from "../../policies/runtime/readBundle.ts";
import { connectToOpener } from "../workers/connectToOpener.ts";
import { yieldToServing } from "../workers/yieldToServing.ts";
import type { TrialData, TrialReport } from "./tryBundle.ts";

yieldToServing();
const opener = await connectToOpener();
// Only `tryBundle` opens this module.
const { packed, keys } = opener.data as TrialData;
opener.post(await judge());

async function judge(): Promise<TrialReport> {
  const trust: BundleTrust = keys ? { kind: "signed", keys: keys.map(parsePublicKey) } : { kind: "unsigned" };
  try {
    const files = await readBundle(packed, trust);
    await openPolicyBundle(files);
    return { kind: "good", files };
  } catch (thrown) {
    if (thrown instanceof PolicyError) return { kind: "refused", code: thrown.code, message: thrown.message };
    return { kind: "refused", code: "BUNDLE_INVALID", message: String(thrown) };
  }
}
