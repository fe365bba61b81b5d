/** A model that goes on learning, over a real database. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { startDatabase, type TestDatabase } from "../../../test/support/startDatabase.ts";
import { newId } from "../../shared/ids.ts";
import { createSeededRandom } from "../../shared/seededRandom.ts";
import { type Db, openDb } from "../db.ts";
import { createLogisticRegression } from "../domain/models/models.ts";
import { flatten, hashTensors, toBytes, toManifest } from "../domain/models/parameters.ts";
import { learnOnce } from "./learnContinually.ts";

const log = pino({ level: "silent" });
let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  db = openDb({ url: database.urlOf("ml"), applicationName: "atlas-test" });
}, 120_000);

afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

/** A champion that has learned nothing yet, over examples of two features. */
beforeEach(async () => {
  await database.query(
    "TRUNCATE ml.model, ml.model_alias, ml.model_version, ml.training_example, ml.replay_sample, ml.online_learner, ml.drift_report",
  );
  const [modelId, versionId] = [newId(), newId()];
  const start = createLogisticRegression(2).initialise(createSeededRandom("start").next);
  const contentHash = hashTensors(start);
  await db.storeParameters(contentHash, toManifest(start), toBytes(flatten(start)));
  await database.query(
    "INSERT INTO ml.model (id, code, name, task) VALUES ($1, 'country-risk', 'Risk', 'risk')",
    [modelId],
  );
  await db.insertVersion({
    id: versionId,
    modelId,
    version: 1,
    contentHash,
    origin: "federated",
    parameters: {
      kind: "tensors",
      model: { kind: "logistic", inputs: 2, classes: 2 },
      dataset: "halves",
      contentHash,
    },
    metrics: {},
    createdAt: new Date(),
  });
  await database.query(
    "INSERT INTO ml.model_alias (model_id, alias, version_id, set_by) VALUES ($1, 'champion', $2, 'test')",
    [modelId, versionId],
  );
});

let day = 0;
/** Above or below a line that turns when the world does. */
async function addExamples(
  count: number,
  changes: { turned?: boolean; residency?: string; subjectId?: string } = {},
) {
  const { turned = false, residency = "us", subjectId = null } = changes;
  const random = createSeededRandom(`examples/${day}`);
  await db.insertExamples(
    Array.from({ length: count }, () => {
      const features = [random.nextNormal(), random.nextNormal()];
      const isAbove = (features[0] ?? 0) > (features[1] ?? 0);
      day += 1;
      return {
        id: newId(),
        dataset: "halves",
        tenant: "acme",
        residency,
        subjectGroup: "public",
        subjectId,
        part: "TRAIN",
        features,
        label: isAbove !== turned ? 1 : 0,
        observedAt: new Date(day * 60_000),
      };
    }),
  );
}

async function learnAll(region = "us-east"): Promise<void> {
  while (await learnOnce({ db, log, region }));
}

const remembered = () =>
  database.query<{ subject_id: string | null; residency: string }>(
    "SELECT subject_id, residency FROM ml.replay_sample JOIN ml.training_example ON id = example_id",
  );
const learner = async () =>
  (await database.query("SELECT seen, content_hash, detectors, comparison FROM ml.online_learner"))[0];

describe("a model that goes on learning", () => {
  test("reports drift when the world turns, and offers what it learned once that is better than what answers", async () => {
    await addExamples(1_000);
    await learnAll();
    const calledBefore = await database.query("SELECT 1 FROM ml.drift_report WHERE drifted");
    expect(await database.query("SELECT count(*)::int AS count FROM ml.drift_report")).not.toEqual([
      { count: 0 },
    ]);
    await addExamples(600, { turned: true });
    await learnAll();
    const called = await database.query("SELECT detector FROM ml.drift_report WHERE drifted");
    expect(called.length).toBeGreaterThan(calledBefore.length);
    const versions = await database.query<{ origin: string; metrics: { gained: number; lost: number } }>(
      "SELECT origin, metrics FROM ml.model_version WHERE origin = 'continual' ORDER BY version",
    );
    expect(versions.length).toBeGreaterThan(0);
    for (const { metrics } of versions) expect(metrics.gained).toBeGreaterThan(metrics.lost);
    // Offered, not put in place.
    expect(
      await database.query(
        "SELECT version FROM ml.model_alias a JOIN ml.model_version v ON v.id = a.version_id",
      ),
    ).toEqual([{ version: 1 }]);
  }, 60_000);

  test("is the same after a restart in the middle as without one", async () => {
    await addExamples(150);
    await learnOnce({ db, log, region: "us-east" });
    await db.close();
    db = openDb({ url: database.urlOf("ml"), applicationName: "atlas-test" });
    await learnAll();
    const restarted = await learner();
    await database.query("DELETE FROM ml.online_learner");
    await database.query("DELETE FROM ml.replay_sample");
    await learnAll();
    expect(restarted).toMatchObject({ seen: 150 });
    expect(await learner()).toEqual(restarted);
  }, 60_000);

  test("learns from what is resident in its region and from what is global, and from nothing else", async () => {
    for (const residency of ["us", "eu", "br", "global"]) await addExamples(20, { residency });
    await learnAll();
    expect(await learner()).toMatchObject({ seen: 60 });
    expect(new Set((await remembered()).map(({ residency }) => residency))).toEqual(
      new Set(["us", "br", "global"]),
    );
  }, 60_000);

  test("remembers nothing of a subject whose examples were erased", async () => {
    await addExamples(20);
    await addExamples(10, { subjectId: "anna" });
    await learnAll();
    expect((await remembered()).filter(({ subject_id }) => subject_id === "anna")).toHaveLength(10);
    expect(await db.eraseExamplesOf("anna")).toBe(10);
    expect((await remembered()).map(({ subject_id }) => subject_id)).toEqual(Array(20).fill(null));
    await addExamples(5);
    await learnAll();
    expect(await remembered()).toHaveLength(25);
  }, 60_000);

  test("is led by one process at a time: two at once learn each example once", async () => {
    await addExamples(300);
    const other = openDb({ url: database.urlOf("ml"), applicationName: "atlas-test-other" });
    const learn = async (own: Db) => {
      for (let idle = 0; idle < 3; )
        idle = (await learnOnce({ db: own, log, region: "us-east" })) ? 0 : idle + 1;
    };
    await Promise.all([learn(db), learn(other)]);
    await learnAll();
    await other.close();
    expect(await learner()).toMatchObject({ seen: 300 });
  }, 60_000);
});
