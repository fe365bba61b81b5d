/**
 * The registry over the graph: aliases that move by rules and back, versions beside each other, rounds as they move.
 *
 * @jest-environment ./test/support/run/oneRealm.mjs
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createClient } from "graphql-ws";
import { pino } from "pino";
import WebSocket from "ws";
import { signContext } from "../../test/support/signContext.ts";
import { startDatabase, type TestDatabase } from "../../test/support/startDatabase.ts";
import { type RunningSubgraph, startSubgraph } from "../../test/support/startSubgraph.ts";
import { naturalId, newId, toGlobalId } from "../shared/ids.ts";
import { openDb } from "./db.ts";
import { assignVariant } from "./domain/experiments/assignVariant.ts";
import { seedMl } from "./jobs/seed.ts";
import { generateFacts } from "./testing/generateFacts.ts";

const countries = [
  "US",
  "DE",
  "BR",
  "JP",
  "FR",
  "IN",
  "ZA",
  "AU",
  "CA",
  "MX",
  "PL",
  "IT",
  "ES",
  "AR",
  "CL",
  "CN",
];
const modelId = naturalId("public", "model", "country-risk");
const versionUuid = (version: number) => naturalId("public", "model-version", modelId, String(version));
const versionId = (version: number) => toGlobalId("global", "ModelVersion", versionUuid(version));
const now = new Date();

let database: TestDatabase;
let ml: RunningSubgraph;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  const db = openDb({ url: database.urlOf("ml"), applicationName: "atlas-test-seed" });
  const facts = generateFacts({ countries, steps: 300, until: now });
  await seedMl(db, { now, facts, region: "us-east", log: pino({ level: "silent" }) });
  await db.close();
  ml = await startSubgraph("ml", database);
}, 240_000);

afterAll(async () => {
  await ml?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

type Answer = Readonly<Record<string, unknown>>;

async function mutate(field: string, type: string, input: Answer, selection: string): Promise<Answer> {
  const { data, errors } = await ml.query<{ answer: Answer }>(
    `mutation ($input: ${type}!) { answer: ${field}(input: $input) { __typename ${selection} ... on MlRefusal { reason message } } }`,
    { input },
  );
  expect(errors).toBeUndefined();
  return data?.answer ?? {};
}
const checks = "checks { rule passed message }";
const moved = `... on ModelVersionPromoted { version { version } previous { version } ${checks} }`;
const promote = (input: Answer) =>
  mutate(
    "promote",
    "PromoteInput",
    { idempotencyKey: newId(), ...input },
    `${moved} ... on PromotionRefused { ${checks} }`,
  );
const rollback = (input: Answer = {}) =>
  mutate(
    "rollback",
    "RollbackInput",
    { modelCode: "country-risk", idempotencyKey: newId(), ...input },
    moved,
  );
const startExperiment = (input: Answer = {}) =>
  mutate(
    "startExperiment",
    "StartExperimentInput",
    { name: "More rounds", treatmentId: versionId(2), idempotencyKey: newId(), ...input },
    "... on ExperimentStarted { experiment { id status share } }",
  );

const champion = async (): Promise<unknown> => {
  const { data } = await ml.query<{ model: { champion: { version: number } } }>(
    '{ model(code: "country-risk") { champion { version } } }',
  );
  return data?.model.champion.version;
};

describe("promotion", () => {
  test("moves the champion when every rule holds, tells them all, and answers a retry the same", async () => {
    const input = { versionId: versionId(2), idempotencyKey: newId() };
    const answer = await promote(input);
    expect(answer).toMatchObject({
      __typename: "ModelVersionPromoted",
      version: { version: 2 },
      previous: { version: 1 },
    });
    expect(answer.checks).toHaveLength(5);
    expect(await promote(input)).toEqual(answer);
    expect(await champion()).toBe(2);
  });

  test("is undone at once, by what answered before, and not twice", async () => {
    expect(await rollback()).toMatchObject({ version: { version: 1 }, previous: { version: 2 } });
    expect(await champion()).toBe(1);
    expect(await rollback()).toMatchObject({ reason: "NOTHING_TO_ROLL_BACK" });
    const { data } = await ml.query(
      '{ model(code: "country-risk") { promotions(first: 2) { alias kind version { version } } } }',
    );
    expect(data).toMatchObject({
      model: {
        promotions: [
          { alias: "champion", kind: "ROLLBACK", version: { version: 1 } },
          { alias: "champion", kind: "PROMOTION", version: { version: 2 } },
        ],
      },
    });
  });

  test("changes what is predicted, and the rollback what was predicted before", async () => {
    const ask = async () =>
      (
        await ml.query<{ predict: { probability: number; modelVersion: { version: number } } }>(
          '{ predict(country: "DE") { ... on Prediction { probability modelVersion { version } } } }',
        )
      ).data?.predict;
    const before = await ask();
    await promote({ versionId: versionId(2) });
    expect((await ask())?.modelVersion.version).toBe(2);
    await rollback();
    expect(await ask()).toEqual(before);
  });

  test("refuses a version that learned nothing, or does worse, and leaves the alias where it was", async () => {
    // One that always says the opposite: the weights of version 1 with their signs turned.
    await database.query(
      `INSERT INTO ml.model_version (id, model_id, version, content_hash, origin, parameters, metrics, created_at, dataset, hold_out_from)
       SELECT $2, model_id, 90, repeat('a', 64), 'federated',
         '{"kind": "logistic", "horizonDays": 30, "intercept": 9}'::jsonb || jsonb_build_object('features',
           (SELECT jsonb_agg(feature || '{"mean": 0, "deviation": 1, "weight": 9}') FROM jsonb_array_elements(parameters -> 'features') AS feature)),
         '{}', now(), dataset, hold_out_from FROM ml.model_version WHERE id = $1`,
      [versionUuid(1), versionUuid(90)],
    );
    await database.query(
      `INSERT INTO ml.model_version (id, model_id, version, content_hash, origin, parameters, metrics, created_at)
       VALUES ($1, $2, 91, repeat('b', 64), 'seed', '{}', '{}', now())`,
      [versionUuid(91), modelId],
    );
    const failed = async (version: number) => {
      const answer = await promote({ versionId: versionId(version) });
      expect(answer.__typename).toBe("PromotionRefused");
      return (answer.checks as { rule: string; passed: boolean }[]).flatMap(({ rule, passed }) =>
        passed ? [] : [rule],
      );
    };
    expect(await failed(90)).toEqual(["BETTER_THAN_BASE_RATE", "NOT_WORSE_THAN_CHAMPION"]);
    expect(await failed(91)).toEqual(["TRAINED", "BETTER_THAN_BASE_RATE", "NOT_WORSE_THAN_CHAMPION"]);
    expect(await champion()).toBe(1);
  });

  test("lets moves that race follow each other, each seeing the one before, and retries write once", async () => {
    const key = newId();
    await Promise.all([
      ...Array.from({ length: 6 }, (_, at) => promote({ versionId: versionId(1 + (at % 2)), alias: "race" })),
      ...Array.from({ length: 4 }, () =>
        promote({ versionId: versionId(2), alias: "retry", idempotencyKey: key }),
      ),
    ]);
    const rows = await database.query<{ version_id: string; previous_version_id: string | null }>(
      "SELECT version_id, previous_version_id FROM ml.promotion WHERE alias = 'race'",
    );
    expect(rows).toHaveLength(6);
    expect(rows.filter(({ previous_version_id }) => previous_version_id === null)).toHaveLength(1);
    expect(await database.query("SELECT id FROM ml.promotion WHERE alias = 'retry'")).toHaveLength(1);
  });

  test("refuses wrong input with a reason", async () => {
    const key = newId();
    await promote({ versionId: versionId(1), alias: "keys", idempotencyKey: key });
    expect(await promote({ versionId: versionId(2), alias: "keys", idempotencyKey: key })).toMatchObject({
      reason: "IDEMPOTENCY_KEY_REUSED",
    });
    expect(await promote({ versionId: toGlobalId("global", "ModelVersion", newId()) })).toMatchObject({
      reason: "NOT_FOUND",
    });
    expect(await promote({ versionId: versionId(1), alias: "Not A Slug" })).toMatchObject({
      reason: "INVALID_INPUT",
    });
    expect(await rollback({ modelCode: "crystal-ball" })).toMatchObject({ reason: "NOT_FOUND" });
  });
});

describe("a version in the shadow", () => {
  test("predicts along with the champion on the same countries and moments", async () => {
    const { data } = await ml.query<{ model: { shadow: { compared: number; meanDifference: number } } }>(
      '{ model(code: "country-risk") { shadow { version { version } champion { version } compared meanDifference judged } } }',
    );
    expect(data?.model.shadow).toMatchObject({ version: { version: 2 }, champion: { version: 1 } });
    expect(data?.model.shadow.compared).toBe(countries.length);
    expect(data?.model.shadow.meanDifference).toBeGreaterThan(0);
  });
});

describe("an experiment", () => {
  const experimentOf = async (id: unknown) =>
    (
      await ml.query<{ experiment: Answer }>(
        "query ($id: ID!) { experiment(id: $id) { status finishedAt verdict { difference pValue controlCount treatmentCount } } }",
        { id },
      )
    ).data?.experiment;

  test("answers for a share of the countries by the version on trial, one experiment at a time", async () => {
    expect(await startExperiment({ treatmentId: versionId(1) })).toMatchObject({ reason: "INVALID_INPUT" });
    expect(await startExperiment({ treatmentId: versionId(91) })).toMatchObject({ reason: "INVALID_INPUT" });
    expect(await startExperiment({ share: 0 })).toMatchObject({ reason: "INVALID_INPUT" });
    const { experiment } = (await startExperiment()) as { experiment: { id: string } };
    expect(await startExperiment()).toMatchObject({ reason: "EXPERIMENT_RUNNING" });
    const uuid = experiment.id.slice("global-experiment-".length);
    for (const country of countries) {
      const { data } = await ml.query<{ predict: Answer }>(
        "query ($country: ID!) { predict(country: $country) { ... on Prediction { modelVersion { version } } } }",
        { country },
      );
      const version = assignVariant(uuid, country, 0.5) === "TREATMENT" ? 2 : 1;
      expect(data?.predict).toEqual({ modelVersion: { version } });
    }
    const stop = () =>
      mutate(
        "stopExperiment",
        "StopExperimentInput",
        { experimentId: experiment.id, idempotencyKey: newId() },
        "... on ExperimentStopped { experiment { status } }",
      );
    expect(await stop()).toMatchObject({ experiment: { status: "STOPPED" } });
    expect(await stop()).toMatchObject({ reason: "EXPERIMENT_OVER" });
  });

  test("ends by itself when what came true proves one version, and its verdict keeps a loser from promotion", async () => {
    const { experiment } = (await startExperiment({ countMin: 20 })) as { experiment: { id: string } };
    // The version on trial is sure and wrong, the champion sure and right, on 400 subjects.
    await database.query(
      `INSERT INTO ml.prediction (id, tenant, residency, subject_kind, subject_key, model_version_id, probability, horizon_days, contributions, predicted_at, as_of, outcome)
       SELECT gen_random_uuid(), 'public', 'global', 'Country', 'subject-' || n, version, CASE version WHEN $1::uuid THEN 0.9 ELSE 0.1 END,
              30, '[]', now(), now() - interval '40 days', true
       FROM generate_series(1, 400) AS n, unnest(ARRAY[$1::uuid, $2::uuid]) AS version`,
      [versionUuid(1), versionUuid(2)],
    );
    let said: Answer | undefined;
    for (const giveUpAt = Date.now() + 60_000; said?.status !== "REJECTED"; await sleep(100)) {
      if (Date.now() > giveUpAt)
        throw new Error(`waited a minute; the last look found ${JSON.stringify(said)}`);
      said = await experimentOf(experiment.id);
    }
    expect(said).toMatchObject({ verdict: { difference: expect.closeTo(0.8, 5) } });
    const answer = await promote({ versionId: versionId(2) });
    expect(answer.__typename).toBe("PromotionRefused");
    expect(answer.checks).toContainEqual(expect.objectContaining({ rule: "NOT_REJECTED", passed: false }));
  });
});

describe("federatedRoundChanged", () => {
  test("tells each move of a round as it was, of the run that was asked for", async () => {
    const client = createClient({ url: ml.url.replace("http", "ws"), webSocketImpl: WebSocket });
    const [run, other] = [newId(), newId()];
    for (const id of [run, other])
      await database.query(
        "INSERT INTO ml.federated_run (id, model_id, strategy, status, region_codes, started_at) VALUES ($1, $2, 'FedAvg', 'COMPLETED', '{us-east}', now())",
        [id, modelId],
      );
    const extensions = {
      "atlas-context": await signContext({ secret: ml.contextSecret, audience: "ml", claims: {} }),
    };
    const events = client.iterate<{ federatedRoundChanged: Answer }>({
      query: "subscription ($run: ID) { federatedRoundChanged(run: $run) { number status loss abortCode } }",
      variables: { run: toGlobalId("global", "FederatedRun", run) },
      extensions,
    });
    const roundOf = async (of: string, number: number, status: string) =>
      database.query(
        `INSERT INTO ml.round (id, run_id, number, status, started_at) VALUES ($1, $2, $3, $4, now())`,
        [newId(), of, number, status],
      );
    // Nothing tells when a subscription is in place, so rounds are opened until the first is heard of.
    const first = events.next();
    let opened = 0;
    let heard: Answer | undefined;
    void first.then(({ value }) => {
      heard = value?.data?.federatedRoundChanged;
    });
    for (
      const giveUpAt = Date.now() + 30_000;
      heard === undefined && Date.now() < giveUpAt;
      await sleep(100)
    ) {
      opened += 1;
      await roundOf(other, opened, "OPEN");
      await roundOf(run, opened, "OPEN");
    }
    expect(heard).toMatchObject({ status: "OPEN" });
    await database.query(
      "UPDATE ml.round SET status = 'COMMITTED', loss = 0.25 WHERE run_id = $1 AND number = $2",
      [run, opened],
    );
    await database.query(
      "UPDATE ml.round SET status = 'ABORTED', abort_code = 'TEST' WHERE run_id = $1 AND number = $2",
      [run, opened],
    );
    const last: unknown[] = [];
    for await (const { data } of events) {
      last.push(data?.federatedRoundChanged);
      if (data?.federatedRoundChanged.status === "ABORTED") break;
    }
    expect(last.slice(-2)).toEqual([
      { number: opened, status: "COMMITTED", loss: 0.25, abortCode: null },
      { number: opened, status: "ABORTED", loss: 0.25, abortCode: "TEST" },
    ]);
    await client.dispose();
  });
});
