import { beforeEach, describe, expect, test } from "@jest/globals";
import type { SubgraphAnswer, SubgraphCall } from "../engine/engine.ts";
import { AppError } from "../errors.ts";
import type { Filter } from "./mayCross.ts";
import type { Place, RegionStatus } from "./rankRegions.ts";
import { createRouteCalls } from "./routeCalls.ts";

type Context = { readonly filters: Readonly<Record<string, Filter>> };
type Call = SubgraphCall<Context>;

const uuid = (digit: number) => `0192b1c4-0000-7000-8000-00000000000${digit}`;
const id = (residency: string, digit: number, type = "signal") => `${residency}-${type}-${uuid(digit)}`;
const researchFromUs: Filter = {
  type: "compound",
  operator: "and",
  value: [
    { type: "field", operator: "in", field: "marking", value: ["CLEAR"] },
    {
      type: "compound",
      operator: "or",
      value: [
        { type: "field", operator: "in", field: "residency", value: ["GLOBAL", "US"] },
        { type: "field", operator: "in", field: "residency", value: ["BR", "EU"] },
      ],
    },
  ],
};

/** What each region was asked, in the order of the calls. */
const asked: { readonly region: string; readonly call: Call }[] = [];
const statuses = new Map<string, RegionStatus>();
/** What a region answers in place of the rows that it has. */
const answers = new Map<string, (call: Call) => SubgraphAnswer | AppError>();

beforeEach(() => {
  asked.length = 0;
  statuses.clear();
  answers.clear();
});

const regions = [
  { region: "us-east", holds: ["global", "us", "br"] },
  { region: "eu-west", holds: ["global", "eu"] },
  // A second region of one jurisdiction, farther away.
  { region: "eu-north", holds: ["global", "eu"] },
  { region: "ap-southeast", holds: ["global", "ap"] },
];

function places(): Place[] {
  return regions.map((one, index) => ({
    ...one,
    status: statuses.get(one.region) ?? "SERVING",
    isHere: one.region === "us-east",
    latencyMs: index * 10,
  }));
}

/** Each region knows the rows that it may hold, and tells which region it is. */
async function answer(region: string, call: Call): Promise<SubgraphAnswer> {
  asked.push({ region, call });
  const given = answers.get(region)?.(call);
  if (given instanceof AppError) throw given;
  if (given) return given;
  const { representations } = call.variables;
  if (!Array.isArray(representations)) return { data: { row: { region } } };
  return { data: { _entities: representations.map((one: { id: string }) => ({ id: one.id, region })) } };
}

const calls = createRouteCalls<Context>({
  local: {
    request: (call) => answer("us-east", call),
    requestText: async ({ body, ...told }) => {
      const { query, operationName, variables } = JSON.parse(Buffer.from(body, "latin1").toString("utf8"));
      const found = await answer("us-east", { ...told, query, operationName, variables });
      return { bytes: Buffer.from(JSON.stringify(found)), isPlain: true, parse: () => found };
    },
  },
  callsOf: (region) => ({ request: (call) => answer(region, call) }),
  places,
  filtersOf: ({ filters }) => filters,
});

function toCall(change: Partial<Call>): Call {
  return {
    subgraph: "intelligence",
    operationKind: "query",
    query: "{ row }",
    operationName: undefined,
    variables: {},
    context: { filters: { Signal: researchFromUs, DataSubject: "none" } },
    signal: new AbortController().signal,
    ...change,
  };
}

const entities = (ids: readonly string[], change: Partial<Call> = {}) =>
  toCall({
    variables: { representations: ids.map((one) => ({ __typename: "Signal", id: one })) },
    ...change,
  });
const regionsAsked = () => asked.map(({ region }) => region);

