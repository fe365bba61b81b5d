/** What of a decision goes on record: the policies' own question about their decisions. */
import { z } from "zod";
import type { Evaluator } from "./createEvaluator.ts";
import type { Decision } from "./decision.ts";

export type Recording = {
  /** How many of a thousand such decisions are kept, as a share from 0 to 1. */
  readonly share: number;
  /** By path into the input, what stands there in the record; null keeps nothing of the input. */
  readonly masks: Readonly<Record<string, "hash" | "redact">> | null;
};

const entrypoint = "atlas/audit/recording/records";
const answerSchema = z
  .array(
    z.looseObject({
      share: z.number().min(0).max(1),
      masks: z.record(z.string(), z.enum(["hash", "redact"])),
    }),
  )
  .length(1);

/** Keeps every decision and nothing of what was asked: for a bundle that does not say, or whose rule fails. */
const silent: Recording = { share: 1, masks: null };

/** Never rejects. Denials and reads across jurisdictions are kept whatever the policy says. */
export async function decideRecording(
  evaluator: Evaluator,
  { outcome, crossesJurisdiction }: Pick<Decision, "outcome" | "crossesJurisdiction">,
): Promise<Recording> {
  try {
    const answer = await evaluator.evaluate(entrypoint, {
      decisions: [{ id: 0, outcome, crossesJurisdiction }],
    });
    const { share, masks } = answerSchema.parse(answer)[0] ?? silent;
    return { share: outcome === "allowed" && !crossesJurisdiction ? share : 1, masks };
  } catch {
    return silent;
  }
}
