/** Lists and relations of the intelligence subgraph over a real database. What all subgraphs share is in test/contract/subgraphs. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { insertSignals, insertSource, type TestSignal } from "../../../test/support/insertSignals.ts";
import { startDatabase, type TestDatabase } from "../../../test/support/startDatabase.ts";
import { type RunningSubgraph, startSubgraph } from "../../../test/support/startSubgraph.ts";
import { toGlobalId } from "../../shared/ids.ts";
import { createSeededRandom } from "../../shared/seededRandom.ts";
import { type FilteredFields, matchesFilter, type SignalFilter } from "../domain/signalFilter.ts";

let database: TestDatabase;
let subgraph: RunningSubgraph;
let stored: readonly TestSignal[];

const countries = [
  "AT",
  "BE",
  "CH",
  "DE",
  "ES",
  "FI",
  "FR",
  "GB",
  "GR",
  "HU",
  "IE",
  "IT",
  "LT",
  "LU",
  "LV",
  "MT",
  "NL",
  "PL",
  "PT",
  "SE",
];

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  for (const code of ["analyst", "cisa-kev"]) await insertSource(database, code);
  stored = await insertSignals(database, [
    // Three of a country, two of them at the same moment: only ids can order those.
    ...countries.flatMap((country_code) => [
      { country_code, domain: "CYBER", severity: 0.2 },
      { country_code, domain: "ECONOMIC", severity: 0.6, source_code: "cisa-kev" },
      { country_code, domain: "SOCIAL", severity: 0.9, observed_at: "2026-03-01T00:00:00.000Z" },
    ]),
    { country_code: null, title: "of nowhere", observed_at: "2026-03-02T00:00:00.000Z" },
    { tenant: "public", title: "of everybody", country_code: "DE", observed_at: "2026-03-04T00:00:00.000Z" },
    {
      tenant: "globex",
      title: "of another tenant",
      country_code: "DE",
      observed_at: "2026-03-05T00:00:00.000Z",
    },
  ]);
  subgraph = await startSubgraph("intelligence", database);
}, 60_000);

afterAll(async () => {
  await subgraph?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

type Page = {
  readonly edges: readonly { readonly node: { readonly id: string; readonly title: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly totalCount?: number;
};

async function ask<Data>(query: string, variables = {}, claims = {}): Promise<Data> {
  const { data, errors } = await subgraph.query<Data>(query, variables, claims);
  expect(errors).toBeUndefined();
  if (!data) throw new Error("expected data; got none");
  return data;
}

/** Statements on this subgraph's tables; those of its background jobs are not counted. */
async function countStatements(work: () => Promise<unknown>): Promise<number> {
  const { statements } = await database.countStatements(work);
  return statements
    .filter(({ text }) => /\bintelligence"?\.(?!"?outbox)/.test(text))
    .reduce((sum, { calls }) => sum + calls, 0);
}

const signalsQuery = `query ($first: Int, $after: String, $filter: SignalFilter) {
  signals(first: $first, after: $after, filter: $filter) {
    edges { node { id title } } pageInfo { hasNextPage endCursor }
  }
}`;

async function walk(first: number, filter = {}, claims = {}): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let after: string | null = null; ; ) {
    const { signals }: { signals: Page } = await ask(signalsQuery, { first, after, filter }, claims);
    ids.push(...signals.edges.map(({ node }) => node.id));
    if (!signals.pageInfo.hasNextPage) return ids;
    after = signals.pageInfo.endCursor;
  }
}

function idsOf(signals: readonly TestSignal[]): readonly string[] {
  return [...signals]
    .sort((a, b) => b.observed_at.localeCompare(a.observed_at) || b.id.localeCompare(a.id))
    .map(({ id, residency }) => toGlobalId(residency, "Signal", id));
}

type Moments = { readonly observedFrom: string | undefined; readonly observedBefore: string | undefined };

/** What is undefined is left out, as in JSON. */
function toDomainFilter({ observedFrom, observedBefore, ...others }: Moments): SignalFilter {
  return {
    ...JSON.parse(JSON.stringify(others)),
    ...(observedFrom ? { observedFrom: new Date(observedFrom) } : {}),
    ...(observedBefore ? { observedBefore: new Date(observedBefore) } : {}),
  };
}

