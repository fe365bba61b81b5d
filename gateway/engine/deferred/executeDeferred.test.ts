/** Which part of an answer comes when, and what is in it, with subgraphs that answer when the test says so. */
import { describe, expect, test } from "@jest/globals";
import { parse, validate } from "graphql";
import { AppError } from "../../errors.ts";
import { createEngine } from "../createEngine.ts";
import type { DeferredAnswer, LateAnswer, SubgraphAnswer, SubgraphCall } from "../engine.ts";
import { createPlanners } from "../planning/createPlanner.ts";
import type { Planner } from "../planning/planner.ts";
import { composeForTest } from "../testing/composeForTest.ts";
import { createShop } from "../testing/shop/createShop.ts";

const shop = createShop();
const planner = createPlanners(shop.parsed).apollo();

type Options = {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly planner?: Planner;
  /** Calls to these subgraphs wait until they are let go. */
  readonly held?: readonly string[];
  readonly intercept?: (call: SubgraphCall<undefined>) => SubgraphAnswer | undefined;
  readonly signal?: AbortSignal;
};

async function execute(source: string, options: Options = {}) {
  const { variables = {}, held = [], intercept = () => undefined, signal = NEVER } = options;
  const gates = new Map(held.map((subgraph) => [subgraph, createGate()]));
  const calls: SubgraphCall<undefined>[] = [];
  const engine = createEngine({
    ...shop,
    planner: options.planner ?? planner,
    transport: {
      ...shop.transport,
      request: async (call) => {
        calls.push(call);
        await gates.get(call.subgraph)?.opened;
        call.signal.throwIfAborted();
        return intercept(call) ?? shop.transport.request(call);
      },
    },
  });
  const document = parse(source);
  expect(validate(engine.schema, document)).toEqual([]);
  const plan = await engine.plan(document, undefined);
  const answer = engine.executeDeferred(plan, { variables, context: undefined, signal });
  return { answer, calls, letGo: (subgraph: string) => gates.get(subgraph)?.open() };
}

const NEVER = new AbortController().signal;

function createGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

const toJson = (value: unknown) => JSON.parse(JSON.stringify(value));

async function readNext({ rest }: DeferredAnswer): Promise<LateAnswer> {
  const { value, done } = await rest.next();
  if (done) throw new Error("nothing more came");
  return value;
}

/** Path, data and errors of each part. */
function partsOf({ parts }: LateAnswer) {
  return parts.map(({ path, answer: { data, errors } }) =>
    toJson({ at: path.join("."), data, ...(errors ? { errors: errors.map((error) => error.path) } : {}) }),
  );
}

describe("what is not deferred", () => {
  test("comes when its own fetches are done, and each fragment when its are", async () => {
    const source = `{ product(id: "p1") { name
      ... @defer(label: "stock") { inStock } ... @defer(label: "reviews") { reviews { score } } } }`;
    const { answer, letGo } = await execute(source, { held: ["stock", "reviews"] });
    const deferred = await answer;
    expect(toJson(deferred.first)).toEqual({ data: { product: { name: "Product p1" } } });
    expect(deferred.pending.map(({ path, label }) => [path, label])).toEqual([
      [["product"], "stock"],
      [["product"], "reviews"],
    ]);
    letGo("reviews");
    const second = await readNext(deferred);
    expect(partsOf(second)).toEqual([{ at: "product", data: { reviews: [{ score: 1 }] } }]);
    expect(second.hasNext).toBe(true);
    letGo("stock");
    const third = await readNext(deferred);
    expect(partsOf(third)).toEqual([{ at: "product", data: { inStock: true } }]);
    expect(third.hasNext).toBe(false);
    expect(await deferred.rest.next()).toEqual({ done: true, value: undefined });
  });

  test("does not wait for deferred root fields of the same subgraph", async () => {
    const source = "{ me { id } ... @defer { people { badge } } }";
    const { answer, calls } = await execute(source);
    expect(toJson((await answer).first.data)).toEqual({ me: { id: "u1" } });
    expect(calls.map(({ query }) => query.includes("people"))).toEqual([false, true]);
  });

  test("has the fields that are deferred elsewhere too", async () => {
    const { answer } = await execute("{ me { name ... @defer { name badge } } }");
    const deferred = await answer;
    expect(toJson(deferred.first.data)).toEqual({ me: { name: "Name u1" } });
    expect(partsOf(await readNext(deferred))).toEqual([
      { at: "me", data: { name: "Name u1", badge: "B-u1" } },
    ]);
  });

  test("is all where there is no object that the rest would be for", async () => {
    const { answer } = await execute('{ product(id: "none") { name ... @defer { inStock } } }');
    expect(await answer).toMatchObject({ first: { data: { product: null } }, pending: [] });
  });
});

