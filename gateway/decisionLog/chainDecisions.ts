/** Makes batches of a chain: entries linked by hash, with the questions and bundles that they name for the first time. */
import { randomUUID } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Recording } from "../../policies/runtime/decideRecording.ts";
import type { Decision } from "../../policies/runtime/decision.ts";
import {
  type ChainEntry,
  type DecisionBatch,
  firstHashOf,
  hashVerdicts,
  linkEntry,
  questionIdOf,
  type RecordedQuestion,
} from "../../policies/runtime/decisionChain.ts";
import { hashSubject } from "../../policies/runtime/subjectHash.ts";
import type { LostDecisions } from "./decisionQueue.ts";
import { maskInput } from "./maskInput.ts";

export type ChainedDecisions = { readonly kept: number; readonly skipped: number };

export type DecisionChain = {
  readonly id: string;
  /** Answers a batch that must be sent before the next is made; undefined when there is nothing to tell. */
  readonly append: (told: {
    readonly decisions: readonly Decision[];
    readonly lost: LostDecisions;
    /** Said although nothing happened. */
    readonly say?: "started" | "checkpoint" | "ended";
  }) => Promise<(ChainedDecisions & { readonly batch: DecisionBatch }) | undefined>;
};

type Options = {
  readonly region: string;
  /** Keys the hashes of who asked. */
  readonly subjectKey: Uint8Array;
  readonly now?: () => number;
};

/** Questions that need not be told again; one that is forgotten here is told twice and kept once. */
const questionsMax = 50_000;

// `Omit` of a union keeps only what all of its members have.
type Untold<Entry> = Entry extends ChainEntry ? Omit<Entry, "seq" | "at"> : never;

export function createDecisionChain({ region, subjectKey, now = Date.now }: Options): DecisionChain {
  const chain = { id: randomUUID(), region, startedAt: now() };
  const toldQuestions = new LRUCache<string, true>({ max: questionsMax });
  const toldBundles = new Set<string>();
  const recordingOf = createRecordingCache();
  const hashOf = (text: string) => hashSubject(subjectKey, text);
  let seq = 0;
  let previous = firstHashOf(chain.id);
  let skipped = 0;

  async function append({ decisions, lost, say }: Parameters<DecisionChain["append"]>[0]) {
    const before = previous;
    const entries: DecisionBatch["entries"] = [];
    const questions: RecordedQuestion[] = [];
    const bundles: DecisionBatch["bundles"] = [];
    let skippedNow = 0;

    const link = (entry: Untold<ChainEntry>, at = now()) => {
      seq += 1;
      // Spelt out, so that `kind` and `seq` come first for people who read entries.
      const { kind, ...rest } = entry;
      const linked = linkEntry(previous, { kind, seq, at, ...rest } as ChainEntry); // a union's members, put together again
      previous = linked.hash;
      entries.push(linked);
    };
    const takeSkipped = () => {
      const taken = skipped;
      skipped = 0;
      return taken;
    };

    if (say === "started") link({ kind: "started" });
    if (lost.allowed + lost.others > 0) link({ kind: "gap", ...lost });
    for (const decision of decisions) {
      const recording = await recordingOf(decision);
      if (!isKept(decision, recording)) {
        skipped += 1;
        skippedNow += 1;
        continue;
      }
      const question = toQuestion(decision, recording);
      if (!toldQuestions.get(question.id)) {
        toldQuestions.set(question.id, true);
        questions.push(question.describe());
      }
      const { bundle } = decision;
      if (!toldBundles.has(bundle.digest)) {
        toldBundles.add(bundle.digest);
        const packed = Buffer.from(bundle.packed).toString("base64");
        bundles.push({ digest: bundle.digest, revision: bundle.revision, packed });
      }
      link(toEntry(decision, question, takeSkipped()), decision.decidedAt);
    }
    if (say === "checkpoint" || say === "ended") link({ kind: say, skipped: takeSkipped() });
    const kept = decisions.length - skippedNow;
    if (entries.length === 0) return undefined;
    return { batch: { chain, previous: before, entries, questions, bundles }, kept, skipped: skippedNow };
  }

  function toQuestion({ bundle, asked, inputHash, verdicts }: Decision, { masks }: Recording) {
    const id = questionIdOf(bundle.digest, asked.entrypoint, inputHash, verdictsHashOf(verdicts));
    return {
      id,
      describe: (): RecordedQuestion => {
        const { input, masked } = maskInput(asked.input, masks, hashOf);
        return {
          id,
          bundle: bundle.digest,
          entrypoint: asked.entrypoint,
          input,
          masked: [...masked],
          verdicts: verdicts.map(({ dryRun, ...verdict }) => ({
            ...verdict,
            dryRun: dryRun.map(({ rule, reason }) => ({ rule, reason })),
          })),
        };
      },
    };
  }

  function toEntry(
    decision: Decision,
    { id: questionId }: { readonly id: string },
    skippedBefore: number,
  ): Untold<ChainEntry> {
    const { caller, operation, bundle } = decision;
    return {
      kind: "decision",
      id: decision.id,
      sequence: decision.sequence,
      question: decision.question,
      questionId,
      bundle: { digest: bundle.digest, revision: bundle.revision },
      inputHash: decision.inputHash,
      verdictsHash: verdictsHashOf(decision.verdicts),
      outcome: decision.outcome,
      tenant: caller.tenant ?? "public",
      subject: caller.subject === null ? null : hashOf(caller.subject),
      region: caller.region,
      operation: { id: operation.id, kind: operation.kind, name: operation.name },
      crossesJurisdiction: decision.crossesJurisdiction,
      reused: decision.reused,
      latencyUs: Math.round(decision.latencyMs * 1_000),
      skipped: skippedBefore,
    };
  }

  return { id: chain.id, append };
}

/** All decisions of one operation are kept, or none: its id, which is random, says which. */
function isKept({ id }: Decision, { share }: Recording): boolean {
  return share >= 1 || Number.parseInt(id.slice(0, 8), 16) < share * 2 ** 32;
}

/** The policy is asked once for each bundle and kind of decision. */
function createRecordingCache(): (decision: Decision) => Recording | Promise<Recording> {
  const known = new WeakMap<Decision["bundle"], Map<string, Promise<Recording>>>();
  return (decision) => {
    const { bundle, outcome, crossesJurisdiction } = decision;
    const byKind = known.get(bundle) ?? new Map<string, Promise<Recording>>();
    known.set(bundle, byKind);
    const kind = `${outcome} ${crossesJurisdiction}`;
    const recording = byKind.get(kind) ?? bundle.decideRecording({ outcome, crossesJurisdiction });
    byKind.set(kind, recording);
    return recording;
  };
}

const verdictsHashes = new WeakMap<Decision["verdicts"], string>();

/** Decisions of equal facts share their verdicts, so they are hashed once. */
function verdictsHashOf(verdicts: Decision["verdicts"]): string {
  const hash =
    verdictsHashes.get(verdicts) ?? hashVerdicts([...verdicts].map((v) => ({ ...v, dryRun: [...v.dryRun] })));
  verdictsHashes.set(verdicts, hash);
  return hash;
}
