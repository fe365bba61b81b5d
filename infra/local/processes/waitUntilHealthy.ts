/** Polls a health address until it answers 200. */
import { setTimeout as delay } from "node:timers/promises";

export type WaitOptions = {
  readonly exited: Promise<unknown>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
};

/** `gone` when the process ended first, `late` when `timeoutMs` passed. */
export async function waitUntilHealthy(
  url: string,
  { exited, timeoutMs, signal }: WaitOptions,
): Promise<"healthy" | "gone" | "late" | "aborted"> {
  let isGone = false;
  void exited.then(() => {
    isGone = true;
  });
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await delay(50)) {
    if (signal?.aborted) return "aborted";
    if (isGone) return "gone";
    if (await isHealthy(url)) return "healthy";
  }
  return "late";
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
