/** The ml subgraph as a process of its own over a real database, asked as the gateway would. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startDatabase, type TestDatabase } from "../../test/support/startDatabase.ts";
import { type RunningSubgraph, startSubgraph } from "../../test/support/startSubgraph.ts";
import { naturalId, toGlobalId } from "../shared/ids.ts";
import { openDb } from "./db.ts";
import { hashParameters } from "./domain/hashParameters.ts";
import { seedMl } from "./jobs/seed.ts";

const now = new Date("2026-03-03T12:00:00Z");
const codes = ["US", "DE", "BR", "JP", "FR", "IN", "ZA", "AU", "CA", "MX"];
const assessmentId = (code: string): string =>
  toGlobalId("global", "RiskAssessment", naturalId("acme", "assessment", "country", code));
const fusionUuid = (code: string): string => naturalId("acme", "fusion", "country", code);
const fusionId = (code: string): string => toGlobalId("global", "FusionResult", fusionUuid(code));
const versionId = (version: number): string =>
  toGlobalId("global", "ModelVersion", naturalId("public", "model-version", "country-risk", String(version)));
const nowhere = naturalId("acme", "nothing", "here");

let database: TestDatabase;
let ml: RunningSubgraph;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  await seed(now);
  ml = await startSubgraph("ml", database);
}, 60_000);

afterAll(async () => {
  await ml?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

async function seed(at: Date): Promise<void> {
  const db = openDb({ url: database.urlOf("ml"), applicationName: "atlas-test-seed" });
  try {
    await seedMl(db, at);
  } finally {
    await db.close();
  }
}

type Representation = Readonly<Record<string, string>>;

async function resolveEntities<Entity>(
  selection: string,
  representations: readonly Representation[],
  claims = {},
) {
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ${selection} } }`;
  const { result, count } = await database.countStatements(() =>
    ml.query<{ _entities: readonly Entity[] }>(query, { representations }, claims),
  );
  expect(result.errors).toBeUndefined();
  return { entities: result.data?._entities ?? [], count };
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
    const list = `{
      federatedRuns { id rounds { id } }
      experiments { id }
      models { versions { driftReports(first: 1) { id } } }
    }`;
    const { data } = await ml.query<{
      federatedRuns: { id: string; rounds: { id: string }[] }[];
      experiments: { id: string }[];
      models: { versions: { driftReports: { id: string }[] }[] }[];
    }>(list);
    const { entities: assessments } = await resolveEntities<{ prediction: { id: string } }>(
      "... on RiskAssessment { prediction { id } }",
      [{ __typename: "RiskAssessment", id: assessmentId("US") }],
    );
    const representations = [
      { __typename: "FederatedRun", id: data?.federatedRuns[0]?.id ?? "" },
      { __typename: "Round", id: data?.federatedRuns[0]?.rounds[0]?.id ?? "" },
      { __typename: "Experiment", id: data?.experiments[0]?.id ?? "" },
      { __typename: "DriftReport", id: data?.models[0]?.versions[0]?.driftReports[0]?.id ?? "" },
      { __typename: "Prediction", id: assessments[0]?.prediction.id ?? "" },
    ];
    const selection = representations.map(({ __typename }) => `... on ${__typename} { id }`).join(" ");
    const { entities } = await resolveEntities(`__typename ${selection}`, representations);
    expect(entities).toEqual(representations);
  });
});

describe("predictions", () => {
  test("of many assessments take one statement and come from the version in production", async () => {
    const { entities, count } = await resolveEntities<{ prediction: { probability: number } }>(
      "... on RiskAssessment { prediction { probability horizonDays residency } }",
      codes.map((code) => ({ __typename: "RiskAssessment", id: assessmentId(code) })),
    );
    expect(count).toBe(1);
    expect(entities).toHaveLength(codes.length);
    for (const { prediction } of entities) {
      expect(prediction).toEqual({ probability: expect.any(Number), horizonDays: 30, residency: "GLOBAL" });
    }
    expect(new Set(entities.map(({ prediction }) => prediction.probability)).size).toBe(codes.length);
  });

  test("explain themselves: contributions add up to the log-odds, strongest first", async () => {
    const { entities } = await resolveEntities<{
      prediction: { probability: number; contributions: { feature: string; value: number }[] };
    }>("... on RiskAssessment { prediction { probability contributions { feature value } } }", [
      { __typename: "RiskAssessment", id: assessmentId("DE") },
    ]);
    const { probability = 0, contributions = [] } = entities[0]?.prediction ?? {};
    const sum = contributions.reduce((total, { value }) => total + value, 0);
    expect(sum).toBeCloseTo(Math.log(probability / (1 - probability)), 9);
    const strengths = contributions.map(({ value }) => Math.abs(value));
    expect(strengths).toEqual([...strengths].sort((a, b) => b - a));
  });

  test("are null for an assessment that was never asked about", async () => {
    const id = toGlobalId("global", "RiskAssessment", nowhere);
    const { entities } = await resolveEntities("... on RiskAssessment { prediction { id } }", [
      { __typename: "RiskAssessment", id },
    ]);
    expect(entities).toEqual([{ prediction: null }]);
  });

  test("of many countries take one statement, newest first and no more than asked for", async () => {
    await database.query(
      `INSERT INTO ml.prediction
       SELECT gen_random_uuid(), tenant, residency, subject_kind, subject_key, model_version_id, 0.5, 30, '[]', timestamptz '2026-03-04T12:00:00Z'
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
      predictedAt: "2026-03-04T12:00:00.000Z",
    });
  });

  test("tell for many fusion results which version took part, in two statements, and null where none did", async () => {
    await database.query(
      `INSERT INTO ml.prediction
       SELECT gen_random_uuid(), tenant, residency, 'FusionResult', unnest($1::text[]), model_version_id, 0.5, 30, '[]', predicted_at
       FROM ml.prediction JOIN ml.model_alias ON version_id = model_version_id
       WHERE subject_kind = 'Country' AND subject_key = 'DE'`,
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
    const representations = [{ __typename: "Country", code: "US" }];
    const predictions = "... on Country { predictions { id } }";
    const { entities: own } = await resolveEntities<{ predictions: { id: string }[] }>(
      predictions,
      representations,
    );
    const id = own[0]?.predictions[0]?.id ?? "";
    for (const tenant of ["globex", "public"]) {
      expect((await resolveEntities(predictions, representations, { tenant })).entities).toEqual([
        { predictions: [] },
      ]);
      const { entities } = await resolveEntities(
        "... on Prediction { id } ... on RiskAssessment { prediction { id } } ... on FusionResult { model { id } }",
        [
          { __typename: "Prediction", id },
          { __typename: "RiskAssessment", id: assessmentId("US") },
          { __typename: "FusionResult", id: fusionId("US") },
        ],
        { tenant },
      );
      expect(entities).toEqual([null, { prediction: null }, { model: null }]);
    }
  });
});

describe("training", () => {
  test("of all regions takes one statement for its numbers and one for their last rounds", async () => {
    const { entities, count } = await resolveEntities(
      "... on Region { code training { activeRuns acceptedUpdates rejectedUpdates lastRound { number status } } }",
      ["us-east", "ap-southeast", "mars-north"].map((code) => ({ __typename: "Region", code })),
    );
    const lastRound = { number: 3, status: "COMMITTED" };
    expect(count).toBe(2);
    expect(entities).toEqual([
      { code: "us-east", training: { activeRuns: 0, acceptedUpdates: 3, rejectedUpdates: 0, lastRound } },
      {
        code: "ap-southeast",
        training: { activeRuns: 0, acceptedUpdates: 2, rejectedUpdates: 1, lastRound },
      },
      {
        code: "mars-north",
        training: { activeRuns: 0, acceptedUpdates: 0, rejectedUpdates: 0, lastRound: null },
      },
    ]);
  });

  test("shows its rounds getting better, with what counted and what was refused", async () => {
    const { data } = await ml.query<{
      federatedRuns: {
        strategy: string;
        status: string;
        regions: { code: string }[];
        rounds: { number: number; accepted: number; rejected: number; loss: number }[];
      }[];
    }>("{ federatedRuns { strategy status regions { code } rounds { number accepted rejected loss } } }");
    const [run] = data?.federatedRuns ?? [];
    expect(run?.strategy).toContain("seeded example");
    expect(run?.regions.map(({ code }) => code)).toEqual(["us-east", "eu-west", "ap-southeast"]);
    expect(run?.rounds.map(({ accepted, rejected }) => [accepted, rejected])).toEqual([
      [3, 0],
      [2, 1],
      [3, 0],
    ]);
    const losses = run?.rounds.map(({ loss }) => loss) ?? [];
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
  });
});

describe("models", () => {
  test("with all that hangs on them take one statement for each relation", async () => {
    const { result, count } = await database.countStatements(() =>
      ml.query(`{ models { code production { version } versions {
        version origin trainedBy { id } model { code } metrics { name value }
        driftReports(first: 2) { detector drifted modelVersion { version } } } } }`),
    );
    expect(result.errors).toBeUndefined();
    // models, production, versions, the model of versions, drift reports, the versions of reports.
    expect(count).toBe(6);
  });

  test("have versions whose hash is that of the parameters that are stored, and whose origin says seed", async () => {
    const stored = await database.query<{ parameters: unknown; content_hash: string; origin: string }>(
      "SELECT parameters, content_hash, origin FROM ml.model_version",
    );
    expect(stored).toHaveLength(2);
    for (const { parameters, content_hash, origin } of stored) {
      expect(content_hash).toBe(hashParameters(parameters));
      expect(origin).toBe("seed");
    }
  });

  test("keep what is there when the seed runs again", async () => {
    const countRows = () =>
      database.query("SELECT (SELECT count(*) FROM ml.prediction), (SELECT max(set_at) FROM ml.model_alias)");
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

describe("promoteModelVersion", () => {
  type Promoted = {
    version?: { version: number };
    previous?: { version: number } | null;
    reason?: string;
    message?: string;
  };

  async function promote(input: Readonly<Record<string, string>>): Promise<Promoted | undefined> {
    const answer = await ml.query<{ promoteModelVersion: Promoted }>(
      `mutation ($input: PromoteModelVersionInput!) { promoteModelVersion(input: $input) {
        ... on ModelVersionPromoted { version { version } previous { version } }
        ... on MlRefusal { reason message } } }`,
      { input },
    );
    expect(answer.errors).toBeUndefined();
    return answer.data?.promoteModelVersion;
  }

  test("flips the alias, tells what it pointed at, and answers a retry the same", async () => {
    const input = { versionId: versionId(2), idempotencyKey: "promote-1" };
    const expected = { version: { version: 2 }, previous: { version: 1 } };
    expect(await promote(input)).toEqual(expected);
    expect(await promote(input)).toEqual(expected);
    const { data } = await ml.query('{ model(code: "country-risk") { production { version } } }');
    expect(data).toEqual({ model: { production: { version: 2 } } });
  });

  test("changes what assessments answer from then on, and is undone the same way", async () => {
    const ask = () =>
      resolveEntities("... on RiskAssessment { prediction { modelVersion { version } } }", [
        { __typename: "RiskAssessment", id: assessmentId("US") },
      ]);
    await promote({ versionId: versionId(2), idempotencyKey: "promote-2" });
    expect((await ask()).entities).toEqual([{ prediction: { modelVersion: { version: 2 } } }]);
    await promote({ versionId: versionId(1), idempotencyKey: "roll-back-2" });
    expect((await ask()).entities).toEqual([{ prediction: { modelVersion: { version: 1 } } }]);
  });

  test("gives a new alias no previous version", async () => {
    const input = { versionId: versionId(1), alias: "shadow", idempotencyKey: "shadow-1" };
    expect(await promote(input)).toEqual({ version: { version: 1 }, previous: null });
  });

  test("lets promotions that race follow each other, each seeing the one before", async () => {
    const keys = Array.from({ length: 8 }, (_, index) => `race-${index}`);
    await Promise.all(
      keys.map((idempotencyKey, index) =>
        promote({ versionId: versionId(1 + (index % 2)), alias: "race", idempotencyKey }),
      ),
    );
    const rows = await database.query<{ version_id: string; previous_version_id: string | null }>(
      "SELECT version_id, previous_version_id FROM ml.promotion WHERE alias = 'race'",
    );
    expect(rows).toHaveLength(keys.length);
    expect(rows.filter(({ previous_version_id }) => previous_version_id === null)).toHaveLength(1);
    // Along a chain, all but the last version are also somebody's previous one.
    const [last] = await database.query<{ version_id: string }>(
      "SELECT version_id FROM ml.model_alias WHERE alias = 'race'",
    );
    const versions = rows.map(({ version_id }) => version_id).sort();
    const previous = rows.map(({ previous_version_id }) => previous_version_id ?? last?.version_id).sort();
    expect(previous).toEqual(versions);
  });

  test("writes one promotion for retries that race", async () => {
    const input = { versionId: versionId(2), alias: "retry", idempotencyKey: "retry-1" };
    const answers = await Promise.all(Array.from({ length: 6 }, () => promote(input)));
    expect(answers).toEqual(answers.map(() => ({ version: { version: 2 }, previous: null })));
    expect(await database.query("SELECT id FROM ml.promotion WHERE alias = 'retry'")).toHaveLength(1);
  });

  test("refuses with a reason: an unknown version, a key used for something else, a wrong form", async () => {
    const unknown = toGlobalId("global", "ModelVersion", nowhere);
    expect(await promote({ versionId: unknown, idempotencyKey: "refused-1" })).toMatchObject({
      reason: "NOT_FOUND",
    });
    expect(await promote({ versionId: versionId(1), idempotencyKey: "promote-1" })).toMatchObject({
      reason: "IDEMPOTENCY_KEY_REUSED",
    });
    const wrong = { versionId: versionId(1), alias: "Not A Slug", idempotencyKey: "refused-2" };
    expect(await promote(wrong)).toMatchObject({
      reason: "INVALID_INPUT",
      message: expect.stringContaining("expected `alias` as lower-case words"),
    });
    expect(await promote({ versionId: versionId(1), idempotencyKey: "a\u0000b" })).toMatchObject({
      reason: "INVALID_INPUT",
      message: "expected `idempotencyKey` without the character U+0000",
    });
    expect(await promote({ versionId: versionId(1), idempotencyKey: "x".repeat(129) })).toMatchObject({
      reason: "INVALID_INPUT",
      message: "expected `idempotencyKey` with 1 to 128 characters; got 129",
    });
  });
});
