/**
 * The ml subgraph as a process of its own over a real database, asked as the gateway would.
 *
 * @jest-environment ./test/support/run/oneRealm.mjs
 */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { pino } from "pino";
import { startDatabase, type TestDatabase } from "../../test/support/startDatabase.ts";
import { type RunningSubgraph, startSubgraph } from "../../test/support/startSubgraph.ts";
import { naturalId, toGlobalId } from "../shared/ids.ts";
import { openDb } from "./db.ts";
import { hashParameters } from "./domain/hashParameters.ts";
import { seedMl } from "./jobs/seed.ts";
import { generateFacts } from "./testing/generateFacts.ts";

// Of today: examples that are older than the clock would be built anew when the subgraph starts.
const now = new Date();
const codes = ["US", "DE", "BR", "JP", "FR", "IN", "ZA", "AU", "CA", "MX"];
const assessmentId = (code: string): string =>
  toGlobalId("global", "RiskAssessment", naturalId("acme", "assessment", "country", code));
const fusionUuid = (code: string): string => naturalId("acme", "fusion", "country", code);
const fusionId = (code: string): string => toGlobalId("global", "FusionResult", fusionUuid(code));
const versionId = (version: number): string =>
  toGlobalId("global", "ModelVersion", naturalId("public", "model-version", modelId, String(version)));
const modelId = naturalId("public", "model", "country-risk");
const facts = generateFacts({
  countries: [...codes, "PL", "IT", "ES", "AR", "CL", "CN", "KR", "NG", "KE", "NZ"],
  steps: 300,
  until: now,
});
const log = pino({ level: "silent" });
const nowhere = naturalId("acme", "nothing", "here");

let database: TestDatabase;
let ml: RunningSubgraph;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  await seed(now);
  ml = await startSubgraph("ml", database);
}, 240_000);

