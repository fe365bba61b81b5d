import { afterEach, expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import { followRegions, type KnownRegions } from "./followRegions.ts";

let followed: KnownRegions | undefined;
afterEach(() => followed?.close());

const region = (code: string, status: unknown, latencyMs: number | null = null) => ({
  code,
  status,
  sightings: [
    { witness: { code: "ap-southeast" }, latencyMs: 999 },
    { witness: { code: "us-east" }, latencyMs },
  ],
});

test("knows what this region's graph says, keeps it while that is silent, and takes what comes next", async () => {
  const answers: (() => Promise<object>)[] = [
    async () => ({ data: { regions: [region("eu-west", "DOWN", 81)] } }),
    async () => Promise.reject(new Error("gone")),
    async () => ({ data: null }),
    async () => ({ data: { regions: "none" } }),
    async () => ({ data: { regions: [region("eu-west", "ASLEEP"), 7, null, {}] } }),
  ];
  let asked = 0;
  const last = async () => ({ data: { regions: [region("eu-west", "SERVING")] } });
  followed = followRegions({ here: "us-east", ask: () => (answers[asked++] ?? last)(), everyMs: 1 });
  expect([followed.statusOf("eu-west"), followed.latencyOf("eu-west")]).toEqual(["SERVING", null]);
  const seen: string[] = [];
  await eventually(() => {
    const now = `${followed?.statusOf("eu-west")} ${followed?.latencyOf("eu-west")}`;
    if (seen.at(-1) !== now) seen.push(now);
    expect(now).toBe("SERVING null");
    expect(asked).toBeGreaterThan(answers.length);
  });
  // Between the first answer and the last there was nothing else to know.
  expect(seen.filter((one) => one !== "SERVING null" && one !== "DOWN 81")).toEqual([]);
});

test("stops when it is closed, also while it waits for an answer", async () => {
  followed = followRegions({
    here: "us-east",
    ask: (signal) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    everyMs: 1,
  });
  await followed.close();
});
