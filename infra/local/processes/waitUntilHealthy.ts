/** Polls a health address until it answers 200. */
import { setTimeout as delay } from "node:timers/promises";

export type Health = "healthy" | "gone" | "late";

/** `gone` when the process ended first, `late` when `timeoutMs` passed. */
export async function waitUntilHealthy(
  url: string,
  exited: Promise<unknown>,
  timeoutMs: number,
): Promise<Health> {
  let gone = false;
  void exited.then(() => {
    gone = true;
  });
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await delay(50)) {
    if (gone) return "gone";
    if (await isHealthy(url)) return "healthy";
  }
  return "late";
}

export async function isHealthy(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
