import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { createEvaluator, defaultLimits, type Evaluator } from "./createEvaluator.ts";
import { type BundleFiles, readBundle } from "./readBundle.ts";

const readFixture = (name: string) =>
  readBundle(readFileSync(new URL(`./fixtures/${name}.tar.gz`, import.meta.url)), { kind: "unsigned" });
const data = { fixtures: { greeting: "hello" } };

describe("createEvaluator", () => {
  let hostile: BundleFiles;
  let evaluator: Evaluator;

  beforeAll(async () => {
    hostile = await readFixture("hostile");
    evaluator = await createEvaluator(hostile.wasm, data, { ...defaultLimits, memoryPagesMax: 64 });
  });

  const expectEcho = async () => {
    const input = { text: "schön ☂", nested: [1, null] };
    expect(await evaluator.evaluate("fixtures/hostile/echoes", input)).toEqual({ input, data: "hello" });
  };

  test("answers with the value of the entrypoint, and hands the policy its data", expectEcho);

  test("rejects an undefined answer instead of passing it on", async () => {
    await expect(evaluator.evaluate("fixtures/hostile/undefined_answer", {})).rejects.toMatchObject({
      name: "PolicyError",
      code: "ANSWER_INVALID",
    });
  });

  test("turns whatever a policy throws into a PolicyError, and can be asked again", async () => {
    await expect(evaluator.evaluate("fixtures/hostile/throws", { text: "x" })).rejects.toMatchObject({
      name: "PolicyError",
      code: "EVALUATION_FAILED",
    });
    await expectEcho();
  });

  test("stops a policy at its memory, and can be asked again", async () => {
    await expect(evaluator.evaluate("fixtures/hostile/allocates", { size: 3_000 })).rejects.toMatchObject({
      code: "EVALUATION_FAILED",
    });
    await expectEcho();
  });

  test.each([
    ["loops", 3_000],
    ["allocates", 3_000],
  ])("stops a policy that %s after so many steps, and can be asked again", async (entrypoint, size) => {
    const frugal = await createEvaluator(hostile.wasm, data, { ...defaultLimits, fuelMax: 1_000_000 });
    await expect(frugal.evaluate(`fixtures/hostile/${entrypoint}`, { size })).rejects.toMatchObject({
      code: "FUEL_EXHAUSTED",
      message: "the policy was stopped after 1000000 steps",
    });
    expect(await frugal.evaluate("fixtures/hostile/echoes", { at: 1 })).toMatchObject({ input: { at: 1 } });
  });

  test("answers nobody from the memory of a failed evaluation", async () => {
    const input = { at: 1 };
    const failing = () => evaluator.evaluate("fixtures/hostile/allocates", { size: 3_000 });
    const echoing = () => evaluator.evaluate("fixtures/hostile/echoes", input);
    const outcomes = await Promise.allSettled([failing(), echoing(), failing(), echoing()]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected", "fulfilled"]);
    expect(await echoing()).toEqual({ input, data: "hello" });
  });

  test("rejects an entrypoint that the bundle lacks", async () => {
    await expect(evaluator.evaluate("fixtures/hostile/absent", {})).rejects.toMatchObject({
      code: "EVALUATION_FAILED",
      message: "the policy failed: entrypoint fixtures/hostile/absent is not valid in this instance",
    });
  });

  test("refuses a question that is too large before the policy sees it", async () => {
    const small = await createEvaluator(hostile.wasm, data, { ...defaultLimits, inputBytesMax: 100 });
    await expect(small.evaluate("fixtures/hostile/echoes", { text: "x".repeat(100) })).rejects.toMatchObject({
      code: "QUESTION_TOO_LARGE",
      message: "expected a question of at most 100 bytes, got 111",
    });
  });

  test("goes on with a fresh instance after so many evaluations", async () => {
    const short = await createEvaluator(hostile.wasm, data, { ...defaultLimits, evaluationsMax: 2 });
    for (const at of [1, 2, 3, 4, 5]) {
      expect(await short.evaluate("fixtures/hostile/echoes", { at })).toEqual({
        input: { at },
        data: "hello",
      });
    }
  });

  test("answers many at once, each with its own", async () => {
    const short = await createEvaluator(hostile.wasm, data, { ...defaultLimits, evaluationsMax: 3 });
    const inputs = Array.from({ length: 20 }, (_, at) => ({ at }));
    const answers = await Promise.all(
      inputs.map((input) => short.evaluate("fixtures/hostile/echoes", input)),
    );
    expect(answers).toEqual(inputs.map((input) => ({ input, data: "hello" })));
  });

  test("refuses at load a module that calls what only native OPA has, by name", async () => {
    const native = await readFixture("native");
    await expect(createEvaluator(native.wasm, native.data)).rejects.toMatchObject({
      code: "BUILTIN_UNKNOWN",
      message: "the policy calls time.now_ns, unknown in WASM",
    });
  });

  test("refuses what is not WebAssembly", async () => {
    await expect(createEvaluator(new Uint8Array([1, 2, 3]), {})).rejects.toMatchObject({
      code: "BUNDLE_INVALID",
    });
  });
});
