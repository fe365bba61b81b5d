/** What the compliance subgraph promises beyond what all five do (test/contract/subgraphs): its rules, over HTTP. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startDatabase, type TestDatabase } from "../../test/support/startDatabase.ts";
import { type RunningSubgraph, startSubgraph } from "../../test/support/startSubgraph.ts";
import { naturalId, toGlobalId } from "../shared/ids.ts";
import { openDb } from "./db.ts";
import { seedCompliance } from "./jobs/seed.ts";

const now = new Date();
const subject = toGlobalId("eu", "DataSubject", naturalId("acme", "data-subject", "subject-eu-1"));

let database: TestDatabase;
let compliance: RunningSubgraph;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  const db = openDb({ url: database.urlOf("compliance"), applicationName: "test" });
  await seedCompliance(db, now);
  await db.close();
  compliance = await startSubgraph("compliance", database);
});
afterAll(async () => {
  await compliance?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

/** The only field `result` of an operation that is expected to have no errors. */
async function ask(query: string, variables: Record<string, unknown> = {}, claims = {}): Promise<unknown> {
  const { data, errors } = await compliance.query<{ result: unknown }>(query, variables, claims);
  expect(errors).toBeUndefined();
  return data?.result;
}

const waive = `mutation ($input: WaiveViolationInput!) {
  result: waiveViolation(input: $input) {
    ... on ViolationChanged { violation { id status waivedUntil waiverReason } }
    ... on ComplianceRefusal { reason message }
  }
}`;
const remediate = `mutation ($input: StartRemediationInput!) {
  result: startRemediation(input: $input) {
    ... on ViolationChanged { violation { id status waivedUntil remediations { action status finishedAt } } }
    ... on ComplianceRefusal { reason message }
  }
}`;
const erase = `mutation ($input: RequestErasureInput!) {
  result: requestErasure(input: $input) {
    ... on ErasureRequested { request { id residency status requestedAt dueAt completedAt subject { id } } }
    ... on ComplianceRefusal { reason message }
  }
}`;

function daysFromNow(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString();
}

/** The global id of a violation of acme that nobody else in this file changes. */
async function newViolation(status = "OPEN", waivedUntil: string | null = null): Promise<string> {
  const id = randomUUID();
  await database.query(
    `INSERT INTO compliance.violation (id, tenant, residency, control_id, region_code, subject, fingerprint, severity,
       status, detected_at, due_at, waived_until, waiver_reason, resolved_at)
     SELECT $1::uuid, 'acme', 'us', id, 'test-region', 'made by a test', $1::text, 'LOW', $2::text, now(), now(), $3,
       CASE WHEN $2 = 'WAIVED' THEN 'a reason' END, CASE WHEN $2 = 'RESOLVED' THEN now() END
     FROM compliance.control WHERE code = 'GDPR-17'`,
    [id, status, waivedUntil],
  );
  return toGlobalId("us", "Violation", id);
}