afterAll(async () => {
  await ml?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

async function seed(at: Date): Promise<void> {
  const db = openDb({ url: database.urlOf("ml"), applicationName: "atlas-test-seed" });
  try {
    await seedMl(db, { now: at, facts, region: "us-east", log });
  } finally {
    await db.close();
  }
}

type Representation = Readonly<Record<string, unknown>>;

const assessmentOf = (code: string): Representation => ({
  __typename: "RiskAssessment",
  id: assessmentId(code),
  country: { __typename: "Country", code },
});

async function executeAs(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function resolveEntities<Entity>(
  selection: string,
  representations: readonly Representation[],
  claims = {},
) {
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ${selection} } }`;
  const ask = () =>
    database.countStatements(() =>
      ml.query<{ _entities: readonly Entity[] }>(query, { representations }, claims),
    );
  // Jobs that begin with the process have statements of their own for a while; they can only add to the question's.
  const asked = [await ask(), await ask(), await ask()];
  for (const { result } of asked) expect(result.errors).toBeUndefined();
  const count = Math.min(...asked.map((one) => one.count));
  return { entities: asked[0]?.result.data?._entities ?? [], count };
}

describe("entities", () => {
  test("answer in the order asked for, with null for one that is not there", async () => {
    const { entities, count } = await resolveEntities("... on ModelVersion { version }", [
      { __typename: "ModelVersion", id: versionId(2) },
      { __typename: "ModelVersion", id: toGlobalId("global", "ModelVersion", nowhere) },
      { __typename: "ModelVersion", id: versionId(1) },
    ]);
    expect(entities).toEqual([{ version: 2 }, null, { version: 1 }]);
    expect(count).toBe(1);
  });

  test("are found by each of their keys", async () => {
    const { data } = await ml.query<{ models: { id: string }[] }>("{ models { id } }");
    const { entities } = await resolveEntities("... on Model { name }", [
      { __typename: "Model", code: "country-risk" },
      { __typename: "Model", id: data?.models[0]?.id ?? "" },
    ]);
    expect(entities).toEqual([{ name: "Country risk" }, { name: "Country risk" }]);
  });

  test("resolve for every type that the contract gives a key", async () => {
    const experimentId = naturalId("public", "experiment", "test");
    const reportId = naturalId("public", "drift", "test");
    await database.query(
      `WITH report AS (
         INSERT INTO ml.drift_report (id, model_version_id, detector, statistic, threshold, drifted, measured_at)
         VALUES ($3, $2, 'adwin', 1, 2, false, now())
       )
       INSERT INTO ml.experiment (id, name, control_version_id, treatment_version_id, share, status, started_at)
       VALUES ($1, 'Over', $2, $2, 0.5, 'STOPPED', now())`,
      [experimentId, naturalId("public", "model-version", modelId, "1"), reportId],
    );
    const { data } = await ml.query<{ federatedRuns: { id: string; rounds: { id: string }[] }[] }>(
      "{ federatedRuns { id rounds { id } } }",
    );
    const { entities: assessments } = await resolveEntities<{ prediction: { id: string } }>(
      "... on RiskAssessment { prediction { id } }",
      [assessmentOf("US")],
    );
    const representations = [
      { __typename: "FederatedRun", id: data?.federatedRuns[0]?.id ?? "" },
      { __typename: "Round", id: data?.federatedRuns[0]?.rounds[0]?.id ?? "" },
      { __typename: "Experiment", id: toGlobalId("global", "Experiment", experimentId) },
      { __typename: "DriftReport", id: toGlobalId("global", "DriftReport", reportId) },
      { __typename: "Prediction", id: assessments[0]?.prediction.id ?? "" },
    ];
    const selection = representations.map(({ __typename }) => `... on ${__typename} { id }`).join(" ");
    const { entities } = await resolveEntities(`__typename ${selection}`, representations);
    expect(entities).toEqual(representations);
  });
});

describe("predictions", () => {
  test("of many assessments take two statements and come from the champion", async () => {
    const { entities, count } = await resolveEntities<{ prediction: { probability: number } }>(
      "... on RiskAssessment { prediction { probability horizonDays residency modelVersion { version } } noPrediction { reason } }",
      codes.map(assessmentOf),
    );
    // What answers, what it said, and the version.
    expect(count).toBe(3);
    for (const entity of entities)
      expect(entity).toEqual({
        prediction: {
          probability: expect.any(Number),
          horizonDays: 30,
          residency: "GLOBAL",
          modelVersion: { version: 1 },
        },
        noPrediction: null,
      });
    expect(new Set(entities.map(({ prediction }) => prediction.probability)).size).toBe(codes.length);
  });

  test("explain themselves: contributions of every feature add up to the log-odds, strongest first", async () => {
    const { entities } = await resolveEntities<{
      prediction: {
        probability: number;
        contributions: { feature: string; value: number }[];
        modelVersion: { features: string[] };
      };
    }>(
      "... on RiskAssessment { prediction { probability contributions { feature value } modelVersion { features } } }",
      [assessmentOf("DE")],
    );
    const { probability = 0, contributions = [], modelVersion } = entities[0]?.prediction ?? {};
    const sum = contributions.reduce((total, { value }) => total + value, 0);
    expect(sum).toBeCloseTo(Math.log(probability / (1 - probability)), 9);
    const strengths = contributions.map(({ value }) => Math.abs(value));
    expect(strengths).toEqual([...strengths].sort((a, b) => b - a));
    expect(contributions.map(({ feature }) => feature).sort()).toEqual(
      ["base-rate", ...(modelVersion?.features ?? [])].sort(),
    );
  });

  test("tell why there is none: nothing was heard, or the assessment is not about a country", async () => {
    const { entities } = await resolveEntities(
      "... on RiskAssessment { prediction { id } noPrediction { reason message } }",
      [assessmentOf("AQ"), { __typename: "RiskAssessment", id: assessmentId("US"), country: null }],
    );
    expect(entities).toEqual([
      {
        prediction: null,
        noPrediction: { reason: "NOTHING_HEARD", message: 'no signal about "AQ" was ever heard' },
      },
      { prediction: null, noPrediction: { reason: "NOT_ABOUT_A_COUNTRY", message: expect.any(String) } },
    ]);
  });

  test("asked for now are those that are stored, of the same version, window and contributions", async () => {
    const ask = `query ($country: ID!) { predict(country: $country) {
      __typename ... on Prediction { id probability asOf contributions { feature value } modelVersion { version } }
      ... on NoPrediction { reason message } } }`;
    const { data } = await ml.query<{ predict: { id: string } }>(ask, { country: "JP" });
    const { entities } = await resolveEntities(
      "... on Prediction { __typename id probability asOf contributions { feature value } modelVersion { version } }",
      [{ __typename: "Prediction", id: data?.predict.id ?? "" }],
    );
    expect(data?.predict).toEqual(entities[0]);
    expect((await ml.query(ask, { country: "AQ" })).data).toMatchObject({
      predict: { __typename: "NoPrediction", reason: "NOTHING_HEARD" },
    });
  });

  test("of many countries take one statement, newest first and no more than asked for", async () => {
    await database.query(
      `INSERT INTO ml.prediction (id, tenant, residency, subject_kind, subject_key, model_version_id, probability, horizon_days, contributions, predicted_at)
       SELECT gen_random_uuid(), tenant, residency, subject_kind, subject_key, model_version_id, 0.5, 30, '[]', timestamptz '2099-03-04T12:00:00Z'
       FROM ml.prediction WHERE subject_kind = 'Country' AND subject_key = 'US' LIMIT 1`,
    );
    const { entities, count } = await resolveEntities<{ predictions: { probability: number }[] }>(
      "... on Country { predictions(first: 2) { probability predictedAt } }",
      codes.map((code) => ({ __typename: "Country", code })),
    );
    expect(count).toBe(1);
    expect(entities.map(({ predictions }) => predictions.length)).toEqual(codes.map(() => 2));
    expect(entities[0]?.predictions[0]).toEqual({
      probability: 0.5,
      predictedAt: "2099-03-04T12:00:00.000Z",
    });
  });

  test("tell for many fusion results which version took part, in two statements, and null where none did", async () => {
    await database.query(
      `INSERT INTO ml.prediction (id, tenant, residency, subject_kind, subject_key, model_version_id, probability, horizon_days, contributions, predicted_at)
       SELECT gen_random_uuid(), 'acme', 'global', 'FusionResult', unnest($1::text[]), version_id, 0.5, 30, '[]', now()
       FROM ml.model_alias WHERE alias = 'champion'`,
      [codes.map(fusionUuid)],
    );
    const { entities, count } = await resolveEntities("... on FusionResult { model { version } }", [
      ...codes.map((code) => ({ __typename: "FusionResult", id: fusionId(code) })),
      { __typename: "FusionResult", id: toGlobalId("global", "FusionResult", nowhere) },
    ]);
    expect(count).toBe(2);
    expect(entities).toEqual([...codes.map(() => ({ model: { version: 1 } })), { model: null }]);
  });

  test("of one tenant are invisible to another, and to callers without any", async () => {
    const id = naturalId("acme", "prediction", "own");
    await database.query(
      `INSERT INTO ml.prediction (id, tenant, residency, subject_kind, subject_key, model_version_id, probability, horizon_days, contributions, predicted_at)
       SELECT $1, 'acme', 'global', 'Country', 'ZW', version_id, 0.5, 30, '[]', now() FROM ml.model_alias WHERE alias = 'champion'`,
      [id],
    );
    const selection = `... on Prediction { id } ... on RiskAssessment { prediction { id } }
      ... on Country { predictions { id } } ... on FusionResult { model { version } }`;
    const representations = [
      { __typename: "Prediction", id: toGlobalId("global", "Prediction", id) },
      assessmentOf("ZW"),
      { __typename: "Country", code: "ZW" },
      { __typename: "FusionResult", id: fusionId("US") },
    ];
    const prediction = { id: toGlobalId("global", "Prediction", id) };
    expect((await resolveEntities(selection, representations)).entities).toEqual([
      prediction,
      { prediction },
      { predictions: [prediction] },
      { model: { version: 1 } },
    ]);
    for (const tenant of ["globex", "public"])
      expect((await resolveEntities(selection, representations, { tenant })).entities).toEqual([
        null,
        { prediction: null },
        { predictions: [] },
        { model: null },
      ]);
  });
});

describe("training", () => {
  test("shows its rounds getting better on examples that were held out, and of hidden updates nothing", async () => {
    const { data } = await ml.query<{
      federatedRuns: {
        status: string;
        aggregation: string;
        regions: { code: string }[];
        rounds: { status: string; loss: number; updates: unknown[] }[];
      }[];
    }>(
      "{ federatedRuns { status aggregation regions { code } rounds { status loss updates { samples } } } }",
    );
    expect(data?.federatedRuns).toHaveLength(2);
    for (const run of data?.federatedRuns ?? []) {
      expect(run).toMatchObject({ status: "COMPLETED", aggregation: "MASKED" });
      expect(run.regions.map(({ code }) => code)).toEqual(["us-east", "eu-west", "ap-southeast"]);
      expect(run.rounds.flatMap(({ updates }) => updates)).toEqual([]);
      const losses = run.rounds.filter(({ status }) => status === "COMMITTED").map(({ loss }) => loss);
      expect(losses.length).toBeGreaterThan(1);
      expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
    }
  });

  test("of all regions takes one statement for its numbers and one for their last rounds", async () => {
    const [round] = await database.query<{ id: string }>(
      "SELECT id FROM ml.round WHERE status = 'COMMITTED' LIMIT 1",
    );
    await database.query(
      `INSERT INTO ml.round_update VALUES ($1, 'us-east', true, NULL, 9, now()), ($1, 'ap-southeast', false, 'late', 0, now())`,
      [round?.id],
    );
    const { entities, count } = await resolveEntities(
      "... on Region { code training { activeRuns acceptedUpdates rejectedUpdates lastRound { status } } }",
      ["us-east", "ap-southeast", "mars-north"].map((code) => ({ __typename: "Region", code })),
    );
    const lastRound = { status: "COMMITTED" };
    expect(count).toBe(2);
    expect(entities).toEqual([
      { code: "us-east", training: { activeRuns: 0, acceptedUpdates: 1, rejectedUpdates: 0, lastRound } },
      {
        code: "ap-southeast",
        training: { activeRuns: 0, acceptedUpdates: 0, rejectedUpdates: 1, lastRound },
      },
      {
        code: "mars-north",
        training: { activeRuns: 0, acceptedUpdates: 0, rejectedUpdates: 0, lastRound: null },
      },
    ]);
  });
});

describe("models", () => {
  test("with all that hangs on them take one statement for each relation", async () => {
    const { result, count } = await database.countStatements(() =>
      ml.query(`{ models { code champion { version } aliases { alias version { version } } shadow { compared }
        promotions(first: 3) { kind version { version } } versions {
        version origin trainedBy { id } model { code } metrics { name value } features privacySpent { epsilon }
        driftReports(first: 2) { detector drifted modelVersion { version } } } } }`),
    );
    expect(result.errors).toBeUndefined();
    // models, champion, aliases, shadow, promotions, versions, and of versions: runs, model, features, privacy, drift; versions by id.
    expect(count).toBeLessThanOrEqual(14);
  });

  test("have versions whose hash is that of the parameters that are stored, with their lineage", async () => {
    const stored = await database.query<{ parameters: { contentHash: string }; content_hash: string }>(
      "SELECT parameters, content_hash FROM ml.model_version",
    );
    expect(stored).toHaveLength(2);
    for (const { parameters, content_hash } of stored) {
      expect(content_hash).toBe(hashParameters(parameters));
      expect(
        await database.query("SELECT 1 FROM ml.parameter_set WHERE content_hash = $1", [
          parameters.contentHash,
        ]),
      ).toHaveLength(1);
    }
    const { data } = await ml.query<{
      model: { versions: { dataFrom: string; dataTo: string; holdOutFrom: string; codeVersion: string }[] };
    }>(
      '{ model(code: "country-risk") { versions { origin dataset dataFrom dataTo holdOutFrom rounds codeVersion trainedBy { status } } } }',
    );
    for (const version of data?.model.versions ?? []) {
      expect(version).toMatchObject({
        origin: "federated",
        dataset: "country-signals",
        codeVersion: expect.stringMatching(/^[0-9a-f]{64}$/),
        trainedBy: { status: "COMPLETED" },
      });
      expect(Date.parse(version.dataFrom)).toBeLessThan(Date.parse(version.dataTo));
      expect(Date.parse(version.dataTo)).toBeLessThanOrEqual(Date.parse(version.holdOutFrom));
    }
  });

  test("never change: the subgraph's own role cannot rewrite a version or the record of a promotion", async () => {
    for (const statement of ["UPDATE ml.model_version SET version = 9", "DELETE FROM ml.promotion"])
      await expect(executeAs(database.urlOf("ml"), statement)).rejects.toThrow(/permission denied/);
  });

  test("keep what is there when the seed runs again", async () => {
    const countRows = () =>
      database.query(
        `SELECT (SELECT count(*) FROM ml.prediction), (SELECT max(set_at) FROM ml.model_alias),
                (SELECT count(*) FROM ml.model_version), (SELECT count(*) FROM ml.training_example)`,
      );
    const before = await countRows();
    await seed(new Date("2027-01-01T00:00:00Z"));
    expect(await countRows()).toEqual(before);
  });
});

describe("input of the wrong form", () => {
  test.each([
    [
      "an id of another type",
      `{ modelVersion(id: "${assessmentId("US")}") { id } }`,
      "expected the id of a ModelVersion",
    ],
    ["an id that is none", '{ federatedRun(id: "7") { id } }', "expected the id of a FederatedRun"],
    ["a page too large", "{ experiments(first: 101) { id } }", "expected `first` from 1 to 100; got 101"],
    [
      "a page of nothing",
      "{ models { versions(first: 0) { id } } }",
      "expected `first` from 1 to 100; got 0",
    ],
  ])("%s is BAD_USER_INPUT, telling what was expected", async (_what, query, message) => {
    const { errors } = await ml.query(query);
    expect(errors?.[0]).toMatchObject({ extensions: { code: "BAD_USER_INPUT" } });
    expect(errors?.[0]?.message).toContain(message);
  });
});
