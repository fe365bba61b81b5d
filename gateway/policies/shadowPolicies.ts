/**
 * Shadow mode: another bundle is asked what the one in force is asked, and only counted. Each question once, beside the
 * requests: an answer that comes again counts what it counted before.
 */
import type { Decision, RecordDecisions } from "../../policies/runtime/decision.ts";
import type { PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";
import { replayQuestion } from "../../policies/runtime/replayQuestion.ts";
import type { Log } from "../observability/log.ts";
import type { Metrics } from "../observability/metrics.ts";

type Options = {
  readonly candidate: PolicyBundle;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "shadowDecided">;
};

export type ShadowResult = "same" | "stricter" | "looser" | "other" | "failed" | "skipped";

/** Questions that wait to be asked; what comes beyond is counted as skipped. */
const waitingMax = 1_000;

export function createShadow({ candidate, log, metrics }: Options): RecordDecisions {
  const results = new WeakMap<Decision["asked"], ShadowResult | "waiting">();
  const waiting: Decision[] = [];
  let isAsking = false;

  async function askWaiting(): Promise<void> {
    for (let decision = waiting.shift(); decision; decision = waiting.shift()) {
      const result = await ask(decision);
      results.set(decision.asked, result);
      metrics.shadowDecided(result);
      // Requests come first.
      await new Promise((resolve) => setImmediate(resolve));
    }
    isAsking = false;
  }

  async function ask({ asked, verdicts, operation }: Decision): Promise<ShadowResult> {
    const recorded = verdicts.map((verdict) => ({ ...verdict, dryRun: [...verdict.dryRun] }));
    const replay = await replayQuestion(candidate, { ...asked, verdicts: recorded });
    if (replay.kind !== "answered") {
      log.warn({ revision: candidate.revision, operation: operation.name }, "the shadow gives no answer");
      return "failed";
    }
    const { differences } = replay;
    if (differences.length === 0) return "same";
    const changes = differences.slice(0, 5).map(({ coordinate, recorded: before, replayed: after }) => ({
      coordinate,
      before: `${before.outcome} ${before.reason}`,
      after: `${after.outcome} ${after.reason}`,
    }));
    log.info(
      { revision: candidate.revision, operation: operation.name, changes },
      "the shadow decides otherwise",
    );
    const isLooser = differences.some(({ replayed }) => replayed.outcome === "allow");
    const isStricter = differences.some(({ recorded: { outcome } }) => outcome === "allow");
    return isLooser === isStricter ? "other" : isLooser ? "looser" : "stricter";
  }

  return (decisions) => {
    for (const decision of decisions) {
      const known = results.get(decision.asked);
      if (known === "waiting" || (!known && waiting.length >= waitingMax)) metrics.shadowDecided("skipped");
      else if (known) metrics.shadowDecided(known);
      else {
        results.set(decision.asked, "waiting");
        waiting.push(decision);
      }
    }
    if (isAsking || waiting.length === 0) return;
    isAsking = true;
    setImmediate(() => void askWaiting());
  };
}
