/** Where a field comes from while it moves from one subgraph to another. */
import { describe, expect, test } from "@jest/globals";
import { parse } from "graphql";
import { createEngine } from "../createEngine.ts";
import { composeForTest } from "../testing/composeForTest.ts";
import { createPlanners, plannerNames } from "./createPlanner.ts";
import { createDecideOverrides } from "./decideOverrides.ts";
import { addOverrides } from "./overrideDirective.ts";

function createGraph(label: string) {
  return composeForTest({
    old: {
      sdl: `type Query { item: Item } type Mutation { touch: Item }
        type Item @key(fields: "id") { id: ID! price: Int }`,
      resolvers: {
        Query: { item: () => ({ id: "1", price: 1 }) },
        Mutation: { touch: () => ({ id: "1", price: 1 }) },
      },
    },
    next: {
      sdl: `type Item @key(fields: "id") { id: ID! price: Int @override(from: "old", label: "${label}") }`,
      resolvers: { Item: { __resolveReference: () => ({ id: "1", price: 2 }) } },
    },
  });
}

function createPrices(graph: ReturnType<typeof createGraph>, name: (typeof plannerNames)[number]) {
  const engine = createEngine({ ...graph, planner: createPlanners(graph.parsed)[name]() });
  return {
    engine,
    ask: async (source: string, overrides: readonly string[] = []) => {
      const plan = await engine.plan(parse(source), undefined, overrides);
      const request = { variables: {}, context: undefined, signal: new AbortController().signal };
      return (await engine.execute(plan, request)).data?.item;
    },
  };
}

describe.each(plannerNames)("planner %s", (name) => {
  test("takes a field from where a label says that holds for the request, side by side", async () => {
    const { ask } = createPrices(createGraph("move-price"), name);
    const source = "query Price($deep: Boolean = true) { item { price id @include(if: $deep) } }";
    expect(await ask(source)).toEqual({ price: 1, id: "1" });
    expect(await ask(source, ["move-price"])).toEqual({ price: 2, id: "1" });
    expect(await ask(source, ["another"])).toEqual({ price: 1, id: "1" });
    expect(await ask(source)).toEqual({ price: 1, id: "1" });
  });

  test("of a mutation's fields, of deferred fragments and of fragments too", async () => {
    const graph = createGraph("move-price");
    const { engine, ask } = createPrices(graph, name);
    const source = "mutation { one: touch { ...P } two: touch { price } } fragment P on Item { price }";
    const answer = async (overrides: readonly string[]) => {
      const plan = await engine.plan(parse(source), undefined, overrides);
      return (
        await engine.execute(plan, {
          variables: {},
          context: undefined,
          signal: new AbortController().signal,
        })
      ).data;
    };
    expect(await answer([])).toEqual({ one: { price: 1 }, two: { price: 1 } });
    expect(await answer(["move-price"])).toEqual({ one: { price: 2 }, two: { price: 2 } });
    expect(await ask("{ item { id ... @defer { price } } }", ["move-price"])).toEqual({ id: "1", price: 2 });
    expect(graph.calls.some(({ query }) => query.includes("atlas__"))).toBe(false);
  });

  test("is planned again by the next engine for those that asked with it", async () => {
    const { engine, ask } = createPrices(createGraph("move-price"), name);
    await ask("{ item { price } }", ["move-price"]);
    const lookUps: string[] = [];
    const graph = createGraph("move-price");
    const next = createEngine({
      ...graph,
      planner: createPlanners(graph.parsed)[name](),
      onPlanLookUp: (result) => lookUps.push(result),
    });
    await next.warmUp(engine.mostUsed(10));
    await next.plan(parse("{ item { price } }"), undefined, ["move-price"]);
    await next.plan(parse("{ item { price } }"), undefined);
    expect(lookUps).toEqual(["hit", "miss"]);
  });

  test.each([
    ["percent(0)", 1],
    ["percent(100)", 2],
  ])("moves no operation, or all, with %s", async (label, price) => {
    expect(await createPrices(createGraph(label), name).ask("{ item { price } }")).toEqual({ price });
  });
});

describe("a share", () => {
  const operations = Array.from({ length: 2_000 }, (_, at) => parse(`{ a${at}: item { price } }`));
  const moved = (label: string) => {
    const decide = createDecideOverrides([label]);
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
    expect(createDecideOverrides([])(addOverrides(parse("{ item { price } }"), ["x"])).size).toBe(0);
  });

  test("is told by what the client asked, whatever other labels hold", () => {
    const decide = createDecideOverrides(["percent(50)", "x"]);
    for (const document of operations.slice(0, 50)) {
      const overridden = decide(addOverrides(document, ["x"]));
      expect(overridden.get("percent(50)")).toBe(decide(document).get("percent(50)"));
      expect([overridden.get("x"), decide(document).get("x")]).toEqual([true, false]);
    }
  });
});