describe("entities", () => {
  test("of this region and of everybody are asked for here, as one call that nothing has touched", async () => {
    const call = entities([id("us", 1), id("global", 2), id("br", 3)]);
    await calls.request(call);
    expect(asked).toEqual([{ region: "us-east", call }]);
    expect(asked[0]?.call).toBe(call);
  });

  test("of several jurisdictions are split, and come back in the order in which they were asked for", async () => {
    const ids = [id("eu", 1), id("us", 2), id("eu", 3), id("global", 4)];
    const { data, errors } = await calls.request(entities(ids));
    expect(errors).toBeUndefined();
    expect(data?._entities).toEqual([
      { id: ids[0], region: "eu-west" },
      { id: ids[1], region: "us-east" },
      { id: ids[2], region: "eu-west" },
      { id: ids[3], region: "us-east" },
    ]);
    const toEurope = asked.find(({ region }) => region === "eu-west")?.call.variables.representations;
    expect(toEurope).toEqual([
      { __typename: "Signal", id: ids[0] },
      { __typename: "Signal", id: ids[2] },
    ]);
  });

  test("that may not leave are denied by name, and their region never hears of the question", async () => {
    const { data, errors } = await calls.request(entities([id("us", 1), id("ap", 2)]));
    expect(data?._entities).toEqual([{ id: id("us", 1), region: "us-east" }, null]);
    expect(errors).toEqual([
      {
        message: "Rows of AP may not leave it for this caller and purpose.",
        path: ["_entities", 1],
        extensions: { code: "RESIDENCY_DENIED" },
      },
    ]);
    expect(regionsAsked()).toEqual(["us-east"]);
  });

  test.each<[string, Readonly<Record<string, Filter>>]>([
    ["shows no row of the type", { Signal: "none" }],
    ["says nothing of the type", { Source: "all" }],
    [
      "has a condition that is not understood",
      { Signal: { type: "compound", operator: "not", value: [researchFromUs] } },
    ],
    ["has an empty alternative", { Signal: { type: "compound", operator: "or", value: [] } }],
  ])("are denied when the policy %s", async (_why, filters) => {
    const { errors } = await calls.request(entities([id("eu", 1)], { context: { filters } }));
    expect(errors?.[0]?.extensions?.code).toBe("RESIDENCY_DENIED");
    expect(asked).toEqual([]);
  });

  test("go on to the next lawful region when one does not answer, and to no other", async () => {
    const gone = new AppError("SUBGRAPH_UNAVAILABLE", 502, "gone");
    answers.set("eu-west", () => gone);
    const { data } = await calls.request(entities([id("eu", 1)]));
    expect(data?._entities).toEqual([{ id: id("eu", 1), region: "eu-north" }]);
    answers.set("eu-north", () => gone);
    const { errors } = await calls.request(entities([id("eu", 1), id("eu", 2)]));
    expect(errors).toEqual([
      { message: "gone", path: ["_entities", 0], extensions: { code: "SUBGRAPH_UNAVAILABLE" } },
      { message: "gone", path: ["_entities", 1], extensions: { code: "SUBGRAPH_UNAVAILABLE" } },
    ]);
    expect(new Set(regionsAsked())).toEqual(new Set(["eu-west", "eu-north"]));
  });

  test("of a jurisdiction without a serving region are refused with a code, and the others are there", async () => {
    statuses.set("eu-west", "DOWN").set("eu-north", "DRAINING");
    const { data, errors } = await calls.request(entities([id("eu", 1), id("global", 2)]));
    expect(data?._entities).toEqual([null, { id: id("global", 2), region: "us-east" }]);
    expect(errors).toMatchObject([{ path: ["_entities", 0], extensions: { code: "REGION_UNAVAILABLE" } }]);
  });

  test("keep the errors of their region, each at its place in the whole", async () => {
    answers.set("eu-west", () => ({
      data: { _entities: [null, { id: "x" }] },
      errors: [
        { message: "first", path: ["_entities", 0, "title"] },
        { message: "all of it", extensions: { code: "X" } },
      ],
    }));
    const { errors } = await calls.request(entities([id("us", 1), id("eu", 2), id("us", 3), id("eu", 4)]));
    expect(errors).toEqual([
      { message: "first", path: ["_entities", 1, "title"] },
      { message: "all of it", extensions: { code: "X" }, path: ["_entities", 1] },
      { message: "all of it", extensions: { code: "X" }, path: ["_entities", 3] },
    ]);
  });

  test("are in error when a region answers another number of them", async () => {
    answers.set("eu-west", () => ({ data: { _entities: [] } }));
    const { errors } = await calls.request(entities([id("us", 1), id("eu", 2)]));
    expect(errors).toMatchObject([{ path: ["_entities", 1] }]);
  });

  test("of an unknown residency, or with another key, stay here", async () => {
    await calls.request(entities([`mars-signal-${uuid(1)}`]));
    await calls.request(
      toCall({ variables: { representations: [{ __typename: "Region", code: "eu-west" }, { id: 7 }, {}] } }),
    );
    expect(regionsAsked()).toEqual(["us-east", "us-east"]);
  });
});