describe("waiveViolation", () => {
  test("accepts a violation until then, with its reason, and leaves the pass rate as it was", async () => {
    const passRate = `{ result: _entities(representations: [{ __typename: "Region", code: "us-east" }]) {
      ... on Region { compliance { passRate openViolations lastScan { passed failed errored } } } } }`;
    const before = await ask(passRate);
    const [{ id }] = (await ask(
      `{ result: scans(region: "us-east", first: 1) { violations { id status } } }`,
    ).then((scans) => (scans as [{ violations: { id: string; status: string }[] }])[0].violations)) as [
      { id: string },
    ];
    const expiresAt = daysFromNow(30);
    const input = { id, reason: "accepted at the review", expiresAt, idempotencyKey: randomUUID() };
    expect(await ask(waive, { input })).toEqual({
      violation: { id, status: "WAIVED", waivedUntil: expiresAt, waiverReason: "accepted at the review" },
    });
    const [{ compliance: after }] = (await ask(passRate)) as [{ compliance: { openViolations: number } }];
    const [{ compliance: earlier }] = before as [{ compliance: { openViolations: number } }];
    expect(after).toEqual({ ...earlier, openViolations: earlier.openViolations - 1 });
  });

  test("answers a retry with the first result, though the state would not allow it any more", async () => {
    const input = {
      id: await newViolation(),
      reason: "r",
      expiresAt: daysFromNow(1),
      idempotencyKey: randomUUID(),
    };
    const first = await ask(waive, { input });
    expect(await ask(waive, { input })).toEqual(first);
    expect(await ask(waive, { input: { ...input, reason: "another" } })).toMatchObject({
      reason: "IDEMPOTENCY_KEY_REUSED",
    });
  });

  test("lets two requests with one key change the violation once", async () => {
    const input = { id: await newViolation(), action: "revoke the grant", idempotencyKey: randomUUID() };
    const [one, two] = await Promise.all([ask(remediate, { input }), ask(remediate, { input })]);
    expect(two).toEqual(one);
    expect(one).toMatchObject({ violation: { remediations: [{ action: "revoke the grant" }] } });
  });

  test("refuses what the state forbids, and the same key works once the state allows it", async () => {
    const id = await newViolation("WAIVED", daysFromNow(1));
    const input = { id, reason: "again", expiresAt: daysFromNow(2), idempotencyKey: randomUUID() };
    expect(await ask(waive, { input })).toEqual({
      reason: "WRONG_STATE",
      message: "expected a violation that is OPEN or IN_REMEDIATION; got one that is WAIVED",
    });
    await ask(remediate, { input: { id, action: "begin", idempotencyKey: randomUUID() } });
    expect(await ask(waive, { input })).toMatchObject({ violation: { status: "WAIVED" } });
  });

  test.each([
    ["an end that has passed", { expiresAt: "2020-01-01T00:00:00Z" }, "`expiresAt` in the future"],
    ["an empty reason", { reason: " " }, "`reason` with 1 to 1000 characters"],
    ["a reason that is too long", { reason: "x".repeat(1_001) }, "got 1001"],
    ["a key that is too long", { idempotencyKey: "k".repeat(129) }, "`idempotencyKey` with 1 to 128"],
  ])("refuses %s as INVALID_INPUT", async (_what, change, message) => {
    const right = { id: await newViolation(), reason: "r", expiresAt: daysFromNow(1), idempotencyKey: "k" };
    expect(await ask(waive, { input: { ...right, ...change } })).toEqual({
      reason: "INVALID_INPUT",
      message: expect.stringContaining(message),
    });
  });

  test("does not find another tenant's violation, and changes nothing of it", async () => {
    const id = await newViolation();
    const input = { id, reason: "r", expiresAt: daysFromNow(1), idempotencyKey: randomUUID() };
    const refusal = await ask(waive, { input }, { tenant: "globex" });
    expect(refusal).toMatchObject({ reason: "NOT_FOUND" });
    expect(await ask("query ($id: ID!) { result: violation(id: $id) { status } }", { id })).toEqual({
      status: "OPEN",
    });
  });
});

describe("startRemediation", () => {
  test("ends a waiver, and keeps what was done before", async () => {
    const id = await newViolation("WAIVED", daysFromNow(1));
    await ask(remediate, { input: { id, action: "first", idempotencyKey: randomUUID() } });
    const answer = await ask(remediate, { input: { id, action: "second", idempotencyKey: randomUUID() } });
    expect(answer).toEqual({
      violation: {
        id,
        status: "IN_REMEDIATION",
        waivedUntil: null,
        remediations: [
          { action: "first", status: "RUNNING", finishedAt: null },
          { action: "second", status: "RUNNING", finishedAt: null },
        ],
      },
    });
  });

  test("refuses a violation that is resolved", async () => {
    const id = await newViolation("RESOLVED");
    const input = { id, action: "late", idempotencyKey: randomUUID() };
    expect(await ask(remediate, { input })).toMatchObject({ reason: "WRONG_STATE" });
  });
});

test("a waiver that ran out reads as OPEN, in the violation, in lists by status and in counts", async () => {
  const open = '{ result: control(code: "gdpr-17") { openViolations } }';
  const { openViolations } = (await ask(open)) as { openViolations: number };
  const id = await newViolation("WAIVED", "2020-01-01T00:00:00Z");
  expect(await ask(open)).toEqual({ openViolations: openViolations + 1 });
  const list = `query ($status: ViolationStatus) {
    result: violations(first: 100, status: $status) { edges { node { id status } } totalCount } }`;
  const listed = (await ask(list, { status: "OPEN" })) as { edges: { node: object }[]; totalCount: number };
  expect(listed.edges.map(({ node }) => node)).toContainEqual({ id, status: "OPEN" });
  expect(listed.totalCount).toBe(listed.edges.length);
  const waived = (await ask(list, { status: "WAIVED" })) as { edges: { node: object }[] };
  expect(waived.edges.map(({ node }) => node)).not.toContainEqual({ id, status: expect.anything() });
});

