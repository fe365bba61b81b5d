/**
 * A gateway in us-east and rows that only eu-west has: what comes over, for whom and for what, what is denied before anybody
 * in eu-west is asked, and what goes on when eu-west is down. Two databases, two subgraphs in each region, the built policies.
 */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type PartName, type Ports, ports } from "../../../infra/local/ports.ts";
import { gatewayPart, graphqlUrlOf, type RegionSettings, subgraphPart } from "../../../infra/local/region.ts";
import { openDb } from "../../../subgraphs/regions/db.ts";
import { seedRegions } from "../../../subgraphs/regions/jobs/seed.ts";
import { naturalId, toGlobalId } from "../../../subgraphs/shared/ids.ts";
import { createDisposer } from "../../support/createDisposer.ts";
import { eventually } from "../../support/eventually.ts";
import { insertSignals, insertSource } from "../../support/insertSignals.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { signPolicies } from "../../support/signPolicies.ts";
import { startDatabase, type TestDatabase } from "../../support/startDatabase.ts";
import { findPort, startPart } from "../../support/startPart.ts";
import { startTestIssuer, type TestIssuer, type TokenClaims } from "../../support/startTestIssuer.ts";

const disposer = createDisposer();
const served = ["regions", "intelligence"] as const;
let issuer: TestIssuer;
let us: TestDatabase;
let eu: TestDatabase;
let url: string;
let signalId: string;
const subjectId = toGlobalId("eu", "DataSubject", naturalId("acme", "data-subject", "subject-eu-1"));

beforeAll(async () => {
  issuer = disposer.use(await startTestIssuer());
  const policies = disposer.use(await signPolicies());
  [us, eu] = [
    disposer.use(await startDatabase({ from: "migrated" })),
    disposer.use(await startDatabase({ from: "migrated" })),
  ];
  const regions = [
    { region: "us-east", database: us, ports: { ...(await findPorts()), postgres: us.port } },
    { region: "eu-west", database: eu, ports: { ...(await findPorts()), postgres: eu.port } },
  ];
  for (const { database } of regions) await seed(database);
  // Each has what it may hold.
  for (const table of ["data_subject", "consent", "account"]) {
    await us.query(`DELETE FROM regions.${table} WHERE residency = 'eu'`);
    await eu.query(`DELETE FROM regions.${table} WHERE residency <> 'eu'`);
  }
  const [european] = await insertSignals(eu, [{ title: "seen in Dublin", residency: "eu" }]);
  if (european === undefined) throw new Error("expected a signal");
  signalId = toGlobalId("eu", "Signal", european.id);
  await insertSignals(us, [{ title: "seen in Boston", residency: "us" }]);

  const contextSecret = randomBytes(32);
  const settingsOf = (index: number): RegionSettings => {
    const own = regions[index];
    if (own === undefined) throw new Error(`there is no region ${index}`);
    return {
      region: own.region,
      regions,
      ports: own.ports,
      contextSecret,
      database: own.database.name,
      passwords: own.database.passwords,
      policies: { source: policies.file, keys: policies.environment.ATLAS_POLICY_KEYS },
      identity: issuer.identity,
      logLevel: "info",
    };
  };
  for (const index of [0, 1])
    for (const name of served) disposer.use(await startPart(subgraphPart(name, settingsOf(index))));
  const gateway = gatewayPart(settingsOf(0), served);
  const { ATLAS_DECISION_LOG_URL: _none, ...env } = gateway.env;
  disposer.use(await startPart({ ...gateway, env }));
  url = graphqlUrlOf(settingsOf(0).ports.gateway);
}, 120_000);
afterAll(async () => {
  await disposer[Symbol.asyncDispose]();
});

async function seed(database: TestDatabase): Promise<void> {
  const db = openDb({ url: database.urlOf("regions"), applicationName: "test" });
  await seedRegions(db, new Date("2026-03-03T12:00:00Z"));
  await db.close();
  await database.query("UPDATE regions.region SET status = 'SERVING'");
  await insertSource(database, "analyst");
}

async function findPorts(): Promise<Ports> {
  const names = Object.keys(ports) as PartName[]; // the keys of a constant
  const found = await Promise.all(names.map(async (name) => [name, await findPort()] as const));
  return Object.fromEntries(found) as Record<PartName, number>; // fromEntries forgets the keys
}