function toFields({ domain, country_code, source_code, severity, observed_at }: TestSignal): FilteredFields {
  return {
    domain,
    countryCode: country_code,
    sourceCode: source_code,
    severity,
    observedAt: new Date(observed_at),
  };
}

const readable = (): readonly TestSignal[] => stored.filter(({ tenant }) => tenant !== "globex");

describe("signals", () => {
  test("come newest first, and pages join without a gap or a repetition", async () => {
    const all = idsOf(readable());
    expect(await walk(7)).toEqual(all);
    expect(await walk(100)).toEqual(all);
  });

  test("of another tenant are not there, by list, id or count", async () => {
    const theirs = stored.find(({ tenant }) => tenant === "globex");
    const id = toGlobalId("global", "Signal", theirs?.id ?? "");
    const query = "query ($id: ID!) { signal(id: $id) { title } signals { totalCount } }";
    expect(await ask(query, { id })).toEqual({ signal: null, signals: { totalCount: 62 } });
    expect(await ask(query, { id }, { tenant: "globex" })).toEqual({
      signal: { title: "of another tenant" },
      signals: { totalCount: 2 },
    });
    expect(await walk(100, {}, { tenant: "public", sub: null, anonymous: true })).toHaveLength(1);
  });

  test.each([
    [{ domains: ["ECONOMIC"] }, (one: TestSignal) => one.domain === "ECONOMIC"],
    [{ domains: [] }, () => false],
    [
      { countries: ["de", "FR"] },
      (one: TestSignal) => one.country_code === "DE" || one.country_code === "FR",
    ],
    [{ sources: ["cisa-kev"] }, (one: TestSignal) => one.source_code === "cisa-kev"],
    [{ minSeverity: 0.6 }, (one: TestSignal) => one.severity >= 0.6],
    [{ observedFrom: "2026-03-03T13:00:00+01:00" }, (one: TestSignal) => one.observed_at >= "2026-03-03T12"],
    [{ observedBefore: "2026-03-03T12:00:00Z" }, (one: TestSignal) => one.observed_at < "2026-03-03T12"],
    [
      {
        domains: ["SOCIAL", "CYBER"],
        countries: ["SE"],
        minSeverity: 0.1,
        observedBefore: "2026-03-02T00:00:00Z",
      },
      (one: TestSignal) => one.country_code === "SE" && one.domain === "SOCIAL",
    ],
  ])("that match %j", async (filter, matches) => {
    expect(await walk(50, filter)).toEqual(idsOf(readable().filter(matches)));
  });

  test("match a filter in SQL exactly when their events match it", async () => {
    const random = createSeededRandom("filters");
    const some = <Item>(items: readonly [Item, ...Item[]]): Item[] | undefined =>
      random.next() < 0.5 ? undefined : Array.from({ length: 2 }, () => random.pick(items));
    const moment = () =>
      random.next() < 0.7
        ? undefined
        : random.pick(["2026-03-01T00:00:00.000Z", "2026-03-03T12:00:00.000Z"] as const);
    for (let round = 0; round < 60; round += 1) {
      const filter = {
        domains: some(["CYBER", "ECONOMIC", "SOCIAL", "GEOPOLITICAL"]),
        countries: some(["DE", "FR", "SE", "XX"]),
        sources: some(["analyst", "cisa-kev"]),
        minSeverity: random.next() < 0.5 ? undefined : random.pick([0, 0.2, 0.5, 0.6, 0.9, 1] as const),
        observedFrom: moment(),
        observedBefore: moment(),
      };
      const matching = readable().filter((one) => matchesFilter(toDomainFilter(filter), toFields(one)));
      expect(await walk(100, filter)).toEqual(idsOf(matching));
    }
  });

  test("cost one statement, and another one only when the count is asked for", async () => {
    expect(await countStatements(() => ask(signalsQuery, { first: 20 }))).toBe(1);
    expect(
      await countStatements(() => ask("{ signals(first: 5) { totalCount edges { node { id } } } }")),
    ).toBe(2);
  });

  test.each([
    ["first: 0", "expected `first` from 1 to 100; got 0"],
    ["first: 101", "expected `first` from 1 to 100; got 101"],
    ['after: "nonsense"', "expected a cursor"],
    [`after: "${Buffer.from('["Berlin","x"]').toString("base64url")}"`, "expected a cursor"],
    ['filter: { countries: ["Germany"] }', 'expected an ISO 3166-1 alpha-2 code such as "DE"; got "Germany"'],
    ['filter: { sources: ["a\\u0000b"] }', "expected a text without NUL"],
  ])("asked for with %s are refused", async (args, message) => {
    const { errors } = await subgraph.query(`{ signals(${args}) { edges { node { id } } } }`);
    expect(errors?.[0]?.message).toContain(message);
    expect(errors?.[0]?.extensions?.code).toBe("BAD_USER_INPUT");
  });
});

