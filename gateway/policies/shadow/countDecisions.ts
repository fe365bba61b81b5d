/**
 * Counts what a candidate says to the decisions of the bundle in force. Each question is asked once, beside the requests:
 * an answer that comes again counts what it counted before.
 */
import type { Decision, RecordDecisions } from "../../../policies/runtime/decision.ts";
import type { Answer, Difference } from "../../../policies/runtime/replayQuestion.ts";
import type { Candidate } from "./openCandidate.ts";

export const shadowResults = ["same", "stricter", "looser", "other", "failed", "skipped"] as const;

/** `skipped`: more new questions came than could wait to be asked. */
export type ShadowResult = (typeof shadowResults)[number];

export type ShadowDifference = {
  /** Null for operations without a name. */
  readonly operationName: string | null;
  readonly coordinate: string;
  /** Outcome, reason and rule, in that order. */
  readonly inForce: string;
  readonly shadow: string;
  readonly decisions: number;
};

export type ShadowCounts = {
  readonly record: RecordDecisions;
  readonly results: () => Readonly<Record<ShadowResult, number>>;
  /** The most frequent first, so many at most. */
  readonly differences: () => readonly ShadowDifference[];
};

type Options = {
  readonly candidate: Pick<Candidate, "ask">;
  readonly onDecided: (result: ShadowResult) => void;
  /** Once for each question that is answered differently. */
  readonly onDifferent: (decision: Decision, differences: readonly Difference[]) => void;
  /** The candidate can be asked no more. */
  readonly onEnded: (cause: unknown) => void;
};

type Outcome = { readonly result: ShadowResult; readonly differences: readonly Difference[] };

/** Questions that wait to be asked. */
const waitingMax = 1_000;
/** Differences that are counted one by one; told are fewer. */
const countedMax = 5_000;
const toldMax = 100;

export function createShadowCounts({ candidate, onDecided, onDifferent, onEnded }: Options): ShadowCounts {
  const outcomes = new WeakMap<Decision["asked"], Outcome | "waiting">();
  const results: Record<ShadowResult, number> = {
    same: 0,
    stricter: 0,
    looser: 0,
    other: 0,
    failed: 0,
    skipped: 0,
  };
  const counted = new Map<string, ShadowDifference>();
  const waiting: Decision[] = [];
  let isAsking = false;
  let isEnded = false;

  function count({ operation: { name } }: Decision, { result, differences }: Outcome): void {
    results[result] += 1;
    onDecided(result);
    for (const { coordinate, recorded, replayed } of differences) {
      const key = JSON.stringify([name, coordinate, recorded, replayed]);
      const known = counted.get(key);
      if (!known && counted.size >= countedMax) continue;
      counted.set(key, {
        operationName: name,
        coordinate,
        inForce: describe(recorded),
        shadow: describe(replayed),
        decisions: (known?.decisions ?? 0) + 1,
      });
    }
  }

  async function askWaiting(): Promise<void> {
    for (let decision = waiting.shift(); decision && !isEnded; decision = waiting.shift()) {
      try {
        const outcome = toOutcome(await candidate.ask(toQuestion(decision)));
        outcomes.set(decision.asked, outcome);
        count(decision, outcome);
        if (outcome.differences.length > 0) onDifferent(decision, outcome.differences);
      } catch (cause) {
        isEnded = true;
        count(decision, failed);
        onEnded(cause);
      }
    }
    isAsking = false;
  }

  return {
    record: (decisions) => {
      for (const decision of decisions) {
        const known = outcomes.get(decision.asked);
        if (isEnded) count(decision, failed);
        else if (known === "waiting" || (!known && waiting.length >= waitingMax)) count(decision, skipped);
        else if (known) count(decision, known);
        else {
          outcomes.set(decision.asked, "waiting");
          waiting.push(decision);
        }
      }
      if (isAsking || isEnded || waiting.length === 0) return;
      isAsking = true;
      // Requests come first.
      setImmediate(() => void askWaiting());
    },
    results: () => ({ ...results }),
    differences: () => [...counted.values()].sort((a, b) => b.decisions - a.decisions).slice(0, toldMax),
  };
}

const failed: Outcome = { result: "failed", differences: [] };
const skipped: Outcome = { result: "skipped", differences: [] };

function toQuestion({ asked, verdicts }: Decision) {
  const recorded = verdicts.map(({ dryRun, ...verdict }) => ({ ...verdict, dryRun: [...dryRun] }));
  return { asked, verdicts: recorded };
}

function toOutcome(differences: readonly Difference[] | null): Outcome {
  if (differences === null) return failed;
  if (differences.length === 0) return { result: "same", differences };
  const isLooser = differences.some(({ replayed }) => replayed.outcome === "allow");
  const isStricter = differences.some(({ recorded }) => recorded.outcome === "allow");
  return { result: isLooser === isStricter ? "other" : isLooser ? "looser" : "stricter", differences };
}

function describe({ outcome, reason, rule }: Answer): string {
  return [outcome, outcome === "allow" ? "" : reason, rule].filter((part) => part !== "").join(" ");
}
