import { describe, expect, test } from "@jest/globals";
import { GraphQLError, parse } from "graphql";
import type { OperationPlan } from "../engine/engine.ts";
import { createPlanOperation } from "./planOperation.ts";

const document = parse("{ a }");

/** Answers when told to. */
function createSlowEngine() {
  const asked: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const engine = {
    plan: () =>
      new Promise<OperationPlan>((resolve, reject) => {
        const plan = {
          supergraphId: "s1",
          operationKind: "query",
          operationName: undefined,
          document,
          node: {},
        } as const;
        asked.push({ resolve: () => resolve(plan), reject });
      }),
  };
  return { engine, asked };
}

const request = { document, operationName: undefined };

describe("planOperation", () => {
  test("plans once for all who wait, and once for all who come later", async () => {
    const { engine, asked } = createSlowEngine();
    const lookups: string[] = [];
    const plan = createPlanOperation(engine, (result) => lookups.push(result));
    const both = Promise.all([plan(request), plan(request)]);
    asked[0]?.resolve();
    const [first, second] = await both;
    expect(second).toBe(first);
    expect(await plan(request)).toBe(first);
    expect([asked.length, lookups]).toEqual([1, ["miss", "hit", "hit"]]);
  });

  test("tells operation names and documents apart, by identity", () => {
    const { engine, asked } = createSlowEngine();
    const plan = createPlanOperation(engine);
    void plan(request);
    void plan({ ...request, operationName: "A" });
    void plan({ ...request, document: parse("{ a }") });
    void plan({ ...request });
    expect(asked.length).toBe(3);
  });

  test("forgets a failure, so that the next request may succeed", async () => {
    const { engine, asked } = createSlowEngine();
    const plan = createPlanOperation(engine);
    const failing = plan(request);
    asked[0]?.reject(new Error("queue full"));
    await expect(failing).rejects.toMatchObject({ code: "PLANNING_FAILED", status: 500 });
    void plan(request);
    expect(asked.length).toBe(2);
  });

  test("keeps a coded error of the engine", async () => {
    const { engine, asked } = createSlowEngine();
    const failing = createPlanOperation(engine)(request);
    const coded = new GraphQLError("no", { extensions: { code: "PLANNING_FAILED" } });
    asked[0]?.reject(coded);
    await expect(failing).rejects.toBe(coded);
  });
});