async function ask(query: string, variables: Record<string, unknown>, claims: Partial<TokenClaims>) {
  return postGraphql<Record<string, unknown>>(
    url,
    { query, variables },
    { authorization: `Bearer ${await issuer.tokenFor(claims)}` },
  );
}

const officer = {
  roles: ["compliance_officer"],
  scope: "consents:write compliance:read",
  purpose: "compliance",
} satisfies Partial<TokenClaims>;

describe("a signal of eu-west, asked for in us-east", () => {
  const query =
    'query ($id: ID!) { node(id: $id) { ... on Signal { title residency } } country(code: "DE") { name } }';

  test("comes over for a purpose that the law allows", async () => {
    const { data, errors } = await ask(query, { id: signalId }, { purpose: "research" });
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      node: { title: "seen in Dublin", residency: "EU" },
      country: { name: "Germany" },
    });
  });

  test("is denied by name for another purpose, and without one; the rest of the answer is there", async () => {
    for (const purpose of ["operations", null]) {
      const { data, errors } = await ask(query, { id: signalId }, { purpose });
      expect(data).toMatchObject({ country: { name: "Germany" } });
      expect(errors?.map(({ message, extensions }) => [extensions?.code, message])).toEqual([
        ["RESIDENCY_DENIED", expect.stringContaining("Rows of EU")],
      ]);
    }
  });

  test("is in no list of us-east", async () => {
    const { data } = await ask(
      "{ signals(first: 10) { edges { node { title } } } }",
      {},
      { purpose: "research" },
    );
    expect(data).toEqual({ signals: { edges: [{ node: { title: "seen in Boston" } }] } });
  });
});

describe("a person of eu-west, asked for in us-east", () => {
  const query = 'query ($id: ID!) { dataSubject(id: $id) { id mayLeaveFor(purpose: "compliance") } }';
  const seen = () => ask(query, { id: subjectId }, officer);
  const say = (mutation: "recordConsent" | "withdrawConsent", selection: string, input: object) => {
    const type = mutation === "recordConsent" ? "RecordConsentInput" : "WithdrawConsentInput";
    return ask(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename ${selection} } }`,
      { input: { subjectId, purpose: "compliance", ...input } },
      officer,
    );
  };

  test("stays there without consent", async () => {
    expect((await seen()).data).toEqual({ dataSubject: null });
  });

  test("may be seen with consent, which is recorded where the person's data is", async () => {
    const { data, errors } = await say(
      "recordConsent",
      "... on ConsentRecorded { consent { decision version } }",
      { decision: "GRANTED", idempotencyKey: "yes" },
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      recordConsent: { __typename: "ConsentRecorded", consent: { decision: "GRANTED", version: 1 } },
    });
    const recorded = "SELECT decision FROM regions.consent WHERE purpose = 'compliance'";
    expect(await eu.query(recorded)).toEqual([{ decision: "GRANTED" }]);
    expect(await us.query(recorded)).toEqual([]);
    expect((await seen()).data).toEqual({ dataSubject: { id: subjectId, mayLeaveFor: true } });
  });

  test("stays there again after the consent is withdrawn", async () => {
    // The record of it belongs to the person too, and may not be seen from here any more.
    const { data } = await say("withdrawConsent", "", { idempotencyKey: "no" });
    expect(data).toEqual({ withdrawConsent: { __typename: "ConsentRecorded" } });
    expect((await seen()).data).toEqual({ dataSubject: null });
  });
});

test("while eu-west is down its rows are refused with a code, and global data goes on", async () => {
  await us.query("UPDATE regions.region SET status = 'DOWN' WHERE code = 'eu-west'");
  await eventually(async () => {
    const { data, errors } = await ask(
      'query ($id: ID!) { node(id: $id) { ... on Signal { title } } country(code: "DE") { name } }',
      { id: signalId },
      { purpose: "research" },
    );
    expect(errors?.map(({ message, extensions }) => [extensions?.code, message])).toEqual([
      ["REGION_UNAVAILABLE", expect.stringContaining("Rows of EU")],
    ]);
    expect(data).toMatchObject({ country: { name: "Germany" } });
  });
}, 30_000);
