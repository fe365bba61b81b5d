/** Where gateway and subgraphs get their policies: a built bundle, checked and ready to be asked. */
import { readFile } from "node:fs/promises";
import type { Answered } from "./ask.ts";
import { type RuleCatalogue, readCatalogue } from "./catalogue.ts";
import { createEvaluator, defaultLimits, type Evaluator, type EvaluatorLimits } from "./createEvaluator.ts";
import { decideFields, type FieldDecision, type FieldsQuestion } from "./decideFields.ts";
import { decideFilters, type FilterDecision, type FiltersQuestion } from "./decideFilters.ts";
import { decideObjects, type ObjectDecision, type ObjectsQuestion } from "./decideObjects.ts";
import { decideRecording, type Recording } from "./decideRecording.ts";
import type { Decision } from "./decision.ts";
import { type PolicyFacts, selectFacts, toTimeFacts } from "./facts.ts";
import { PolicyError } from "./policyError.ts";
import { type BundleFiles, type BundleTrust, readBundle } from "./readBundle.ts";

/** Its questions answer in the order of what was asked, and reject with a PolicyError, which means deny, without a sure answer. */
export type PolicyBundle = {
  /** SHA-256 of the bundle file, hexadecimal. */
  readonly digest: string;
  readonly revision: string;
  /** The file: whoever keeps decisions keeps what made them. */
  readonly packed: Uint8Array;
  readonly catalogue: RuleCatalogue;
  readonly decideFields: (question: FieldsQuestion) => Promise<Answered<FieldDecision>>;
  readonly decideFilters: (question: FiltersQuestion) => Promise<Answered<FilterDecision>>;
  readonly decideObjects: (question: ObjectsQuestion) => Promise<Answered<ObjectDecision>>;
  readonly decideRecording: (
    decision: Pick<Decision, "outcome" | "crossesJurisdiction">,
  ) => Promise<Recording>;
  /** Asks again what was asked before: for replays. */
  readonly evaluate: Evaluator["evaluate"];
};

export type OpenOptions = { readonly limits?: Partial<EvaluatorLimits> };

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
  { limits }: OpenOptions = {},
): Promise<PolicyBundle> {
  const evaluator = await createEvaluator(wasm, data, { ...defaultLimits, ...limits });
  const catalogue = await readCatalogue(evaluator);
  const bundle: PolicyBundle = {
    digest,
    revision,
    packed,
    catalogue,
    decideFields: (question) => decideFields(evaluator, question),
    decideFilters: (question) => decideFilters(evaluator, question),
    decideObjects: (question) => decideObjects(evaluator, catalogue, question),
    decideRecording: (decision) => decideRecording(evaluator, decision),
    evaluate: evaluator.evaluate,
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

/** A smoke test: the bundle answers the questions that gateways ask, and denies what no policy can have granted. */
async function assertDenies(bundle: PolicyBundle): Promise<void> {
  const { facts } = selectFacts(
    nobody,
    bundle.catalogue.rules.flatMap(({ reads }) => reads),
  );
  const fields = await bundle.decideFields({
    facts,
    requests: [{ coordinate: "Query.nobodyMaySee", authenticated: true, scopes: [[""]], policies: [[""]] }],
  });
  if (fields.decisions[0]?.outcome !== "deny")
    throw new PolicyError("BUNDLE_INVALID", "the policy allows what demands a sign-in to anonymous callers");
  const types = { Secret: { rules: ["nobody.knows"], attributes: [], classes: {} } };
  const filters = await bundle.decideFilters({ facts, types });
  const objects = await bundle.decideObjects({ facts, types, objects: [{ type: "Secret", attributes: {} }] });
  if (filters.decisions[0]?.outcome !== "deny" || objects.decisions[0]?.outcome !== "drop")
    throw new PolicyError(
      "BUNDLE_INVALID",
      "the policy shows rows that a rule guards which it does not have",
    );
}

const nobody: PolicyFacts = {
  caller: {
    kind: "anonymous",
    subject: null,
    tenant: null,
    roles: [],
    scopes: [],
    clearance: "clear",
    purpose: null,
    region: "nowhere",
    jurisdiction: "nowhere",
    claims: {},
  },
  time: toTimeFacts(0),
  environment: { profile: "production", region: "nowhere" },
};
