import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parse } from "graphql";
import { createShop } from "../testing/shop/createShop.ts";
import { createSlowGraph } from "../testing/slowGraph.ts";
import { createPlanners } from "./createPlanner.ts";
import { createPlannerPool, type PlannerPool, type PlanningLimits } from "./createPlannerPool.ts";

const limits: PlanningLimits = { workers: 1, timeoutMs: 2_500, waitingMax: 2 };

describe.each(["apollo", "hive"] as const)("a pool over the shop, planner %s", (planner) => {
  const { supergraph, parsed } = createShop();
  let pool: PlannerPool;
  beforeAll(async () => {
    pool = createPlannerPool({ ...limits, timeoutMs: 20_000, sdl: supergraph.sdl, planner });
    await pool.ready;
  });
  afterAll(() => pool.close());

  test("gives the plan that the planner gives on this thread", async () => {
    const document = parse("{ products { name reviews { author { name } } } }");
    const plan = await createPlanners(parsed)[planner]().plan(document);
    expect(await pool.plan(document)).toEqual(JSON.parse(JSON.stringify(plan)));
  });

  test("rejects with the planner's own reason", async () => {
    await expect(pool.plan(parse("{ nothing }"))).rejects.toThrow(/nothing/);
  });

  test("plans what Hive's planner ends its process with", async () => {
    const document = parse(
      "{ search { ... on Media { fans { ... on Person { ... on User { reviews { a: id id } } } } } } }",
    );
    expect(await pool.plan(document)).toMatchObject({ kind: "operation" });
    expect(await pool.plan(parse("{ products { name } }"))).toMatchObject({ kind: "operation" });
  });
});

describe("a pool with an operation that takes its planner minutes", () => {
  const { supergraph, slowOperation, quickOperation } = createSlowGraph();
  const { sdl } = supergraph;
  const slow = (name: string) => parse(slowOperation(name));
  const quick = parse(quickOperation);
  let pool: PlannerPool;
  beforeAll(async () => {
    pool = createPlannerPool({ ...limits, sdl, planner: "apollo" });
    await pool.ready;
  }, 60_000);
  afterAll(() => pool.close());

  test("ends the thread at the deadline, leaves this one free meanwhile, and serves the next operation", async () => {
    const startedAt = performance.now();
    const longestPause = watchPauses();
    await expect(pool.plan(slow("A"))).rejects.toMatchObject({ code: "PLANNING_TIMEOUT", status: 503 });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(longestPause()).toBeLessThan(300);
    await pool.plan(quick);
  }, 60_000);

  test("refuses the same operation at once when it comes again", async () => {
    const startedAt = performance.now();
    await expect(pool.plan(slow("A"))).rejects.toMatchObject({ code: "PLANNING_TIMEOUT" });
    expect(performance.now() - startedAt).toBeLessThan(50);
  });

  test("refuses what waits too long, and what comes when as many wait as may", async () => {
    const outcomes = [slow("B"), quick, quick, quick].map((document) =>
      pool.plan(document).then(
        () => "planned",
        (error: { code: string }) => error.code,
      ),
    );
    expect(await Promise.all(outcomes)).toEqual([
      "PLANNING_TIMEOUT",
      expect.stringMatching(/planned|PLANNING_OVERLOADED/),
      expect.stringMatching(/planned|PLANNING_OVERLOADED/),
      "PLANNING_OVERLOADED",
    ]);
  }, 60_000);
});

describe("a closed pool", () => {
  test("rejects what is planned and what comes", async () => {
    const { supergraph, slowOperation } = createSlowGraph();
    const pool = createPlannerPool({ ...limits, timeoutMs: 60_000, sdl: supergraph.sdl, planner: "apollo" });
    const planning = pool.plan(parse(slowOperation("C")));
    planning.catch(() => {});
    await pool.close();
    await expect(planning).rejects.toThrow("closed");
    await expect(pool.plan(parse("{ a }"))).rejects.toThrow("closed");
    await expect(pool.ready).rejects.toThrow("ended");
  });
});

/** The longest time this thread could not run a timer. */
function watchPauses(): () => number {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 10);
  return () => {
    clearInterval(timer);
    return longest;
  };
}
