/** What every subgraph promises of its entities and lists: order, nulls, a constant number of statements, tenancy. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startDatabase, type TestDatabase } from "../../support/startDatabase.ts";
import { type RunningSubgraph, startSubgraph } from "../../support/startSubgraph.ts";
import { resolveEntities } from "./resolveEntities.ts";
import { insertRows, ownedUuids, type Row } from "./samples/sample.ts";
import { samples } from "./samples.ts";

/** The rows of tenant acme, for which signContext.ts calls unless told otherwise. */
const ns = Array.from({ length: 20 }, (_nothing, index) => index + 1);
/** Nothing is stored for this one. */
const missing = 99;

const strangers = [
  ["another tenant", { tenant: "globex" }],
  ["nobody", { tenant: "public", sub: null, anonymous: true }],
] as const;

describe.each(samples)("$subgraph", (sample) => {
  let database: TestDatabase;
  let subgraph: RunningSubgraph;

  beforeAll(async () => {
    database = await startDatabase({ from: "migrated" });
    await insertRows(database, sample, ns, "acme");
    subgraph = await startSubgraph(sample.subgraph, database);
  }, 60_000);
  afterAll(async () => {
    await subgraph?.[Symbol.asyncDispose]();
    await database?.[Symbol.asyncDispose]();
  });

  /** Statements on this subgraph's tables; its background jobs' own are not counted. */
  async function countStatements(work: () => Promise<unknown>): Promise<number> {
    const { statements } = await database.countStatements(work);
    const ofTables = new RegExp(`\\b${sample.subgraph}"?\\.(?!"?outbox)`);
    return statements.reduce((sum, { text, calls }) => sum + (ofTables.test(text) ? calls : 0), 0);
  }

  async function askList(field: string, select: string, first: number, claims = {}): Promise<unknown> {
    const query = `query ($first: Int) { list: ${field}(first: $first) { ${select} } }`;
    const { data, errors } = await subgraph.query<{ list: unknown }>(query, { first }, claims);
    expect(errors).toBeUndefined();
    return data?.list;
  }

  describe.each(sample.entities)("$type", (entity) => {
    const [byFirstKey] = entity.keys;

    test("keeps the order of references, by each key", async () => {
      for (const key of entity.keys) {
        const references = [3, 1, 2, 1].map(key);
        const { data, errors } = await resolveEntities(subgraph, entity, references);
        expect(errors).toBeUndefined();
        expect(data?._entities.map((found) => found && pick(found, Object.keys(key(1))))).toEqual(references);
      }
    });

    test("gives null for a missing one and fails no other for a malformed one", async () => {
      for (const key of entity.keys) {
        const references = [key(1), key(missing), ...malformed(key(1)), key(2)];
        const { data } = await resolveEntities(subgraph, entity, references);
        const [first, none, ...rest] = data?._entities ?? [];
        const last = rest.pop();
        expect([first, last]).toEqual([expect.objectContaining(key(1)), expect.objectContaining(key(2))]);
        if (entity.belongs !== "to another subgraph")
          expect([none, ...rest]).toEqual([none, ...rest].map(() => null));
      }
    });

    test("blames the reference and nothing else for a malformed id", async () => {
      const references = [...malformed(byFirstKey?.(1) ?? {}).filter((reference) => "id" in reference)];
      const { errors = [] } = await resolveEntities(subgraph, entity, references);
      expect(errors).toHaveLength(references.length);
      for (const { extensions } of errors) expect(extensions?.code).toBe("BAD_USER_INPUT");
    });

    test("costs as many statements for 20 references as for 1", async () => {
      for (const key of entity.keys) {
        const ask = (count: number) => resolveEntities(subgraph, entity, ns.slice(0, count).map(key));
        const { data, errors } = await ask(ns.length);
        expect(errors).toBeUndefined();
        expect(data?._entities).not.toContain(null);
        const one = await countStatements(() => ask(1));
        expect(one).toBeGreaterThan(0);
        expect(await countStatements(() => ask(ns.length))).toBe(one);
      }
    });

    test.each(strangers)("shows %s nothing of tenant acme", async (_who, claims) => {
      for (const key of entity.keys) {
        const { data } = await resolveEntities(subgraph, entity, ns.map(key), claims);
        const found = data?._entities ?? [];
        if (entity.belongs === "to a tenant") {
          expect(found).toEqual(ns.map(() => null));
          // Without fields of other rows, whose absence alone would make these null.
          const alone = await resolveEntities(
            subgraph,
            { ...entity, select: "__typename" },
            ns.map(key),
            claims,
          );
          expect(alone.data?._entities).toEqual(ns.map(() => null));
        }
        expect(found).toHaveLength(ns.length);
        const told = found.map((one, index) => JSON.stringify({ ...one, ...blank(key(index + 1)) })).join();
        expect(ownedUuids(sample, ns).filter((uuid) => told.includes(uuid))).toEqual([]);
      }
    });
  });

  describe.each(sample.lists)("Query.$field", ({ field, select, belongs }) => {
    test("costs as many statements for 20 rows as for 1", async () => {
      await askList(field, select, ns.length);
      const one = await countStatements(() => askList(field, select, 1));
      expect(one).toBeGreaterThan(0);
      expect(await countStatements(() => askList(field, select, ns.length))).toBe(one);
    });

    test.each(strangers)("shows %s nothing of tenant acme", async (_who, claims) => {
      const list = await askList(field, select, ns.length, claims);
      const told = JSON.stringify(list);
      expect(ownedUuids(sample, ns).filter((uuid) => told.includes(uuid))).toEqual([]);
      if (belongs === "to a tenant") expect(rowsOf(list)).toEqual([]);
    });
  });
});

/** References that no row can have, of the same kind of key. */
function malformed(reference: Row): Row[] {
  if ("id" in reference) {
    const uuid = String(reference.id).slice(-36);
    return ["", "no id", `mars-thing-${uuid}`, `global-thing-${uuid}`, `${reference.id}0`].map((id) => ({
      id,
    }));
  }
  return Object.keys(reference).flatMap((key) => [{ [key]: "" }, { [key]: "\u0000" }]);
}

function pick(row: Row, keys: readonly string[]): Row {
  return Object.fromEntries(keys.map((key) => [key, row[key]]));
}

/** The caller knows the key that it asked by; it is not told by the answer. */
function blank(reference: Row): Row {
  return Object.fromEntries(Object.keys(reference).map((key) => [key, null]));
}

/** The rows of a list or of a connection, whose other fields must be empty too. */
function rowsOf(list: unknown): unknown {
  if (typeof list !== "object" || list === null || !("edges" in list)) return list;
  return "totalCount" in list && list.totalCount !== 0 ? [list.totalCount] : list.edges;
}
