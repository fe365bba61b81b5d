import type { DeferredAnswer } from "./engine/engine.ts";

/**
 * The answer, and `onEnd` called once: when its last part has been read, or its reader has stopped or left. One who has
 * left (`signal`) may not have begun to read.
 */
export function whenPartsEnd(answer: DeferredAnswer, signal: AbortSignal, onEnd: () => void): DeferredAnswer {
  let isOver = false;
  const end = () => {
    if (isOver) return;
    isOver = true;
    signal.removeEventListener("abort", end);
    onEnd();
  };
  if (answer.pending.length === 0) end();
  else signal.addEventListener("abort", end, { once: true });
  return { ...answer, rest: endAfter(answer.rest, end) };
}

async function* endAfter(rest: DeferredAnswer["rest"], end: () => void): DeferredAnswer["rest"] {
  try {
    yield* rest;
  } finally {
    end();
  }
}
