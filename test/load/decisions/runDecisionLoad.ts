/**
 * Decisions at a steady rate, into the log of a gateway: what of them is on record afterwards, and what it cost. Nine of ten
 * are allows of a few callers' facts, as operations are that come again and again; the others each ask something new.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { DecisionLog } from "../../../gateway/decisionLog/createDecisionLog.ts";
import type { Decision } from "../../../policies/runtime/decision.ts";
import type { PolicyBundle } from "../../../policies/runtime/loadPolicyBundle.ts";
import { allowed, denied, makeDecision } from "../../support/makeDecisions.ts";

export type DecisionLoad = {
  readonly log: DecisionLog;
  readonly bundle: PolicyBundle;
  /** Decisions a second. */
  readonly rate: number;
  readonly seconds: number;
};

export type DecisionLoadResult = {
  readonly decisions: number;
  readonly seconds: number;
  /** Of this process, with all that it takes to make decisions up. */
  readonly cpuSeconds: number;
  /** The longest that one call of `record` took. */
  readonly recordMsMax: number;
  readonly queuedMax: number;
};

const tickMs = 10;
const knownQuestions = 50;

export async function runDecisionLoad({
  log,
  bundle,
  rate,
  seconds,
}: DecisionLoad): Promise<DecisionLoadResult> {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  let [made, recordMsMax, queuedMax] = [0, 0, 0];
  const total = Math.round(rate * seconds);
  while (made < total) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * rate));
    const decisions = Array.from({ length: due - made }, (_, at) => toDecision(bundle, made + at));
    made = due;
    const before = performance.now();
    log.record(decisions);
    recordMsMax = Math.max(recordMsMax, performance.now() - before);
    queuedMax = Math.max(queuedMax, log.health().queued);
    await sleep(tickMs);
  }
  const took = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    decisions: made,
    seconds: round(took),
    cpuSeconds: round((user + system) / 1_000_000),
    recordMsMax: round(recordMsMax),
    queuedMax,
  };
}

function toDecision(bundle: PolicyBundle, at: number): Decision {
  if (at % 20 === 0) {
    const rows = Array.from({ length: 10 }, (_, row) => ({
      id: row,
      type: "Signal",
      attributes: { at, row },
    }));
    const input = JSON.stringify({ caller: { kind: "identified" }, objects: rows });
    return makeDecision(bundle, { input, question: "objects", crossesJurisdiction: true });
  }
  if (at % 20 === 1)
    return makeDecision(bundle, { outcome: "partly-denied", verdicts: denied, input: `{"denied":${at}}` });
  return makeDecision(bundle, {
    verdicts: allowed,
    reused: true,
    input: `{"caller":${at % knownQuestions}}`,
  });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