describe("Country", () => {
  const query = `query ($representations: [_Any!]!, $filter: SignalFilter) {
    _entities(representations: $representations) {
      ... on Country { code signals(first: 2, filter: $filter) { totalCount edges { node { id title } } pageInfo { hasNextPage } } }
    }
  }`;
  type Answer = { readonly _entities: readonly { readonly code: string; readonly signals: Page }[] };
  const representations = countries.map((code) => ({ __typename: "Country", code }));

  test("has a page of signals each, of its own and with its own count", async () => {
    const { _entities } = await ask<Answer>(query, { representations });
    for (const { code, signals } of _entities) {
      const own = idsOf(readable().filter(({ country_code }) => country_code === code));
      expect(signals.edges.map(({ node }) => node.id)).toEqual(own.slice(0, 2));
      expect(signals.totalCount).toBe(own.length);
      expect(signals.pageInfo.hasNextPage).toBe(true);
    }
  });

  test("20 of them cost as many statements as one: the pages and the counts", async () => {
    const filter = { domains: ["CYBER", "SOCIAL"] };
    const ask20 = () => ask(query, { representations, filter });
    const ask1 = () => ask(query, { representations: representations.slice(0, 1), filter });
    expect(await countStatements(ask20)).toBe(2);
    expect(await countStatements(ask1)).toBe(2);
  });

  test("goes on after a cursor", async () => {
    const own = idsOf(readable().filter(({ country_code }) => country_code === "SE"));
    const page = (after: string | null) =>
      ask<{ readonly _entities: readonly [{ readonly signals: Page }] }>(
        `query ($after: String) { _entities(representations: [{ __typename: "Country", code: "SE" }]) {
           ... on Country { signals(first: 2, after: $after) { edges { node { id title } } pageInfo { hasNextPage endCursor } } } } }`,
        { after },
      );
    const { _entities: first } = await page(null);
    const { _entities: second } = await page(first[0].signals.pageInfo.endCursor);
    expect([first, second].flatMap(([one]) => one.signals.edges.map(({ node }) => node.id))).toEqual(own);
    expect(second[0].signals.pageInfo.hasNextPage).toBe(false);
  });
});

describe("Region and Source", () => {
  test("tell what is fetched, without what may be secret in its address", async () => {
    await database.query(
      `INSERT INTO intelligence.connector (code, source_code, kind, importer, url, every_seconds, bytes_max)
       VALUES ('kev', 'cisa-kev', 'DOCUMENT', 'kev', 'https://user:pass@feeds.example/kev.json?key=secret', 900, 1024)`,
    );
    const query = `{ _entities(representations: [{ __typename: "Source", code: "cisa-kev" }]) {
      ... on Source { connectors { code kind url everySeconds lastOutcome failures } } } }`;
    expect(await ask(query)).toEqual({
      _entities: [
        {
          connectors: [
            {
              code: "kev",
              kind: "DOCUMENT",
              url: "https://feeds.example/kev.json",
              everySeconds: 900,
              lastOutcome: null,
              failures: 0,
            },
          ],
        },
      ],
    });
  });

  test("tell what came in", async () => {
    const query = `{ _entities(representations: [
      { __typename: "Region", code: "us-east" }, { __typename: "Region", code: "eu-west" }, { __typename: "Source", code: "cisa-kev" }
    ]) { ... on Region { ingestion { signalCount quarantined } } ... on Source { signalCount lastImport { read } } } }`;
    expect(await ask(query)).toEqual({
      _entities: [
        { ingestion: { signalCount: 62, quarantined: 0 } },
        { ingestion: { signalCount: 0, quarantined: 0 } },
        { signalCount: 20, lastImport: null },
      ],
    });
  });
});