describe("a deferred fragment", () => {
  test("comes for each object in lists of lists, by their indexes", async () => {
    const { answer } = await execute("{ grid { id ... @defer { inStock } } }");
    const deferred = await answer;
    expect(deferred.pending.map(({ path }) => path)).toEqual([
      ["grid", 0, 0],
      ["grid", 3, 0],
      ["grid", 3, 1],
    ]);
    expect(partsOf(await readNext(deferred)).map(({ at }) => at)).toEqual([
      "grid.0.0",
      "grid.3.0",
      "grid.3.1",
    ]);
  });

  test("may have another in it, which comes after it", async () => {
    const source = `{ latest { id ... @defer(label: "outer") { author { name
      ... @defer(label: "inner") { favourite { rating } } } } } }`;
    const { answer, letGo } = await execute(source, { held: ["people"] });
    const deferred = await answer;
    expect(new Set(deferred.pending.map(({ label }) => label))).toEqual(new Set(["outer"]));
    const outer = await readNext(deferred);
    expect(partsOf(outer)[0]).toEqual({ at: "latest.0", data: { author: { name: "Name u1" } } });
    expect(outer.pending.map(({ label }) => label)).toContain("inner");
    letGo("people");
    const inner = await readNext(deferred);
    expect(partsOf(inner)[0]).toEqual({ at: "latest.0.author", data: { favourite: { rating: 3 } } });
    expect(inner.hasNext).toBe(false);
  });

  test("applies to objects of its type alone", async () => {
    const { answer } = await execute("{ media { id ... on Film @defer { rating } } }");
    const deferred = await answer;
    expect(partsOf(await readNext(deferred))).toEqual([{ at: "media.1", data: { rating: 3 } }]);
  });

  test("comes for the objects of an interface object, whose type is known later", async () => {
    const source = "{ topRated { rating ... @defer { title ... on Film { minutes } } } }";
    const deferred = await (await execute(source)).answer;
    expect(toJson(deferred.first.data)).toEqual({ topRated: [{ rating: 4.5 }, null, { rating: 3 }] });
    expect(partsOf(await readNext(deferred))).toEqual([
      { at: "topRated.0", data: { title: "Rivers" } },
      { at: "topRated.2", data: { title: null, minutes: 90 } },
    ]);
  });

  test("comes once for an object, however often it is spread", async () => {
    const source = "{ me { ...A ...B } } fragment A on User { ...C } fragment B on User { ...C }";
    const { answer } = await execute(`${source} fragment C on User { ... @defer { badge } }`);
    expect((await answer).pending).toHaveLength(1);
  });

  test.each([
    ["is off", "@defer(if: false)", {}],
    ["is off by a variable", "@defer(if: $no)", { no: false }],
    ["is skipped", "@defer @skip(if: true)", {}],
    ["has nothing to fetch", "@defer", {}],
  ])("does not come late where it %s", async (_title, directives, variables) => {
    const body = _title === "has nothing to fetch" ? "code" : "label";
    const source = `query ($no: Boolean = true) { product(id: "p1") { id brand { code ... ${directives} { ${body} } } } t: __typename @include(if: $no) }`;
    const { answer } = await execute(source, { variables });
    const { first, pending } = await answer;
    expect(pending).toEqual([]);
    const brand =
      _title === "is skipped" || body === "code" ? { code: "acme" } : { code: "acme", label: "ACME" };
    expect(toJson(first.data)).toMatchObject({ product: { brand } });
  });

  test("keeps a client's aliases apart from what stands in its place meanwhile", async () => {
    const { answer } = await execute("{ me { atlas_late_d0: id __proto__: name ... @defer { badge } } }");
    const deferred = await answer;
    expect(JSON.stringify(deferred.first.data)).toBe('{"me":{"atlas_late_d0":"u1","__proto__":"Name u1"}}');
    expect(partsOf(await readNext(deferred))).toEqual([{ at: "me", data: { badge: "B-u1" } }]);
  });
});

describe("an error in a deferred fragment", () => {
  test("is told in its part, by the path in the whole answer", async () => {
    const { answer } = await execute("{ latest { id author { id ... @defer { badge } } } }");
    const deferred = await answer;
    expect(deferred.first.errors).toBeUndefined();
    expect(partsOf(await readNext(deferred))).toContainEqual({
      at: "latest.1.author",
      data: { badge: null },
      errors: [["latest", 1, "author", "badge"]],
    });
  });

  test("of a null that may not be stops at the fragment, and costs no other part", async () => {
    const { answer } = await execute("{ products { id ... @defer { fragile } } }");
    const deferred = await answer;
    expect(deferred.first.data).toHaveProperty("products.2.id", "p3");
    expect(partsOf(await readNext(deferred))).toEqual([
      { at: "products.0", data: { fragile: 0 } },
      { at: "products.1", data: { fragile: 1 } },
      { at: "products.2", data: null, errors: [["products", 2, "fragile"]] },
    ]);
  });

  test("of a subgraph that cannot be asked is told in each part that waits for it, and in no other", async () => {
    const intercept = ({ subgraph }: SubgraphCall<undefined>) => {
      if (subgraph === "stock") throw new AppError("SUBGRAPH_TIMEOUT", 504, "too slow");
      return undefined;
    };
    const source = "{ products { name ... @defer { inStock } } me { ... @defer { badge } } }";
    const { answer } = await execute(source, { intercept });
    const deferred = await answer;
    expect(deferred.first.errors).toBeUndefined();
    const parts: ReturnType<typeof partsOf> = [];
    for await (const late of deferred.rest) parts.push(...partsOf(late));
    const failed = parts.map(({ errors }) => errors).filter((errors) => errors !== undefined);
    expect(failed).toEqual([0, 1, 2].map((at) => [["products", at]]));
    expect(parts).toContainEqual({ at: "me", data: { badge: "B-u1" } });
  });

  test("stays where the data is read, although the part that it failed in is another", async () => {
    const source = "{ me { id badge ... @defer { friends { id ... @defer { badge } } } } }";
    const { answer } = await execute(source);
    const merged: unknown[] = [];
    const deferred = await answer;
    for await (const late of deferred.rest) merged.push(...partsOf(late));
    expect(merged).toContainEqual({
      at: "me.friends.0",
      data: { badge: null },
      errors: [["me", "friends", 0, "badge"]],
    });
  });
});

