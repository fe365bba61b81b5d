import { expect, test } from "@jest/globals";
import type { Decision } from "../../policies/runtime/decision.ts";
import { hashVerdicts, parseEntry } from "../../policies/runtime/decisionChain.ts";
import { createDecisionChain } from "./chainDecisions.ts";

/** Of a list of so many signals that are alike: they are asked about as one. */
function decide(count: number): Decision {
  return {
    id: "0192b1c4-0000-7000-8000-000000000001",
    sequence: 1,
    question: "objects",
    outcome: "allowed",
    verdicts: [{ coordinate: "Signal", outcome: "allow", reason: "", rule: "", count, dryRun: [] }],
    bundle: {
      digest: "d1",
      revision: "2026-01-01T00:00:00Z",
      packed: new Uint8Array(),
      decideRecording: async () => ({ share: 1, masks: {} }),
    },
    asked: { entrypoint: "atlas/objects/decisions", input: '{"objects":[{"type":"Signal"}]}' },
    inputHash: "i1",
    reused: false,
    crossesJurisdiction: false,
    caller: { subject: null, tenant: "acme", region: "us-east" },
    operation: { id: "o1", kind: "query", name: null },
    decidedAt: 0,
    latencyMs: 1,
  };
}

test("lists of different length of rows that are alike name verdicts with their own counts", async () => {
  const chain = createDecisionChain({ region: "us-east", subjectKey: new Uint8Array(32) });
  const told = await chain.append({
    decisions: [decide(1), decide(2), decide(1)],
    lost: { allowed: 0, others: 0 },
  });
  const { entries, questions } = told?.batch ?? { entries: [], questions: [] };
  const counts = entries.map(({ text }) => {
    const entry = parseEntry(text);
    if (entry.kind !== "decision") throw new Error("expected decisions");
    const question = questions.find(({ id }) => id === entry.questionId);
    // What verifying a chain compares.
    expect(hashVerdicts(question?.verdicts ?? [])).toBe(entry.verdictsHash);
    return question?.verdicts.map(({ count }) => count);
  });
  expect(counts).toEqual([[1], [2], [1]]);
  expect(questions).toHaveLength(2);
});
