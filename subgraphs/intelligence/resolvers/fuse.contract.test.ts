/** `Query.fuse` over a real database: computed from what the caller may read, by each method. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { insertSignals, insertSource } from "../../../test/support/insertSignals.ts";
import { startDatabase, type TestDatabase } from "../../../test/support/startDatabase.ts";
import { type RunningSubgraph, startSubgraph } from "../../../test/support/startSubgraph.ts";

/** What the gateway says of a caller whose clearance is amber. */
const amber: { readonly filters: Readonly<Record<string, unknown>> } = {
  filters: {
    Signal: { type: "field", operator: "in", field: "marking", value: ["CLEAR", "GREEN", "AMBER"] },
  },
};

let database: TestDatabase;
let subgraph: RunningSubgraph;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  await insertSource(database, "analyst");
  await insertSignals(database, [
    { domain: "GEOPOLITICAL", severity: 0.8 },
    { domain: "CYBER", severity: 0.1 },
    { domain: "CYBER", severity: 1, marking: "RED" },
    { domain: "CYBER", severity: 1, tenant: "globex" },
  ]);
  subgraph = await startSubgraph("intelligence", database);
}, 120_000);

afterAll(async () => {
  await subgraph?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

const query = `query ($country: ID!, $domains: [Domain!], $method: FusionMethod) {
  fuse(country: $country, domains: $domains, method: $method) {
    country { code } score level method methodVersion coverage missing
    contributions { domain signalCount weight } signals { signal { severity } weight copyCount }
    removal { signalCount level } arrival { domain severity level } conflict { conflicted rule mass }
  }
}`;

async function ask(variables: Record<string, unknown>, claims = {}): Promise<unknown> {
  const { data, errors } = await subgraph.query<{ readonly fuse: unknown }>(query, variables, claims);
  expect(errors).toBeUndefined();
  return data?.fuse;
}

test("tells signals, weights, method, version, what is missing and what would change it", async () => {
  // As worked out in domain/fusion/fuse.test.ts; the signal marked RED is above an amber clearance.
  const risk = await ask({ country: "de" }, amber);
  expect(risk).toMatchObject({
    country: { code: "DE" },
    score: 0.2691,
    level: "LOW",
    method: "late-log-odds",
    methodVersion: "2",
    coverage: 0.5,
    missing: ["ECONOMIC", "INFRASTRUCTURE", "SOCIAL"],
    contributions: [
      { domain: "GEOPOLITICAL", signalCount: 1, weight: 0.6 },
      { domain: "CYBER", signalCount: 1, weight: 0.4 },
    ],
    signals: [
      { signal: { severity: 0.8 }, copyCount: 0 },
      { signal: { severity: 0.1 }, copyCount: 0 },
    ],
    // Without CYBER it is 0.45.
    removal: { signalCount: 1, level: "MODERATE" },
    conflict: null,
  });
});

test.each([
  ["EARLY", 0.38, null],
  ["DEMPSTER_SHAFER", 0.3764, { conflicted: false, rule: "dempster" }],
])("computes by the method that is asked for: %s", async (method, score, conflict) => {
  const risk = await ask({ country: "DE", method }, amber);
  expect(risk).toMatchObject(conflict === null ? { score, conflict } : { score, conflict });
});

test("sees what policies let the caller see, and only that", async () => {
  const cyber = (claims: typeof amber) => ask({ country: "DE", domains: ["CYBER"] }, claims);
  // (0.1 + 0.1)/2, and with the signal marked RED (0.1 + 0.1 + 1)/3
  expect(await cyber(amber)).toMatchObject({ score: 0.1 });
  expect(await cyber({ filters: { Signal: "all" } })).toMatchObject({ score: 0.4 });
  expect(await cyber({ filters: {} })).toBeNull();
});

test("is null without evidence, and asks for a country", async () => {
  expect(await ask({ country: "FR" })).toBeNull();
  expect(await ask({ country: "DE", domains: [] })).toBeNull();
  const { errors } = await subgraph.query(query, { country: "Germany" });
  expect(errors?.[0]?.message).toBe('expected an ISO 3166-1 alpha-2 code such as "DE"; got "Germany"');
});
