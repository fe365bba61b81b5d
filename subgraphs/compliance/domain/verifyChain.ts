/** Proves that a chain is as it was written, entry by entry, or says where it is not. */
import { firstHashOf, hashEntry, parseEntry } from "../../../policies/runtime/decisionChain.ts";

export type StoredEntry = { readonly seq: bigint; readonly entry: string; readonly hash: string };

export type ChainFault = {
  readonly position: number;
  readonly reason:
    | "ENTRY_MISSING"
    | "HASH_MISMATCH"
    | "ENTRY_MALFORMED"
    | "RECORD_DIFFERS"
    | "VERDICTS_DIFFER";
};

export type ChainVerification = {
  readonly entries: number;
  readonly decisions: number;
  /** Allows that the policy did not ask to be kept. */
  readonly skipped: number;
  /** Decisions that the gateway could not keep, by its own account. */
  readonly lost: number;
  /** The gateway has said that nothing follows. */
  readonly isEnded: boolean;
  readonly lastAt: number;
  readonly faults: readonly ChainFault[];
};

export type ChainSource = {
  /** In order, after `seq`; none at the end. */
  readonly readEntries: (after: bigint) => Promise<readonly StoredEntry[]>;
  /** The hash of each question's verdicts, as they are stored now. */
  readonly hashesOfQuestions: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Positions whose rows for look-ups say something else. */
  readonly differingRecords: () => Promise<readonly number[]>;
};

/** Faults that are told; a chain with more is broken all the same. */
export const faultsMax = 100;

export async function verifyChain(chainId: string, source: ChainSource): Promise<ChainVerification> {
  const counts = { entries: 0, decisions: 0, skipped: 0, lost: 0 };
  const faults: ChainFault[] = [];
  const verdictsOf = new Map<string, string | undefined>();
  let [seq, previous, isEnded, lastAt] = [0n, firstHashOf(chainId), false, 0];
  const fault = (position: bigint, reason: ChainFault["reason"]) => {
    if (faults.length < faultsMax) faults.push({ position: Number(position), reason });
  };
  for (let page = await source.readEntries(seq); page.length > 0; page = await source.readEntries(seq)) {
    const named: { readonly seq: bigint; readonly questionId: string; readonly verdictsHash: string }[] = [];
    for (const stored of page) {
      if (stored.seq !== seq + 1n) fault(seq + 1n, "ENTRY_MISSING");
      else if (hashEntry(previous, stored.entry) !== stored.hash) fault(stored.seq, "HASH_MISMATCH");
      [seq, previous] = [stored.seq, stored.hash];
      counts.entries += 1;
      const entry = findEntry(stored);
      if (!entry) {
        fault(stored.seq, "ENTRY_MALFORMED");
        continue;
      }
      lastAt = entry.at;
      isEnded = entry.kind === "ended";
      if ("skipped" in entry) counts.skipped += entry.skipped;
      if (entry.kind === "gap") counts.lost += entry.allowed + entry.others;
      if (entry.kind !== "decision") continue;
      counts.decisions += 1;
      named.push({ seq: stored.seq, questionId: entry.questionId, verdictsHash: entry.verdictsHash });
    }
    const unknown = [...new Set(named.map(({ questionId }) => questionId))].filter(
      (id) => !verdictsOf.has(id),
    );
    const found = await source.hashesOfQuestions(unknown);
    for (const id of unknown) verdictsOf.set(id, found.get(id));
    for (const { seq: at, questionId, verdictsHash } of named)
      if (verdictsOf.get(questionId) !== verdictsHash) fault(at, "VERDICTS_DIFFER");
  }
  for (const position of await source.differingRecords()) fault(BigInt(position), "RECORD_DIFFERS");
  return { ...counts, isEnded, lastAt, faults };
}

/** The entry says its own place, so two that were exchanged are found too. */
function findEntry({ entry: text, seq }: StoredEntry) {
  try {
    const entry = parseEntry(text);
    return BigInt(entry.seq) === seq ? entry : undefined;
  } catch {
    return undefined;
  }
}