describe("without a plan for it", () => {
  test("a deferred fragment comes with the rest", async () => {
    // Apollo's planner has no plan for this with the fragment deferred.
    const source = "{ topRated { rating ... on SearchResult @defer { __typename } } }";
    const { first, pending } = await (await execute(source)).answer;
    expect(pending).toEqual([]);
    expect(toJson(first.data)).toEqual({
      topRated: [{ rating: 4.5, __typename: "Book" }, null, { rating: 3, __typename: "Film" }],
    });
  });

  test("because planning it takes too long, the whole is planned", async () => {
    const slow: Planner = {
      plan: async (document) => {
        const isDeferred = JSON.stringify(document).includes('"defer"');
        if (isDeferred) throw new AppError("PLANNING_TIMEOUT", 503, "too long");
        return planner.plan(document);
      },
    };
    const { answer } = await execute("{ me { id ... @defer { badge } } }", { planner: slow });
    expect(await answer).toMatchObject({ first: { data: { me: { id: "u1", badge: "B-u1" } } }, pending: [] });
  });

  test("a mutation's own subgraph is not asked again for what the mutation answered", async () => {
    const graph = composeForTest({
      notes: {
        sdl: `type Query { a: Int } type Mutation { write: Note } type Note @key(fields: "id") { id: ID! text: String }`,
        resolvers: {
          Mutation: { write: () => ({ id: "1", text: "as written" }) },
          Note: { __resolveReference: () => ({ id: "1", text: "as stored" }) },
        },
      },
      views: {
        sdl: `type Note @key(fields: "id") { id: ID! views: Int }`,
        resolvers: { Note: { __resolveReference: () => ({ id: "1", views: 3 }) } },
      },
    });
    const engine = createEngine({ ...graph, planner: createPlanners(graph.parsed).apollo() });
    const source = "mutation { write { id ... @defer { text } ... @defer { views } } }";
    const plan = await engine.plan(parse(source), undefined);
    const deferred = await engine.executeDeferred(plan, { variables: {}, context: undefined, signal: NEVER });
    expect(toJson(deferred.first.data)).toEqual({ write: { id: "1", text: "as written" } });
    expect(partsOf(await readNext(deferred))).toEqual([{ at: "write", data: { views: 3 } }]);
  });
});

describe("a reader who", () => {
  test("stops reading stops the fetches", async () => {
    const source = "{ me { id ... @defer { favourite { rating } } ... @defer { badge } } }";
    const { answer, calls } = await execute(source, { held: ["reviews"] });
    const deferred = await answer;
    for await (const late of deferred.rest) {
      expect(late.hasNext).toBe(true);
      break;
    }
    const held = calls.find(({ subgraph }) => subgraph === "reviews");
    expect(held?.signal.aborted).toBe(true);
  });

  test("has left is not fetched for", async () => {
    const controller = new AbortController();
    const source = "{ me { id ... @defer { reviews { score product { inStock } } } } }";
    const { answer, calls, letGo } = await execute(source, { held: ["reviews"], signal: controller.signal });
    const deferred = await answer;
    controller.abort();
    letGo("reviews");
    for await (const late of deferred.rest) expect(late.hasNext).toBe(false);
    expect(calls.map(({ subgraph }) => subgraph)).toEqual(["people", "reviews"]);
  });

  test("executes it as a whole gets what one server answers", async () => {
    const engine = createEngine({ ...shop, planner });
    const plan = await engine.plan(parse("{ me { id ... @defer { badge } } }"), undefined);
    expect(plan.isDeferred).toBe(true);
    const answer = await engine.execute(plan, { variables: {}, context: undefined, signal: NEVER });
    expect(toJson(answer)).toEqual({ data: { me: { id: "u1", badge: "B-u1" } } });
  });
});
