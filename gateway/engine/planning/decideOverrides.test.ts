/** Where a field comes from while it moves from one subgraph to another. */
import { describe, expect, test } from "@jest/globals";
import { parse } from "graphql";
import { createEngine } from "../createEngine.ts";
import { composeForTest } from "../testing/composeForTest.ts";
import { createPlanners, plannerNames } from "./createPlanner.ts";
import { createDecideOverrides } from "./decideOverrides.ts";

function createGraph(label: string) {
  return composeForTest({
    old: {
      sdl: `type Query { item: Item } type Item @key(fields: "id") { id: ID! price: Int }`,
      resolvers: { Query: { item: () => ({ id: "1", price: 1 }) } },
    },
    next: {
      sdl: `type Item @key(fields: "id") { id: ID! price: Int @override(from: "old", label: "${label}") }`,
      resolvers: { Item: { __resolveReference: () => ({ id: "1", price: 2 }) } },
    },
  });
}

async function priceOf(
  graph: ReturnType<typeof createGraph>,
  source: string,
  options: Parameters<typeof createPlanners>[1],
  name: (typeof plannerNames)[number],
) {
  const engine = createEngine({ ...graph, planner: createPlanners(graph.parsed, options)[name]() });
  const plan = await engine.plan(parse(source), undefined);
  const request = { variables: {}, context: undefined, signal: new AbortController().signal };
  return (await engine.execute(plan, request)).data?.item;
}

describe.each(plannerNames)("planner %s", (name) => {
  test("takes a field from where a custom label says", async () => {
    const graph = createGraph("move-price");
    expect(await priceOf(graph, "{ item { price } }", {}, name)).toEqual({ price: 1 });
    expect(await priceOf(graph, "{ item { price } }", { overrideLabels: ["move-price"] }, name)).toEqual({
      price: 2,
    });
    expect(await priceOf(graph, "{ item { price } }", { overrideLabels: ["another"] }, name)).toEqual({
      price: 1,
    });
  });

  test.each([
    ["percent(0)", 1],
    ["percent(100)", 2],
  ])("moves no operation, or all, with %s", async (label, price) => {
    expect(await priceOf(createGraph(label), "{ item { price } }", {}, name)).toEqual({ price });
  });
});

describe("a share", () => {
  const operations = Array.from({ length: 2_000 }, (_, at) => parse(`{ a${at}: item { price } }`));
  const moved = (label: string) => {
    const decide = createDecideOverrides([label], new Set());
    return operations.filter((document) => decide(document).get(label) === true);
  };

  test("is about that of all operations", () => {
    expect(moved("percent(25)").length / operations.length).toBeCloseTo(0.25, 1);
    expect(moved("percent(0.5)").length).toBeLessThan(40);
  });

  test("keeps those that have moved when it grows", () => {
    const later = new Set(moved("percent(60)"));
    expect(moved("percent(25)").every((document) => later.has(document))).toBe(true);
  });

  test("has nothing to say where there is no such label", () => {
    expect(createDecideOverrides([], new Set(["x"]))(parse("{ item { price } }")).size).toBe(0);
  });
});
