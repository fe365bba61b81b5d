/**
 * How decisions are put on record: a chain for each gateway process, in which every entry has the hash of all before
 * it, so that nobody can take one out, change one or put one in without breaking it. The gateway writes chains, the
 * compliance subgraph keeps and verifies them; this is what both mean by one.
 */
import { createHash } from "node:crypto";
import { z } from "zod";

/** `<time>` is milliseconds since 1970, counts are of decisions. */
const entrySchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("started"), seq: z.int(), at: z.number() }),
  z.strictObject({
    kind: z.literal("decision"),
    seq: z.int(),
    at: z.number(),
    id: z.string(),
    sequence: z.int(),
    question: z.enum(["fields", "filters", "objects"]),
    /** Of the question's record: what was asked and every verdict. */
    questionId: z.string(),
    bundle: z.strictObject({ digest: z.string(), revision: z.string() }),
    inputHash: z.string(),
    verdictsHash: z.string(),
    outcome: z.enum(["allowed", "partly-denied", "denied"]),
    tenant: z.string(),
    /** A keyed hash; null for anonymous callers. */
    subject: z.string().nullable(),
    region: z.string(),
    operation: z.strictObject({
      id: z.string(),
      kind: z.enum(["query", "mutation", "subscription"]),
      name: z.string().nullable(),
    }),
    crossesJurisdiction: z.boolean(),
    reused: z.boolean(),
    latencyUs: z.int(),
    /** Allows that the policy did not ask to be kept, since the entry before. */
    skipped: z.int(),
  }),
  /** The queue was full: so many decisions are not on record. */
  z.strictObject({ kind: z.literal("gap"), seq: z.int(), at: z.number(), allowed: z.int(), others: z.int() }),
  /** Nothing happened for a while, but the process is there. */
  z.strictObject({ kind: z.literal("checkpoint"), seq: z.int(), at: z.number(), skipped: z.int() }),
  z.strictObject({ kind: z.literal("ended"), seq: z.int(), at: z.number(), skipped: z.int() }),
]);

export type ChainEntry = z.infer<typeof entrySchema>;
export type DecisionEntry = Extract<ChainEntry, { kind: "decision" }>;

const verdictSchema = z.strictObject({
  coordinate: z.string(),
  outcome: z.enum(["allow", "deny", "null", "drop", "mask", "filter"]),
  reason: z.string(),
  rule: z.string(),
  count: z.int(),
  dryRun: z.array(z.strictObject({ rule: z.string(), reason: z.string() })),
});

const questionSchema = z.strictObject({
  id: z.string(),
  bundle: z.string(),
  entrypoint: z.string(),
  /** JSON; null when nothing of it may be kept. */
  input: z.string().nullable(),
  /** Paths of the input that are not as they were asked. */
  masked: z.array(z.string()),
  verdicts: z.array(verdictSchema),
});

export type RecordedQuestion = z.infer<typeof questionSchema>;

/** What a gateway sends at once. A batch that is sent again is the same, letter for letter. */
export const batchSchema = z.strictObject({
  chain: z.strictObject({ id: z.uuid(), region: z.string(), startedAt: z.number() }),
  /** Hash of the last entry before these. */
  previous: z.string(),
  entries: z.array(z.strictObject({ text: z.string(), hash: z.string() })).min(1),
  /** Whatever these entries name and the chain has not told yet. */
  questions: z.array(questionSchema),
  bundles: z.array(z.strictObject({ digest: z.string(), revision: z.string(), packed: z.base64() })),
});

export type DecisionBatch = z.infer<typeof batchSchema>;
export type LinkedEntry = DecisionBatch["entries"][number];

/** Where a chain begins. */
export function firstHashOf(chainId: string): string {
  return sha256(`atlas decision chain ${chainId}`);
}

export function linkEntry(previous: string, entry: ChainEntry): LinkedEntry {
  const text = JSON.stringify(entry);
  return { text, hash: hashEntry(previous, text) };
}

export function hashEntry(previous: string, text: string): string {
  return sha256(`${previous}\n${text}`);
}

/** Throws for what no gateway of this version writes. */
export function parseEntry(text: string): ChainEntry {
  return entrySchema.parse(JSON.parse(text));
}

/**
 * Equal for the same question to the same bundle, whoever asked. Objects that are alike are asked about once, so one and a
 * thousand of them are the same input; how many each verdict counts for tells them apart.
 */
export function questionIdOf(
  bundleDigest: string,
  entrypoint: string,
  inputHash: string,
  verdictsHash: string,
): string {
  return sha256(`${bundleDigest}\n${entrypoint}\n${inputHash}\n${verdictsHash}`);
}

/** Of verdicts as the record keeps them. */
export function hashVerdicts(verdicts: RecordedQuestion["verdicts"]): string {
  return sha256(
    JSON.stringify(
      verdicts.map(({ coordinate, outcome, reason, rule, count, dryRun }) => [
        coordinate,
        outcome,
        reason,
        rule,
        count,
        dryRun.map((would) => [would.rule, would.reason]),
      ]),
    ),
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
