/** What a batch of a chain adds to what is known of the chain, and what it shows to be missing. */
import {
  type ChainEntry,
  type DecisionBatch,
  firstHashOf,
  hashEntry,
  parseEntry,
} from "../../../policies/runtime/decisionChain.ts";

export type KnownChain = { readonly lastSeq: bigint; readonly lastHash: string };

export type Gap = {
  /** Where the chain goes on. */
  readonly seq: bigint;
  readonly reason: "ENTRIES_MISSING" | "HASH_MISMATCH" | "QUEUE_FULL";
  readonly decisions: bigint;
};

export type JudgedBatch = KnownChain & {
  /** Those that were not known yet. */
  readonly fresh: readonly { readonly entry: ChainEntry; readonly text: string; readonly hash: string }[];
  readonly gaps: readonly Gap[];
};

/** A batch may come twice, or come before one that was lost: then what is missing is told, and the rest kept. */
export function judgeBatch(known: KnownChain | null, batch: DecisionBatch): JudgedBatch {
  const { lastSeq, lastHash } = known ?? { lastSeq: 0n, lastHash: firstHashOf(batch.chain.id) };
  const parsed = batch.entries.map(({ text, hash }) => ({ entry: parseEntry(text), text, hash }));
  const fresh = parsed.filter(({ entry }) => BigInt(entry.seq) > lastSeq);
  const gaps: Gap[] = [];
  let [seq, previous] = [lastSeq, lastHash];
  for (const { entry, text, hash } of fresh) {
    const missing = BigInt(entry.seq) - seq - 1n;
    // Across a hole nothing can be verified; from then on it can again.
    if (missing > 0n) gaps.push({ seq: BigInt(entry.seq), reason: "ENTRIES_MISSING", decisions: missing });
    else if (hashEntry(previous, text) !== hash)
      gaps.push({ seq: BigInt(entry.seq), reason: "HASH_MISMATCH", decisions: 0n });
    if (entry.kind === "gap")
      gaps.push({
        seq: BigInt(entry.seq),
        reason: "QUEUE_FULL",
        decisions: BigInt(entry.allowed + entry.others),
      });
    [seq, previous] = [BigInt(entry.seq), hash];
  }
  return { lastSeq: seq, lastHash: previous, fresh, gaps };
}
