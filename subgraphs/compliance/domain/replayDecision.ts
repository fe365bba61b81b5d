/** Asks a question on record again, of the bundle that answered it then. */
import { LRUCache } from "lru-cache";
import { batchSchema, type RecordedQuestion } from "../../../policies/runtime/decisionChain.ts";
import { openPolicyBundle, type PolicyBundle } from "../../../policies/runtime/loadPolicyBundle.ts";
import { readBundle } from "../../../policies/runtime/readBundle.ts";
import { type Answer, replayQuestion } from "../../../policies/runtime/replayQuestion.ts";

export type StoredQuestion = {
  readonly bundleDigest: string;
  readonly entrypoint: string;
  readonly input: string | null;
  readonly verdicts: unknown;
};

export type DecisionReplay = {
  readonly result: "SAME" | "DIFFERENT" | "IMPOSSIBLE";
  readonly differences: { coordinate: string; recorded: string; replayed: string }[];
  readonly problem: string | null;
};

/** Each holds a WebAssembly instance. */
const openedMax = 8;
const opened = new LRUCache<string, Promise<PolicyBundle>>({ max: openedMax });

const verdictsSchema = batchSchema.shape.questions.element.shape.verdicts;

/** None for a decision from before questions were kept. */
export function parseVerdicts(
  question: Pick<StoredQuestion, "verdicts"> | null,
): RecordedQuestion["verdicts"] {
  return question === null ? [] : verdictsSchema.parse(question.verdicts);
}

export async function replayDecision(
  question: StoredQuestion | null,
  findPacked: (digest: string) => Promise<Uint8Array | undefined>,
): Promise<DecisionReplay> {
  if (question === null) return impossible("the question is not on record");
  const bundle = await openBundle(question.bundleDigest, findPacked);
  if (!bundle) return impossible("the bundle is not on record");
  const { entrypoint, input } = question;
  const replay = await replayQuestion(bundle, { entrypoint, input, verdicts: parseVerdicts(question) });
  if (replay.kind === "masked") return impossible("nothing of the input may be kept on record");
  if (replay.kind === "failed") return impossible(`the bundle gives no answer: ${replay.error.message}`);
  const differences = replay.differences.map(({ coordinate, recorded, replayed }) => ({
    coordinate,
    recorded: describe(recorded),
    replayed: describe(replayed),
  }));
  return { result: differences.length === 0 ? "SAME" : "DIFFERENT", differences, problem: null };
}

/** The gateway had verified its signature; here its digest is what was recorded, or it is not that bundle. */
async function openBundle(
  digest: string,
  findPacked: (digest: string) => Promise<Uint8Array | undefined>,
): Promise<PolicyBundle | undefined> {
  const known = opened.get(digest);
  if (known) return known;
  const packed = await findPacked(digest);
  if (!packed) return undefined;
  const files = await readBundle(packed, { kind: "unsigned" });
  if (files.digest !== digest) return undefined;
  const opening = openPolicyBundle(files);
  opened.set(digest, opening);
  opening.catch(() => opened.delete(digest));
  return opening;
}

function impossible(problem: string): DecisionReplay {
  return { result: "IMPOSSIBLE", differences: [], problem };
}

function describe({ outcome, reason, rule }: Answer): string {
  return [outcome, reason, rule].filter((part) => part !== "").join(" ");
}
