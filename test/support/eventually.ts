import { setTimeout as sleep } from "node:timers/promises";

/** Checks again and again, for ten seconds. */
export async function eventually(check: () => void | Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await check();
    } catch (thrown) {
      if (attempt === 200) throw thrown;
      await sleep(50);
    }
  }
}