describe("requestErasure", () => {
  test("records the request with the month that the law gives, where the person's data is", async () => {
    const answer = (await ask(erase, { input: { subjectId: subject, idempotencyKey: randomUUID() } })) as {
      request: { id: string; requestedAt: string; dueAt: string };
    };
    expect(answer.request).toMatchObject({
      residency: "EU",
      status: "REQUESTED",
      completedAt: null,
      subject: { id: subject },
    });
    const days = (Date.parse(answer.request.dueAt) - Date.parse(answer.request.requestedAt)) / 86_400_000;
    expect(days).toBeGreaterThanOrEqual(28);
    expect(days).toBeLessThanOrEqual(31);
  });

  test("answers a second request with the one under way, so that its deadline stays", async () => {
    const erasure = () => ask(erase, { input: { subjectId: subject, idempotencyKey: randomUUID() } });
    const [one, two] = await Promise.all([erasure(), erasure()]);
    expect(two).toEqual(one);
  });

  test("is told of by DataSubject.erasure, in the caller's tenant only", async () => {
    const query = `query ($id: ID!) { result: _entities(representations: [{ __typename: "DataSubject", id: $id }]) {
      ... on DataSubject { erasure { status } } } }`;
    expect(await ask(query, { id: subject })).toEqual([{ erasure: { status: "REQUESTED" } }]);
    expect(await ask(query, { id: subject }, { tenant: "globex" })).toEqual([{ erasure: null }]);
  });
});

test("pages of violations meet without gap or overlap, newest first", async () => {
  const query = `query ($after: String) { result: violations(first: 2, after: $after) {
    edges { node { id detectedAt } } pageInfo { hasNextPage endCursor } totalCount } }`;
  type Page = {
    edges: { node: { id: string; detectedAt: string } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
    totalCount: number;
  };
  const nodes: { id: string; detectedAt: string }[] = [];
  let page = (await ask(query)) as Page;
  nodes.push(...page.edges.map(({ node }) => node));
  while (page.pageInfo.hasNextPage) {
    page = (await ask(query, { after: page.pageInfo.endCursor })) as Page;
    nodes.push(...page.edges.map(({ node }) => node));
  }
  expect(new Set(nodes.map(({ id }) => id)).size).toBe(page.totalCount);
  const times = nodes.map(({ detectedAt }) => detectedAt);
  expect(times).toEqual(times.toSorted().toReversed());
});

test("country assessments have a lineage, from first step to last, that says who put it on record", async () => {
  const id = toGlobalId("global", "RiskAssessment", naturalId("acme", "assessment", "country", "DE"));
  const query = `query ($id: ID!) { result: _entities(representations: [{ __typename: "RiskAssessment", id: $id }]) {
    ... on RiskAssessment { lineage { step actor inputs } } } }`;
  const actor = "assessCountries, recorded by seeded generator 1";
  expect(await ask(query, { id })).toEqual([
    {
      lineage: [
        {
          step: "fused",
          actor,
          inputs: [toGlobalId("global", "Country", naturalId("public", "country", "DE"))],
        },
        {
          step: "assessed",
          actor,
          inputs: [toGlobalId("global", "FusionResult", naturalId("acme", "fusion", "country", "DE"))],
        },
      ],
    },
  ]);
});

test("another tenant's violations are in no count", async () => {
  await newViolation();
  const query = `{ result: _entities(representations: [
      { __typename: "Region", code: "test-region" }, { __typename: "Control", code: "GDPR-17" }]) {
    ... on Region { compliance { openViolations } } ... on Control { openViolations } } }`;
  const some = { openViolations: expect.any(Number) };
  const none = { openViolations: 0 };
  const ours = await ask(query);
  expect(ours).toEqual([{ compliance: some }, some]);
  expect(JSON.stringify(ours)).not.toContain('"openViolations":0');
  expect(await ask(query, {}, { tenant: "globex" })).toEqual([{ compliance: none }, none]);
});

test("a region that was never scanned has no pass rate and no last scan", async () => {
  const query = `{ result: _entities(representations: [{ __typename: "Region", code: "nowhere" }]) {
    ... on Region { compliance { lastScan { id } openViolations passRate } } } }`;
  expect(await ask(query)).toEqual([{ compliance: { lastScan: null, openViolations: 0, passRate: null } }]);
});