describe("a query by id", () => {
  const byId = (one: string) => toCall({ query: `{ row(id: "${one}") }` });

  test("asks here and where the row is, and takes what this region does not have from there", async () => {
    answers.set("us-east", () => ({
      data: { row: null, list: [1] },
      errors: [{ message: "no row", path: ["row"] }],
    }));
    answers.set("eu-west", () => ({
      data: { row: { id: 1 }, list: [2] },
      errors: [{ message: "list", path: ["list", 0] }],
    }));
    expect(await calls.request(byId(id("eu", 1)))).toEqual({ data: { row: { id: 1 }, list: [1] } });
  });

  test("asks nobody else for what this region has, such as a list or a reference by id", async () => {
    expect(await calls.request(byId(id("eu", 1)))).toEqual({ data: { row: { region: "us-east" } } });
    expect(regionsAsked()).toEqual(["us-east"]);
  });

  test("finds ids in variables, however deep", async () => {
    answers.set("us-east", () => ({ data: { row: null } }));
    await calls.request(toCall({ variables: { input: { ids: [[id("eu", 1)]] } } }));
    expect(regionsAsked().sort()).toEqual(["eu-west", "us-east"]);
  });

  test("is denied by name where the row may not leave, beside what this region has", async () => {
    answers.set("us-east", () => ({ data: { row: null } }));
    expect(await calls.request(byId(id("eu", 1, "datasubject")))).toEqual({
      data: { row: null },
      errors: [
        {
          message: "Rows of EU may not leave it for this caller and purpose.",
          extensions: { code: "RESIDENCY_DENIED" },
        },
      ],
    });
    expect(regionsAsked()).toEqual(["us-east"]);
  });
});

describe("a mutation", () => {
  const write = (...ids: readonly string[]) =>
    toCall({ operationKind: "mutation", variables: { input: ids } });

  test("goes to the region whose rows it names, and to no second one when that does not answer", async () => {
    answers.set("eu-west", () => new AppError("SUBGRAPH_TIMEOUT", 504, "late"));
    await expect(calls.request(write(id("eu", 1), id("global", 2)))).rejects.toMatchObject({
      code: "SUBGRAPH_TIMEOUT",
    });
    expect(regionsAsked()).toEqual(["eu-west"]);
  });

  test("of rows of this region, or of nobody's, stays here", async () => {
    await calls.request(write(id("us", 1)));
    await calls.request(write(id("global", 1)));
    await calls.request(write("eu-west", `eu-signal-${uuid(1)}0`));
    expect(regionsAsked()).toEqual(["us-east", "us-east", "us-east"]);
  });

  test("of rows of several jurisdictions is refused before anything is written", async () => {
    const mixed = expect.objectContaining({ code: "RESIDENCY_MIXED" });
    await expect(calls.request(write(id("eu", 1), id("us", 2)))).rejects.toEqual(mixed);
    await expect(calls.request(write(id("eu", 1), id("ap", 2)))).rejects.toEqual(mixed);
    expect(asked).toEqual([]);
  });

  test("that may not reach there, or whose region is down, is refused with a code", async () => {
    await expect(calls.request(write(id("ap", 1)))).rejects.toMatchObject({ code: "RESIDENCY_DENIED" });
    statuses.set("eu-west", "DOWN").set("eu-north", "DOWN");
    await expect(calls.request(write(id("eu", 1)))).rejects.toMatchObject({ code: "REGION_UNAVAILABLE" });
    expect(asked).toEqual([]);
  });
});

describe("a call whose body is ready", () => {
  const toText = ({ query, operationName, variables, ...told }: Call) => ({
    ...told,
    body: Buffer.from(JSON.stringify({ query, operationName, variables })).toString("latin1"),
  });

  test("passes through as it is when it names no row of another jurisdiction", async () => {
    const { bytes } = await calls.requestText(toText(entities([id("us", 1)])));
    expect(JSON.parse(bytes.toString())).toEqual({
      data: { _entities: [{ id: id("us", 1), region: "us-east" }] },
    });
  });

  test("is split like any other, letters beyond ASCII included", async () => {
    const call = entities([id("eu", 1), id("us", 2)], { query: '{ row(title: "Zürich 東京") }' });
    const { bytes, parse } = await calls.requestText(toText(call));
    expect(JSON.parse(bytes.toString())).toEqual(parse());
    expect(asked.find(({ region }) => region === "eu-west")?.call.query).toBe(
      '{ row(title: "Zürich 東京") }',
    );
  });
});
