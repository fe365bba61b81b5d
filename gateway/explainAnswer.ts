/** What an answer tells in `extensions` of how it came about, for callers who asked for it and may know. */
import type { Answer } from "./engine/engine.ts";
import type { Session } from "./runOperation.ts";

export type Explained = "cost" | "plan";

/** What of the words in `atlas-explain` this caller gets to know; whatever else was asked for is passed over in silence. */
export type GrantExplanation = (session: Session) => ReadonlySet<Explained>;

/** The scope of people who run the platform: a plan names subgraphs and their operations. */
const planScope = "operations:read";

/** `isLocal` tells costs to everybody: for people who develop, not for the public. */
export function createGrantExplanation(isLocal: boolean): GrantExplanation {
  return ({ explain, caller }) => {
    if (!explain?.size) return nothing;
    const isOperator = caller.scopes.includes(planScope);
    const granted = new Set<Explained>();
    if (explain.has("cost") && (isLocal || isOperator)) granted.add("cost");
    if (explain.has("plan") && isOperator) granted.add("plan");
    return granted;
  };
}

const nothing: ReadonlySet<Explained> = new Set();

export async function explainAnswer(
  answer: Answer,
  granted: ReadonlySet<Explained>,
  tell: Readonly<Record<Explained, () => unknown>>,
): Promise<Answer> {
  if (granted.size === 0) return answer;
  const told = await Promise.all([...granted].map(async (what) => [what, await tell[what]()] as const));
  return { ...answer, extensions: { ...answer.extensions, ...Object.fromEntries(told) } };
}
