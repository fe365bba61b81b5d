/** What the regions subgraph promises beyond what all five do (test/contract/subgraphs): its rules, over HTTP. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startDatabase, type TestDatabase } from "../../test/support/startDatabase.ts";
import { type RunningSubgraph, startSubgraph } from "../../test/support/startSubgraph.ts";
import { naturalId, toGlobalId } from "../shared/ids.ts";
import { openDb } from "./db.ts";
import { seedRegions } from "./jobs/seed.ts";

let database: TestDatabase;
let regions: RunningSubgraph;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  const db = openDb({ url: database.urlOf("regions"), applicationName: "test" });
  await seedRegions(db, new Date("2026-03-03T12:00:00Z"));
  await db.close();
  regions = await startSubgraph("regions", database);
});
afterAll(async () => {
  await regions?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

/** The only field `result` of an operation that is expected to have no errors. */
async function ask(query: string, variables: Record<string, unknown> = {}, claims = {}): Promise<unknown> {
  const { data, errors } = await regions.query<{ result: unknown }>(query, variables, claims);
  expect(errors).toBeUndefined();
  return data?.result;
}

/** The global id of a person of acme that no other test changes. */
async function newSubject(residency: string, jurisdiction: string): Promise<string> {
  const id = randomUUID();
  await database.query(
    `INSERT INTO regions.data_subject (id, tenant, residency, pseudonym, jurisdiction_code) VALUES ($1, 'acme', $2, $3, $4)`,
    [id, residency, `subject-${id}`, jurisdiction],
  );
  return toGlobalId(residency, "DataSubject", id);
}

const record = `mutation ($input: RecordConsentInput!) {
  result: recordConsent(input: $input) {
    ... on ConsentRecorded { consent { purpose decision version residency subject { id } } }
    ... on RegionsRefusal { reason message }
  }
}`;
const withdraw = `mutation ($input: WithdrawConsentInput!) {
  result: withdrawConsent(input: $input) {
    ... on ConsentRecorded { consent { decision version } }
    ... on RegionsRefusal { reason message }
  }
}`;
const choose = `mutation ($input: SetDataResidencyInput!) {
  result: setDataResidency(input: $input) {
    ... on DataResidencySet { preference { dataType storeIn version subject { residencyPreferences { version } } } }
    ... on RegionsRefusal { reason message }
  }
}`;
const mayLeave = `query ($id: ID!) { result: dataSubject(id: $id) { mayLeaveFor(purpose: "research") consents { version } } }`;

function decide(subjectId: string, decision: string) {
  return { input: { subjectId, purpose: "research", decision, idempotencyKey: randomUUID() } };
}