describe("entities", () => {
  const names = ["100% Pure", "1000 Pure", "Zebra", "zebra_1"] as const;
  const ids = new Map<string, string>(names.map((name) => [name, randomUUID()]));

  beforeAll(async () => {
    for (const [index, name] of names.entries()) {
      await database.query(
        `INSERT INTO intelligence.entity (id, tenant, residency, kind, name, aliases, source_code, source_id, updated_at)
         VALUES ($1, $2, 'global', $3, $4, $5, 'cisa-kev', $4, '2026-01-01Z')`,
        [
          ids.get(name),
          name === "Zebra" ? "globex" : "public",
          ["ACTOR", "MALWARE"][index % 2],
          name,
          [`alias of ${name}`],
        ],
      );
    }
    const relate = (from: string, to: string) =>
      database.query(
        `INSERT INTO intelligence.entity_relation (id, tenant, source_code, source_id, kind, from_entity_id, to_entity_id, updated_at)
         VALUES ($1, 'public', 'cisa-kev', $2, 'uses', $3, $4, '2026-01-01Z')`,
        [randomUUID(), `${from} ${to}`, ids.get(from), ids.get(to)],
      );
    await relate("100% Pure", "1000 Pure");
    await relate("zebra_1", "100% Pure");
    await relate("100% Pure", "Zebra");
  });

  test.each([
    ["100%", ["100% Pure"]],
    ["ZEBRA", ["zebra_1"]],
    ["_", ["zebra_1"]],
    ["alias of 1", ["100% Pure", "1000 Pure"]],
    ["\\", []],
  ])("are found by a part of a name or an alias: %s", async (nameContains, found) => {
    const query = "query ($filter: EntityFilter) { entities(filter: $filter) { edges { node { name } } } }";
    const { entities } = await ask<{
      readonly entities: { readonly edges: readonly { readonly node: object }[] };
    }>(query, {
      filter: { nameContains },
    });
    expect(entities.edges.map(({ node }) => node)).toEqual(found.map((name) => ({ name })));
  });

  test("are of the type that their kind says, and relate both ways to those that the caller may read", async () => {
    const query = `query ($id: ID!) { entity(id: $id) {
      __typename name relations { kind outgoing entity { __typename name } } incoming: relations(first: 1, kind: "targets") { kind }
    } }`;
    expect(await ask(query, { id: toGlobalId("global", "Actor", ids.get("100% Pure") ?? "") })).toEqual({
      entity: {
        __typename: "Actor",
        name: "100% Pure",
        relations: [
          { kind: "uses", outgoing: true, entity: { __typename: "Malware", name: "1000 Pure" } },
          { kind: "uses", outgoing: false, entity: { __typename: "Malware", name: "zebra_1" } },
        ],
        incoming: [],
      },
    });
    const asMalware = toGlobalId("global", "Malware", ids.get("100% Pure") ?? "");
    expect(await ask(query, { id: asMalware })).toEqual({ entity: null });
  });

  test("and signals name each other, where the caller may read both", async () => {
    const [signal] = readable();
    const theirs = stored.find(({ tenant }) => tenant === "globex");
    const link = (from: TestSignal | undefined, to: string) =>
      database.query("INSERT INTO intelligence.signal_entity VALUES ($1, $2)", [from?.id, ids.get(to)]);
    await link(signal, "1000 Pure");
    await link(signal, "Zebra");
    await link(theirs, "1000 Pure");
    const query = `query ($id: ID!) { signal(id: $id) { entities { name signals(first: 5) { id } } } }`;
    const id = toGlobalId("global", "Signal", signal?.id ?? "");
    expect(await ask(query, { id })).toEqual({
      signal: { entities: [{ name: "1000 Pure", signals: [{ id }] }] },
    });
  });
});
