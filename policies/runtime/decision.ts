/**
 * What a policy decided, as it is told to whoever keeps a record of decisions. One operation has one decision on its
 * fields, one on the filters of its lists where it has guarded lists, and one for each batch of objects; a subscription
 * has one for each batch of each event.
 */

import type { PolicyBundle } from "./loadPolicyBundle.ts";

/** Which of the three questions was asked. */
export type Question = "fields" | "filters" | "objects";

/** What became of one thing that was asked about: `null`, `drop` and `mask` are answers about objects alone. */
export type VerdictOutcome = "allow" | "deny" | "null" | "drop" | "mask" | "filter";

export type Verdict = {
  /** `Type.field`, or `Type` for an object or the filter of its lists. */
  readonly coordinate: string;
  readonly outcome: VerdictOutcome;
  /** A code that clients see, such as `CLEARANCE_TOO_LOW`. */
  readonly reason: string;
  /** The rule that decided, as `<area>.<rule>`; empty when no rule objected. */
  readonly rule: string;
  /** Objects of the batch that share this verdict; 1 for fields and filters. */
  readonly count: number;
  /** Rules in dry-run that would have decided otherwise. */
  readonly dryRun: readonly { readonly rule: string; readonly reason: string }[];
};

export type Decision = {
  /** What callers find as `decisionId`. The decisions of one operation share it and differ in question and sequence. */
  readonly id: string;
  /** Counts from 0 over the decisions with this id, for subscriptions over all of their events. */
  readonly sequence: number;
  readonly question: Question;
  /** Of the operation's part that was asked about. */
  readonly outcome: "allowed" | "partly-denied" | "denied";
  readonly verdicts: readonly Verdict[];
  /** That decided; the record keeps its file beside the decisions. */
  readonly bundle: Pick<PolicyBundle, "digest" | "revision" | "packed" | "decideRecording">;
  /** What the policy was asked, so that the decision can be replayed: entrypoint and input as JSON text. */
  readonly asked: { readonly entrypoint: string; readonly input: string };
  /** SHA-256 of `asked.input`, hexadecimal. */
  readonly inputHash: string;
  /** True when an earlier caller of equal facts was answered and nobody had to think again. */
  readonly reused: boolean;
  /** Whether rows of another jurisdiction than the caller's were read. Never sampled away. */
  readonly crossesJurisdiction: boolean;
  readonly caller: {
    readonly subject: string | null;
    readonly tenant: string | null;
    readonly region: string;
  };
  readonly operation: {
    readonly id: string;
    readonly kind: "query" | "mutation" | "subscription";
    readonly name: string | null;
  };
  /** Milliseconds since 1970. */
  readonly decidedAt: number;
  /** How long the answer took, in milliseconds. */
  readonly latencyMs: number;
};

/**
 * Called on the hot path with each decision as it is made: must not throw, must not wait, must not change what it gets.
 * Verdicts, `asked` and the like are shared between decisions that reuse an answer.
 */
export type RecordDecisions = (decisions: readonly Decision[]) => void;

/** For a gateway that keeps no record. */
export const recordNothing: RecordDecisions = () => undefined;