describe("recordConsent", () => {
  test("keeps every version, and a refusal wins over what was granted later", async () => {
    const id = await newSubject("eu", "EU");
    expect(await ask(record, decide(id, "GRANTED"))).toEqual({
      consent: { purpose: "research", decision: "GRANTED", version: 1, residency: "EU", subject: { id } },
    });
    expect(await ask(mayLeave, { id })).toMatchObject({ mayLeaveFor: true });
    await ask(record, decide(id, "REFUSED"));
    await ask(record, decide(id, "GRANTED"));
    expect(await ask(mayLeave, { id })).toEqual({
      mayLeaveFor: false,
      consents: [{ version: 3 }, { version: 2 }, { version: 1 }],
    });
    const input = { subjectId: id, purpose: "research", idempotencyKey: randomUUID() };
    expect(await ask(withdraw, { input })).toEqual({ consent: { decision: "WITHDRAWN", version: 4 } });
    await ask(record, decide(id, "GRANTED"));
    expect(await ask(mayLeave, { id })).toMatchObject({ mayLeaveFor: true });
  });

  test("gives concurrent decisions versions of their own, none lost", async () => {
    const id = await newSubject("us", "US");
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(record, decide(id, "GRANTED"))));
    const versions = answers.map((answer) => (answer as { consent: { version: number } }).consent.version);
    expect(versions.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("answers a retry with the first result, and refuses its key for another request", async () => {
    const variables = decide(await newSubject("us", "US"), "GRANTED");
    const [first, retry] = await Promise.all([ask(record, variables), ask(record, variables)]);
    expect(retry).toEqual(first);
    expect(first).toMatchObject({ consent: { version: 1 } });
    const other = { input: { ...variables.input, decision: "REFUSED" } };
    expect(await ask(record, other)).toMatchObject({ reason: "IDEMPOTENCY_KEY_REUSED" });
    // Keys are one person's, and so a tenant's own.
    expect(await ask(record, other, { sub: "somebody-else" })).toMatchObject({ consent: { version: 2 } });
    expect(await ask(record, variables, { tenant: "globex" })).toMatchObject({ reason: "SUBJECT_UNKNOWN" });
  });

  test.each([
    [{ decision: "WITHDRAWN" }, "INVALID_INPUT", "expected GRANTED or REFUSED"],
    [{ purpose: "Re search" }, "INVALID_INPUT", "expected `purpose` as lower-case words"],
    [{ idempotencyKey: "" }, "INVALID_INPUT", "expected `idempotencyKey` with 1 to 128"],
    [{ subjectId: toGlobalId("eu", "DataSubject", randomUUID()) }, "SUBJECT_UNKNOWN", "of your tenant"],
  ])("refuses %j as %s", async (change, reason, message) => {
    const { input } = decide(await newSubject("eu", "EU"), "GRANTED");
    expect(await ask(record, { input: { ...input, ...change } })).toEqual({
      reason,
      message: expect.stringContaining(message),
    });
  });
});

describe("setDataResidency", () => {
  const where = (subjectId: string, storeIn: string) => ({
    input: { subjectId, dataType: "profile", storeIn, idempotencyKey: randomUUID() },
  });

  test("keeps every version and shows the newest", async () => {
    const id = await newSubject("us", "US");
    await ask(choose, where(id, "US"));
    expect(await ask(choose, where(id, "EU"))).toEqual({
      preference: {
        dataType: "profile",
        storeIn: "EU",
        version: 2,
        subject: { residencyPreferences: [{ version: 2 }] },
      },
    });
  });

  test("refuses to let data out that the law keeps at home", async () => {
    const id = await newSubject("eu", "EU");
    expect(await ask(choose, where(id, "US"))).toEqual({
      reason: "FORBIDDEN_BY_JURISDICTION",
      message: "expected EU, where GDPR keeps the data of people in EU; got US",
    });
    expect(await ask(choose, where(id, "EU"))).toMatchObject({ preference: { storeIn: "EU" } });
  });
});

describe("Query", () => {
  test("node gives what is stored here and points at what others store", async () => {
    const node = "query ($id: ID!) { result: node(id: $id) { __typename id } }";
    const country = toGlobalId("global", "Country", naturalId("public", "country", "DE"));
    expect(await ask(node, { id: country })).toEqual({ __typename: "Country", id: country });
    const signal = toGlobalId("eu", "Signal", randomUUID());
    expect(await ask(node, { id: signal })).toEqual({ __typename: "Signal", id: signal });
    for (const id of ["", "no id", toGlobalId("eu", "Thing", randomUUID()), `us-region-${randomUUID()}`]) {
      expect(await ask(node, { id })).toBeNull();
    }
  });

  test("me is the caller's own account, and null for who has none", async () => {
    const me = "{ result: me { displayName homeRegion { code } } }";
    expect(await ask(me)).toEqual({ displayName: "Ada Analyst", homeRegion: { code: "us-east" } });
    expect(await ask(me, {}, { tenant: "globex" })).toBeNull();
    expect(await ask(me, {}, { sub: null, anonymous: true, tenant: "public" })).toBeNull();
  });

  test("countries come in pages that meet, within one jurisdiction or all", async () => {
    const list = `query ($after: String) { result: countries(first: 12, after: $after, jurisdiction: "eu") {
      edges { node { code } } pageInfo { hasNextPage endCursor } totalCount } }`;
    type Page = {
      edges: { node: { code: string } }[];
      pageInfo: { hasNextPage: boolean; endCursor: string };
      totalCount: number;
    };
    const codes: string[] = [];
    let page: Page | undefined;
    do {
      page = (await ask(list, { after: page?.pageInfo.endCursor })) as Page;
      codes.push(...page.edges.map(({ node }) => node.code));
    } while (page.pageInfo.hasNextPage);
    expect(codes).toEqual(codes.toSorted());
    expect(new Set(codes).size).toBe(30);
    expect(page.totalCount).toBe(30);
  });

  test("Jurisdiction.countries pages each jurisdiction by itself", async () => {
    const list =
      "{ result: jurisdictions { code countries(first: 1) { edges { node { code } } totalCount } } }";
    const found = (await ask(list)) as {
      code: string;
      countries: { edges: { node: { code: string } }[]; totalCount: number };
    }[];
    const first = Object.fromEntries(
      found.map(({ code, countries }) => [code, countries.edges.map(({ node }) => node.code)]),
    );
    expect(first).toMatchObject({ US: ["US"], EU: ["AT"], BR: ["BR"] });
    const after = Buffer.from(JSON.stringify(["AT"])).toString("base64url");
    const next = `query ($after: String) { result: jurisdiction(code: "EU") {
      countries(first: 2, after: $after) { edges { node { code } } } } }`;
    expect(await ask(next, { after })).toEqual({
      countries: { edges: [{ node: { code: "BE" } }, { node: { code: "BG" } }] },
    });
  });

  test("a text that PostgreSQL cannot store is the caller's mistake", async () => {
    const query = "query ($code: ID!) { countries(jurisdiction: $code) { totalCount } }";
    const { errors } = await regions.query(query, { code: "\u0000" });
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(["BAD_USER_INPUT"]);
  });
});

test("a region that is alone is what it was set up as, and takes no orders", async () => {
  expect(
    await ask(
      '{ result: region(code: "us-east") { role rpo { global } lastProbe { goods } replicationSlots { name } } }',
    ),
  ).toEqual({
    role: "PRIMARY",
    rpo: { global: "ALONE" },
    lastProbe: null,
    replicationSlots: [],
  });
  expect(
    await ask(
      `mutation { result: drainRegion(input: { code: "eu-west", reason: "disks", idempotencyKey: "alone" }) {
        ... on RegionsRefusal { reason } } }`,
    ),
  ).toEqual({ reason: "REGION_ALONE" });
});
