import { describe, expect, test } from "@jest/globals";
import type { Exit } from "./spawnProcess.ts";
import { delayAfter, type Supervised, supervise } from "./supervise.ts";

const backOff = { firstDelayMs: 1, delayMsMax: 4, stableMs: 10_000 };

/** A process that ends when the test says so. */
function createFake(): {
  exited: Promise<Exit>;
  stop: () => Promise<Exit>;
  end: (exit: Exit) => void;
  stopped: number;
} {
  let end: (exit: Exit) => void = () => undefined;
  const exited = new Promise<Exit>((resolve) => {
    end = resolve;
  });
  const fake = {
    exited,
    end,
    stopped: 0,
    stop: async () => {
      fake.stopped += 1;
      end({ code: 0, signal: null });
      return exited;
    },
  };
  return fake;
}

type Fake = ReturnType<typeof createFake>;

function superviseFakes(launches: (() => Promise<Fake>)[]): { supervised: Supervised; events: string[] } {
  const events: string[] = [];
  const supervised = supervise({
    launch: () => launches.shift()?.() ?? Promise.reject(new Error("no more")),
    onCrashed: ({ code }) => events.push(`crashed ${code}`),
    onRestarted: () => events.push("restarted"),
    onRestartFailed: () => events.push("failed"),
    backOff,
  });
  return { supervised, events };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));

describe("supervise", () => {
  test("starts a process that ended by itself again, also when the first attempts fail", async () => {
    const [first, second] = [createFake(), createFake()];
    const broken = async (): Promise<Fake> => Promise.reject(new Error("port taken"));
    const { supervised, events } = superviseFakes([async () => first, broken, broken, async () => second]);
    await supervised.ready;
    first.end({ code: 1, signal: null });
    await settle();
    expect(events).toEqual(["crashed 1", "failed", "failed", "restarted"]);
    await supervised.stop();
    expect(second.stopped).toBe(1);
  });

  test("does not start again what it was asked to stop", async () => {
    const first = createFake();
    const { supervised, events } = superviseFakes([async () => first]);
    await supervised.ready;
    await supervised.stop();
    await settle();
    expect(events).toEqual([]);
  });

  test("stops what is still starting", async () => {
    const slow = createFake();
    const { supervised } = superviseFakes([
      () => new Promise((resolve) => setTimeout(() => resolve(slow), 20)),
    ]);
    await supervised.stop();
    expect(slow.stopped).toBe(1);
  });

  test("tells the caller that the first launch failed, and watches nothing then", async () => {
    const { supervised, events } = superviseFakes([]);
    await expect(supervised.ready).rejects.toThrow("no more");
    await supervised.stop();
    expect(events).toEqual([]);
  });
});

describe("delayAfter", () => {
  test("doubles up to the cap, within half", () => {
    const limits = { firstDelayMs: 100, delayMsMax: 1_000, stableMs: 0 };
    const longest = [1, 2, 3, 4, 5, 50].map((crashes) => delayAfter(crashes, limits, () => 1));
    expect(longest).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(delayAfter(2, limits, () => 0)).toBe(100);
  });
});
