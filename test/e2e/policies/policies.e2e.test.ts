/** The case tables of policies/ again, through the running graph: real tokens, real subgraphs, real rows. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readRowTables } from "../../../policies/cases/readTables.ts";
import { createDisposer } from "../../support/createDisposer.ts";
import { insertSignals } from "../../support/insertSignals.ts";
import { type Region, startRegion } from "../../support/startRegion.ts";
import { canSignIn, claimsOf } from "./callers.ts";
import { isMasked, rowQueries } from "./rowQueries.ts";
import { type StoredRows, storeRows } from "./storeRows.ts";

const tenant = "cases";
const disposer = createDisposer();
let region: Region;
let rows: StoredRows;

beforeAll(async () => {
  region = disposer.use(await startRegion());
  const signals = readRowTables()
    .flatMap(({ cases }) => cases)
    .flatMap(({ type, attributes: { marking, residency, age } }) =>
      type === "Signal" && typeof age === "number"
        ? [{ marking: String(marking), residency: String(residency), age }]
        : [],
    );
  rows = await storeRows(region.database, tenant, signals);
}, 300_000);
afterAll(async () => disposer[Symbol.asyncDispose]());

describe("the case tables", () => {
  let asked = 0;
  afterAll(() => console.info(`${asked} cases asked over the graph`));

  test.each(readRowTables())("$table: the graph answers as Rego decides", async ({ cases }) => {
    const wrong: unknown[] = [];
    for (const { name, caller, callerName, type, attributes, expected } of cases) {
      const id = rows.find(type, attributes);
      const query = rowQueries[type];
      if (!id || !query?.isOpenTo(caller) || !canSignIn(caller)) continue;
      asked += 1;
      const { data, errors } = await region.query(query.query, { id }, claimsOf(caller, tenant));
      const row = query.read(data);
      const isThere = row !== null;
      const isRight =
        isThere === (expected.outcome !== "drop") &&
        errors === undefined &&
        (!row ||
          Object.entries(row).every(([field, value]) => {
            const mask = expected.masks[field];
            const stored = query.stored[field];
            return mask ? isMasked(mask.as, value, stored) : stored === undefined || value === stored;
          }));
      if (!isRight) wrong.push({ name, callerName, type, attributes, expected, row, errors });
    }
    expect(wrong).toEqual([]);
  });

  test("were not passed over", () => {
    expect(asked).toBeGreaterThan(100);
  });
});

describe("rows that a caller may not see", () => {
  const list =
    "{ signals(first: 100) { totalCount pageInfo { endCursor hasNextPage } edges { node { id marking } } } }";
  type List = { signals: { totalCount: number; edges: { node: { id: string; marking: string } }[] } };
  const as = (clearance: string) => ({ tenant: "counting", clearance });
  let ids: readonly string[];

  beforeAll(async () => {
    const stored = await insertSignals(
      region.database,
      ["CLEAR", "GREEN", "AMBER", "AMBER_STRICT", "RED", "RED"].map((marking) => ({
        marking,
        tenant: "counting",
      })),
    );
    ids = stored.map(({ id }) => `global-signal-${id}`);
  });

  test("are in no list, no count and no page", async () => {
    const counts = await Promise.all(
      ["clear", "green", "amber", "amber+strict", "red"].map(async (clearance) => {
        const { data } = await region.query<List>(list, {}, as(clearance));
        const own = data?.signals.edges.filter(({ node }) => ids.includes(node.id)).length;
        return [own, data?.signals.totalCount];
      }),
    );
    const everybodys = (counts[0]?.[1] ?? 0) - 1;
    expect(counts).toEqual([1, 2, 3, 4, 6].map((own) => [own, everybodys + own]));
  });

  test("are not counted by what counts rows elsewhere", async () => {
    const counted = '{ source(code: "analyst") { signalCount } }';
    const count = async (clearance: string) =>
      (await region.query<{ source: { signalCount: number } }>(counted, {}, as(clearance))).data?.source
        .signalCount ?? 0;
    expect((await count("red")) - (await count("green"))).toBe(4);
  });

  test("are null without a word where they are asked for by id", async () => {
    const [, , , , red] = ids;
    const query =
      "query ($id: ID!) { signal(id: $id) { title } node(id: $id) { id ... on Signal { title } } }";
    const answer = await region.query(query, { id: red }, as("amber"));
    expect([answer.data, answer.errors]).toEqual([{ signal: null, node: null }, undefined]);
    expect((await region.query(query, { id: red }, as("red"))).data).toEqual({
      signal: { title: "Something happened" },
      node: { id: red, title: "Something happened" },
    });
  });

  test("are not told by the answer of the mutation that wrote them", async () => {
    const input = {
      domain: "CYBER",
      kind: "test",
      title: "Written above one's clearance",
      severity: 0.1,
      confidence: 1,
      marking: "RED",
      observedAt: "2026-03-03T12:00:00Z",
      idempotencyKey: "above",
    };
    const query =
      "mutation ($input: RecordSignalInput!) { recordSignal(input: $input) { ... on SignalRecorded { signal { id title } } } }";
    const { data, errors } = await region.query(query, { input }, as("amber"));
    expect(data).toEqual({ recordSignal: null });
    expect(errors).toMatchObject([
      { path: ["recordSignal"], extensions: { code: "UNAUTHORIZED_FIELD_OR_TYPE" } },
    ]);
  });

  test("leave no trace of what the gateway asked for itself", async () => {
    const { data } = await region.query(list, {}, as("red"));
    expect(JSON.stringify(data)).not.toContain("atlas__");
  });
});

test("masked values are named beside the answer", async () => {
  const [signal] = await insertSignals(region.database, [{ marking: "AMBER", tenant: "counting" }]);
  const answer = await region.query(
    "query ($id: ID!) { signal(id: $id) { sourceId id } }",
    { id: `global-signal-${signal?.id}` },
    { tenant: "counting" },
  );
  expect(answer.data).toEqual({
    signal: { sourceId: expect.stringMatching(/^[0-9a-f]{16}$/), id: `global-signal-${signal?.id}` },
  });
  expect(answer).toHaveProperty("extensions.masked", [
    { coordinate: "Signal.sourceId", as: "hash", reason: "PSEUDONYM_ONLY" },
  ]);
});
