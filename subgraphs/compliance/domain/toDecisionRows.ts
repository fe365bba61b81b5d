/** Entries and questions of a batch as the rows that people look for. */
import type {
  ChainEntry,
  DecisionBatch,
  DecisionEntry,
  RecordedQuestion,
} from "../../../policies/runtime/decisionChain.ts";

export type DecisionRow = ReturnType<typeof toDecisionRow>;

export function isDecision(entry: ChainEntry): entry is DecisionEntry {
  return entry.kind === "decision";
}

/** `question` is the one that the entry names. */
export function toDecisionRow(
  chainId: string,
  entry: DecisionEntry,
  { verdicts }: Pick<RecordedQuestion, "verdicts">,
) {
  const objections = verdicts.filter(({ outcome }) => outcome !== "allow" && outcome !== "filter");
  return {
    decisionId: entry.id,
    sequence: entry.sequence,
    question: entry.question.toUpperCase(),
    tenant: entry.tenant,
    bundleDigest: entry.bundle.digest,
    bundleRevision: entry.bundle.revision,
    inputHash: entry.inputHash,
    outcome: entry.outcome.toUpperCase().replace("-", "_"),
    denied: [...new Set(objections.map(({ coordinate }) => coordinate))],
    reasons: [...new Set(objections.map(({ reason }) => reason))],
    decidedAt: new Date(entry.at),
    questionId: entry.questionId,
    subjectHash: entry.subject,
    regionCode: entry.region,
    operationId: entry.operation.id,
    operationKind: entry.operation.kind,
    operationName: entry.operation.name,
    crossesJurisdiction: entry.crossesJurisdiction,
    reused: entry.reused,
    latencyUs: entry.latencyUs,
    chainId,
    seq: entry.seq,
  };
}

export function toQuestionRow({ id, bundle, entrypoint, input, masked, verdicts }: RecordedQuestion) {
  return { id, bundleDigest: bundle, entrypoint, input, masked, verdicts };
}

export function toBundleRow({ digest, revision, packed }: DecisionBatch["bundles"][number]) {
  return { digest, revision, packed: new Uint8Array(Buffer.from(packed, "base64")) };
}
