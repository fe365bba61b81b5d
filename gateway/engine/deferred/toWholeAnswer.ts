import type { Answer, DeferredAnswer } from "../engine.ts";

/** An answer that is complete at once. */
export function toWholeAnswer(first: Answer): DeferredAnswer {
  return { first, pending: [], late: new Set(), rest: nothing() };
}

async function* nothing(): DeferredAnswer["rest"] {}
