/** What another bundle would have said to what callers really asked. */
import type { RecordedQuestion } from "../../policies/runtime/decisionChain.ts";
import type { PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";
import { type Difference, replayQuestion } from "../../policies/runtime/replayQuestion.ts";

/** A question on record, with who asked it how often. */
export type AskedQuestion = RecordedQuestion & {
  readonly decisions: number;
  /** Names of the operations; anonymous ones are not among them. */
  readonly operations: readonly string[];
  readonly tenants: readonly string[];
  /** Different people. */
  readonly callers: number;
};

export type ChangedQuestion = {
  readonly question: AskedQuestion;
  readonly differences: readonly Difference[];
};

export type PolicyDiff = {
  readonly questions: number;
  readonly decisions: number;
  readonly changed: readonly ChangedQuestion[];
  /** Questions to which the candidate gives no answer, which means deny, by what it says. */
  readonly failed: readonly { readonly question: AskedQuestion; readonly problem: string }[];
  /** Questions of which nothing is on record. */
  readonly masked: number;
  /** Facts that the candidate reads and that nobody was asked for, so nothing of them is on record. */
  readonly unrecorded: readonly string[];
};

export async function diffPolicies(
  candidate: PolicyBundle,
  asked: readonly AskedQuestion[],
): Promise<PolicyDiff> {
  const changed: ChangedQuestion[] = [];
  const failed: { question: AskedQuestion; problem: string }[] = [];
  const missing = new Set<string>();
  let masked = 0;
  for (const question of asked) {
    const replay = await replayQuestion(candidate, question);
    if (replay.kind === "masked") masked += 1;
    else if (replay.kind === "failed") failed.push({ question, problem: replay.error.message });
    else if (replay.differences.length > 0) changed.push({ question, differences: replay.differences });
    for (const path of findUnrecorded(candidate, question)) missing.add(path);
  }
  return {
    questions: asked.length,
    decisions: asked.reduce((total, { decisions }) => total + decisions, 0),
    changed,
    failed,
    masked,
    unrecorded: [...missing].sort(),
  };
}

const questionOf: Readonly<Record<string, string>> = {
  "atlas/fields/decisions": "fields",
  "atlas/filters/decisions": "objects",
  "atlas/objects/decisions": "objects",
};

/** The gateway sends what rules read and nothing else, so a rule that reads more finds less in the record. */
function findUnrecorded(
  { catalogue }: PolicyBundle,
  { entrypoint, input }: AskedQuestion,
): readonly string[] {
  if (input === null) return [];
  const facts: unknown = JSON.parse(input);
  return catalogue.rules
    .filter(({ question }) => question === questionOf[entrypoint])
    .flatMap(({ reads }) => reads)
    .filter((path) => path !== "variables" && !hasPath(facts, path.split(".")));
}

function hasPath(within: unknown, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return true;
  if (typeof within !== "object" || within === null || !Object.hasOwn(within, name)) return false;
  return hasPath(Reflect.get(within, name), rest);
}
