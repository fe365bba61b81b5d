/** Where gateway and subgraphs get their policies: a built bundle, checked and ready to be asked. */
import { readFile } from "node:fs/promises";
import { createEvaluator, defaultLimits, type EvaluatorLimits } from "./createEvaluator.ts";
import { decideFields, type FieldDecision, type FieldsQuestion, type PolicyProfile } from "./decideFields.ts";
import { PolicyError } from "./policyError.ts";
import { type BundleFiles, type BundleTrust, readBundle } from "./readBundle.ts";

export type PolicyBundle = {
  /** SHA-256 of the bundle file, hexadecimal. */
  readonly digest: string;
  readonly revision: string;
  /** The file: whoever keeps decisions keeps what made them. */
  readonly packed: Uint8Array;
  /** Decisions in the order of the requests; rejects with a PolicyError, which means deny, when there is no sure answer. */
  readonly decideFields: (question: FieldsQuestion) => Promise<readonly FieldDecision[]>;
};

export type OpenOptions = {
  /** What the process runs as; a few grants hold in `local` only. Default `production`. */
  readonly profile?: PolicyProfile;
  readonly limits?: Partial<EvaluatorLimits>;
};

/** Throws a PolicyError for a bundle that cannot be trusted to answer: better no start than no policy. */
export async function loadPolicyBundle(
  path: string | URL,
  { trust, ...options }: OpenOptions & { readonly trust: BundleTrust },
): Promise<PolicyBundle> {
  return openPolicyBundle(await readBundle(await readBundleFile(path), trust), options);
}

/** The same for a bundle that was read already. */
export async function openPolicyBundle(
  { digest, revision, packed, wasm, data }: BundleFiles,
  { profile = "production", limits }: OpenOptions = {},
): Promise<PolicyBundle> {
  const evaluator = await createEvaluator(wasm, data, { ...defaultLimits, ...limits });
  const bundle: PolicyBundle = {
    digest,
    revision,
    packed,
    decideFields: (question) => decideFields(evaluator, profile, question),
  };
  await assertDenies(bundle);
  return bundle;
}

async function readBundleFile(path: string | URL): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new PolicyError("BUNDLE_INVALID", `the policy bundle ${path} cannot be read`, { cause });
  }
}

/** A smoke test: the bundle answers the question that gateways ask, and denies what no policy can have granted. */
async function assertDenies(bundle: PolicyBundle): Promise<void> {
  const [decision] = await bundle.decideFields({
    caller: { kind: "anonymous", roles: [], scopes: [], clearance: "clear", purpose: null },
    operation: { kind: "query", name: null },
    requests: [{ coordinate: "Query.nobodyMaySee", authenticated: true, scopes: [[""]], policies: [[""]] }],
  });
  if (decision?.allow !== false)
    throw new PolicyError("BUNDLE_INVALID", "the policy allows what demands a sign-in to anonymous callers");
}
