/** Writing signals and assessments: once for a key, refused by type, and nobody writes over somebody unseen. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { insertSource } from "../../../test/support/insertSignals.ts";
import { startDatabase, type TestDatabase } from "../../../test/support/startDatabase.ts";
import { type RunningSubgraph, startSubgraph } from "../../../test/support/startSubgraph.ts";
import { naturalId, toGlobalId } from "../../shared/ids.ts";

let database: TestDatabase;
let subgraph: RunningSubgraph;
let keys = 0;
const newKey = (): string => `key-${++keys}`;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  await insertSource(database, "analyst");
  subgraph = await startSubgraph("intelligence", database);
}, 60_000);

afterAll(async () => {
  await subgraph?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

type Outcome = {
  readonly __typename: string;
  readonly reason?: string;
  readonly message?: string;
  readonly signal?: Readonly<Record<string, unknown>>;
  readonly assessment?: Readonly<Record<string, unknown>> & { readonly id: string };
};

async function write(field: string, input: object, claims = {}): Promise<Outcome> {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
  const selection =
    field === "recordSignal"
      ? "... on SignalRecorded { signal { id residency marking source { code } country { code } latitude observedAt } }"
      : "... on RiskAssessmentWritten { assessment { id residency score level rationale marking revision author { id } country { code } fusion { id } history { revision score rationale } } }";
  const { data, errors } = await subgraph.query<{ readonly outcome: Outcome }>(
    `mutation ($input: ${type}!) { outcome: ${field}(input: $input) { __typename ${selection} ... on IntelligenceRefusal { reason message } } }`,
    { input },
    claims,
  );
  expect(errors).toBeUndefined();
  if (!data) throw new Error("expected an outcome; got none");
  return data.outcome;
}

async function countRows(table: string): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM intelligence.${table}`,
  );
  return row?.count ?? Number.NaN;
}

const signal = {
  domain: "CYBER",
  kind: "phishing-wave",
  title: "Letters that ask for passwords",
  severity: 0.4,
  confidence: 0.9,
  observedAt: "2026-03-03T12:00:00+01:00",
};
const assessment = {
  title: "Germany in spring",
  country: "de",
  score: 0.61,
  horizonDays: 90,
  rationale: "Because.",
};

describe("recordSignal", () => {
  test("stores the signal in the caller's tenant, with the defaults that the schema names", async () => {
    const { signal: recorded } = await write("recordSignal", {
      ...signal,
      country: "fr",
      idempotencyKey: newKey(),
    });
    expect(recorded).toEqual({
      id: expect.stringMatching(/^global-signal-/),
      residency: "GLOBAL",
      marking: "GREEN",
      source: { code: "analyst" },
      country: { code: "FR" },
      latitude: null,
      observedAt: "2026-03-03T11:00:00.000Z",
    });
    const rows = await database.query("SELECT tenant, ingest_region_code FROM intelligence.signal");
    expect(rows).toEqual([{ tenant: "acme", ingest_region_code: "us-east" }]);
  });

  test("a retry with the same key answers the same signal, also when both are sent at once", async () => {
    const input = { ...signal, residency: "EU", idempotencyKey: newKey() };
    const before = await countRows("signal");
    const [one, two] = await Promise.all([write("recordSignal", input), write("recordSignal", input)]);
    expect(one).toEqual(two);
    expect(await write("recordSignal", input)).toEqual(one);
    expect(one.signal?.id).toMatch(/^eu-signal-/);
    expect(await countRows("signal")).toBe(before + 1);
  });

  test("a key that another request used is refused, but tenants have their own keys", async () => {
    const idempotencyKey = newKey();
    await write("recordSignal", { ...signal, idempotencyKey });
    const other = { ...signal, title: "Another", idempotencyKey };
    expect(await write("recordSignal", other)).toMatchObject({ reason: "IDEMPOTENCY_KEY_REUSED" });
    expect(await write("recordSignal", other, { tenant: "globex" })).toMatchObject({
      __typename: "SignalRecorded",
    });
  });

  test.each([
    [{ kind: "Phishing Wave" }, "expected `kind` as lower-case words"],
    [{ title: " " }, "expected `title` with 1 to 300 characters; got none"],
    [{ title: "x".repeat(301) }, "expected `title` with 1 to 300 characters; got 301"],
    [{ title: "a\u0000b" }, "expected `title` without the character U+0000"],
    [{ summary: "\u001b[2J" }, "expected `summary` without control characters"],
    [{ severity: 1.01 }, "expected `severity` from 0 to 1; got 1.01"],
    [{ confidence: -0.1 }, "expected `confidence` from 0 to 1; got -0.1"],
    [{ country: "Germany" }, "expected `country` as an ISO 3166-1 alpha-2 code"],
    [{ latitude: 1 }, "expected `latitude` and `longitude` together or neither; got only latitude"],
    [{ latitude: 91, longitude: 0 }, "expected `latitude` from -90 to 90; got 91"],
    [{ latitude: 0, longitude: -181 }, "expected `longitude` from -180 to 180; got -181"],
    [{ observedAt: "2999-01-01T00:00:00Z" }, "expected `observedAt` not later than now"],
    [{ idempotencyKey: "" }, "expected `idempotencyKey` with 1 to 128 characters; got none"],
  ])("refuses %j and stores nothing", async (fault, message) => {
    const before = await countRows("signal");
    const outcome = await write("recordSignal", { ...signal, idempotencyKey: newKey(), ...fault });
    expect(outcome).toMatchObject({ __typename: "IntelligenceRefusal", reason: "INVALID_INPUT" });
    expect(outcome.message).toContain(message);
    expect(await countRows("signal")).toBe(before);
  });
});

describe("createRiskAssessment", () => {
  test("names its author by the account that the caller's tenant, subject and jurisdiction tell", async () => {
    const input = { ...assessment, residency: "EU", idempotencyKey: newKey() };
    const { assessment: written } = await write("createRiskAssessment", input, {
      sub: "analyst-eu",
      jurisdiction: "eu",
    });
    expect(written).toMatchObject({
      id: expect.stringMatching(/^eu-riskassessment-/),
      score: 0.61,
      level: "HIGH",
      marking: "AMBER",
      revision: 1,
      author: { id: toGlobalId("eu", "User", naturalId("acme", "account", "analyst-eu")) },
      country: { code: "DE" },
      fusion: null,
      history: [],
    });
  });

  test.each([
    [{ horizonDays: 0 }, "expected `horizonDays` from 1 to 3650; got 0"],
    [{ score: -1 }, "expected `score` from 0 to 1; got -1"],
    [{ rationale: "" }, "expected `rationale` with 1 to 10000 characters; got none"],
    [{ country: "XXX" }, "expected `country` as an ISO 3166-1 alpha-2 code"],
  ])("refuses %j", async (fault, message) => {
    const outcome = await write("createRiskAssessment", {
      ...assessment,
      idempotencyKey: newKey(),
      ...fault,
    });
    expect(outcome).toMatchObject({ reason: "INVALID_INPUT", message: expect.stringContaining(message) });
  });
});

describe("reviseRiskAssessment", () => {
  async function create(): Promise<string> {
    const outcome = await write("createRiskAssessment", { ...assessment, idempotencyKey: newKey() });
    return outcome.assessment?.id ?? "";
  }
  const revise = (id: string, expectedRevision: number, change = {}, claims = {}) =>
    write(
      "reviseRiskAssessment",
      { id, expectedRevision, score: 0.2, rationale: "It passed.", idempotencyKey: newKey(), ...change },
      claims,
    );

  test("keeps what was written before", async () => {
    const id = await create();
    await revise(id, 1, { score: 0.5, rationale: "It passes." });
    const { assessment: revised } = await revise(id, 2);
    expect(revised).toMatchObject({
      id,
      score: 0.2,
      level: "LOW",
      rationale: "It passed.",
      revision: 3,
      history: [
        { revision: 2, score: 0.5, rationale: "It passes." },
        { revision: 1, score: 0.61, rationale: "Because." },
      ],
    });
  });

  test("of ten at once that read the same revision one is written, and the others are told", async () => {
    const id = await create();
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) => revise(id, 1, { score: index / 10 })),
    );
    expect(outcomes.filter(({ __typename }) => __typename === "RiskAssessmentWritten")).toHaveLength(1);
    const refusals = outcomes.filter(({ __typename }) => __typename === "IntelligenceRefusal");
    expect(refusals).toHaveLength(9);
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({
        reason: "REVISION_CONFLICT",
        message: "expected revision 2, the newest, as the one to revise; got 1: read the assessment again",
      });
    }
  });

  test("a retry is not a conflict with itself, and a refused key may be used again", async () => {
    const id = await create();
    const idempotencyKey = newKey();
    expect(await revise(id, 7, { idempotencyKey })).toMatchObject({ reason: "REVISION_CONFLICT" });
    const written = await revise(id, 1, { idempotencyKey });
    expect(written).toMatchObject({ __typename: "RiskAssessmentWritten" });
    expect(await revise(id, 1, { idempotencyKey })).toEqual(written);
  });

  test("does not find another tenant's assessment, nor one that is not there", async () => {
    const id = await create();
    expect(await revise(id, 1, {}, { tenant: "globex" })).toMatchObject({ reason: "NOT_FOUND" });
    const nowhere = toGlobalId("global", "RiskAssessment", naturalId("acme", "nothing"));
    expect(await revise(nowhere, 1)).toMatchObject({ reason: "NOT_FOUND" });
  });
});
