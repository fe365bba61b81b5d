/** Federated rounds over a real PostgreSQL: what is stored decides, whoever coordinates. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { startDatabase, type TestDatabase } from "../../../test/support/startDatabase.ts";
import { naturalId, newId } from "../../shared/ids.ts";
import { createSeededRandom, type Random } from "../../shared/seededRandom.ts";
import { type Lease, LeaseLost } from "../db/lease.ts";
import { type Db, openDb } from "../db.ts";
import { flatten, hashTensors, toBytes, toManifest, unflatten } from "../domain/models/parameters.ts";
import { measure, type Sample } from "../domain/models/trainable.ts";
import { createModel, type RunTask, runTask } from "../domain/rounds/runTask.ts";
import { storeUpdate } from "../resolvers/storeUpdate.ts";
import { advanceRuns, leaseName } from "./coordinateRuns.ts";
import { createTrainer, type Trainer } from "./coordination/testing/trainer.ts";

const log = pino({ level: "silent" });
const regionCodes = ["us-east", "eu-west", "ap-southeast"] as const;
const residencyOf = { "us-east": "us", "eu-west": "eu", "ap-southeast": "ap" } as const;
const dataset = "line";
const inputs = 6;

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  db = openDb({ url: database.urlOf("ml"), applicationName: "atlas-test-rounds" });
  await storeExamples();
}, 60_000);

afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  await database.query(
    `TRUNCATE ml.federated_run, ml.round, ml.round_participant, ml.round_update, ml.submitted_update, ml.round_answer, ml.participant,
      ml.lease, ml.privacy_entry`,
  );
});

/** On which side of a plane a point lies; each region sees another part of the world. */
function sampleFor(random: Random, shift: number): Sample {
  const input = Float32Array.from({ length: inputs }, () => random.nextNormal() + shift);
  const side = input.reduce((sum, value, at) => sum + value * (at % 2 === 0 ? 1 : -0.5), 0);
  return { input, label: side > 1.5 * shift ? 1 : 0 };
}

const samplesOf = new Map<string, readonly Sample[]>(
  regionCodes.map((code, at) => {
    const random = createSeededRandom(code);
    return [code, Array.from({ length: 150 }, () => sampleFor(random, at * 0.3))];
  }),
);

async function storeExamples(): Promise<void> {
  const random = createSeededRandom("hold-out");
  const toRow = (part: string, residency: string, { input, label }: Sample, group: string) => ({
    id: newId(),
    dataset,
    tenant: "acme",
    residency,
    subjectGroup: group,
    part,
    features: Array.from(input),
    label,
    observedAt: new Date("2026-03-03T00:00:00Z"),
  });
  await db.insertExamples([
    ...Array.from({ length: 300 }, () => toRow("HOLD_OUT", "global", sampleFor(random, 0.3), "public")),
    ...regionCodes.flatMap((code) =>
      (samplesOf.get(code) ?? []).map((sample) =>
        toRow("TRAIN", residencyOf[code], sample, `people-${code}`),
      ),
    ),
  ]);
}

const task = (changes: Partial<RunTask> = {}): RunTask =>
  runTask.parse({
    dataset,
    model: { kind: "logistic", inputs, classes: 2 },
    strategy: "FedAvg",
    wanted: 3,
    deadlineMs: 60_000,
    roundsMax: 4,
    local: { epochs: 1, batchSize: 10, learningRate: 0.3 },
    aggregation: "ROBUST",
    privacy: null,
    convergence: { accuracyWanted: 1, patience: 100, lossStep: 0 },
    ...changes,
  });

async function startRun(of: RunTask): Promise<string> {
  const start = createModel(of.model).initialise(createSeededRandom("start").next);
  const baseHash = hashTensors(start);
  await db.storeParameters(baseHash, toManifest(start), toBytes(flatten(start)));
  const id = newId();
  await db.insertRun({
    id,
    modelId: naturalId("public", "model", "line"),
    strategy: of.strategy,
    status: "RUNNING",
    coordinatedBy: "us-east",
    regionCodes: [...regionCodes],
    startedAt: new Date(),
    task: of,
    baseHash,
  });
  return id;
}

const trainersOf = (changes: Parameters<typeof createTrainer>[1] | object = {}): Trainer[] =>
  regionCodes.map((code) =>
    createTrainer(db, {
      name: `trainer-${code}`,
      regionCode: code,
      dataset,
      samples: samplesOf.get(code) ?? [],
      ...changes,
    }),
  );

async function takeLease(holder = "test"): Promise<Lease> {
  const lease = await db.takeLease(leaseName, holder, 60_000);
  if (!lease) throw new Error("somebody else holds the lease");
  return lease;
}

/** Until the run has ended; `lead` is one step of a coordinator. */
async function runToEnd(runId: string, trainers: readonly Trainer[], lead: () => Promise<unknown>) {
  for (let turn = 0; turn < 200; turn += 1) {
    for (const trainer of trainers) await trainer.offer();
    await lead();
    for (const trainer of trainers) await trainer.work();
    const [run] = await database.query<{ status: string; base_hash: string; stop_reason: string }>(
      "SELECT status, base_hash, stop_reason FROM ml.federated_run WHERE id = $1",
      [runId],
    );
    if (run && run.status !== "RUNNING") return run;
  }
  throw new Error("the run did not end");
}

const roundsOf = (runId: string) =>
  database.query<{ id: string; status: string; accuracy: number; abort_code: string; abort_reason: string }>(
    "SELECT * FROM ml.round WHERE run_id = $1 ORDER BY number",
    [runId],
  );

async function accuracyOf(hash: string, of: RunTask): Promise<number> {
  const stored = await db.findParameters(hash);
  if (!stored) throw new Error("no such weights");
  const random = createSeededRandom("fresh");
  const fresh = Array.from({ length: 500 }, () => sampleFor(random, 0.3));
  const vector = new Float32Array(
    stored.vector.buffer.slice(stored.vector.byteOffset, stored.vector.byteOffset + stored.vector.byteLength),
  );
  return measure(createModel(of.model), unflatten(stored.manifest, vector), fresh).accuracy;
}

describe("a federated run", () => {
  test("goes round by round to the end and knows more afterwards", async () => {
    const of = task();
    const runId = await startRun(of);
    const lease = await takeLease();
    const run = await runToEnd(runId, trainersOf(), () => advanceRuns({ db, lease, log, region: "us-east" }));
    expect(run).toMatchObject({ status: "COMPLETED", stop_reason: "all 4 rounds are over" });
    const rounds = await roundsOf(runId);
    expect(rounds.map(({ status }) => status)).toEqual(Array(4).fill("COMMITTED"));
    expect(rounds.at(-1)?.accuracy).toBeGreaterThan(0.9);
    expect(await accuracyOf(run.base_hash, of)).toBeGreaterThan(0.9);
    const summary = await database.query(
      "SELECT region_code, bool_and(accepted) AS accepted, sum(samples)::int AS samples FROM ml.round_update GROUP BY 1 ORDER BY 1",
    );
    expect(summary).toEqual(
      [...regionCodes].sort().map((region_code) => ({ region_code, accepted: true, samples: 600 })),
    );
  });

  test("ends early once the hold-out is good enough", async () => {
    const runId = await startRun(
      task({ convergence: { accuracyWanted: 0.85, patience: 100, lossStep: 0 }, roundsMax: 50 }),
    );
    const lease = await takeLease();
    const run = await runToEnd(runId, trainersOf(), () => advanceRuns({ db, lease, log, region: "us-east" }));
    expect(run.stop_reason).toBe("the hold-out reached 0.85");
    expect((await roundsOf(runId)).length).toBeLessThan(50);
  });

  test("gives the same model when another coordinator takes over after every single step", async () => {
    const lease = await takeLease();
    const one = await startRun(task());
    const { base_hash } = await runToEnd(one, trainersOf(), () =>
      advanceRuns({ db, lease, log, region: "us-east" }),
    );
    await db.releaseLease(lease);
    let step = 0;
    const other = await startRun(task());
    const again = await runToEnd(other, trainersOf(), async () => {
      step += 1;
      const next = await takeLease(`coordinator-${step}`);
      await advanceRuns({ db, lease: next, log, region: "us-east" });
      // It dies: nobody releases; its time runs out.
      await database.query("UPDATE ml.lease SET expires_at = now()");
    });
    expect(step).toBeGreaterThan(20);
    expect(again.base_hash).toBe(base_hash);
  });

  test("is out of reach for a coordinator whose lease has gone to another", async () => {
    const runId = await startRun(task());
    const old = await takeLease("old");
    expect(await db.takeLease(leaseName, "young", 60_000)).toBeUndefined();
    await database.query("UPDATE ml.lease SET expires_at = now()");
    const young = await takeLease("young");
    expect(young.epoch).toBeGreaterThan(old.epoch);
    await expect(advanceRuns({ db, lease: old, log, region: "us-east" })).rejects.toThrow(LeaseLost);
    expect(await roundsOf(runId)).toEqual([]);
    await advanceRuns({ db, lease: young, log, region: "us-east" });
    expect(await roundsOf(runId)).toHaveLength(1);
  });

  test("aborts a round in which everybody is silent, and itself after five of them", async () => {
    const runId = await startRun(task({ roundsMax: 50 }));
    const lease = await takeLease();
    const silent = trainersOf().map((trainer) => ({ ...trainer, work: async () => undefined }));
    const run = await runToEnd(runId, silent, async () => {
      await advanceRuns({ db, lease, log, region: "us-east" });
      await database.query(
        "UPDATE ml.round SET deadline_at = now() - interval '1 second' WHERE status = 'TRAINING'",
      );
    });
    expect(run).toMatchObject({ status: "ABORTED", stop_reason: "5 rounds in a row counted for nothing" });
    for (const { status, abort_code, abort_reason } of await roundsOf(runId))
      expect([status, abort_code, abort_reason]).toEqual([
        "ABORTED",
        "QUORUM_MISSED",
        "expected at least 3 updates before the deadline, came 0",
      ]);
  });

  test("waits for participants rather than start what cannot end well", async () => {
    const runId = await startRun(task());
    const lease = await takeLease();
    const [first] = trainersOf();
    await first?.offer();
    await advanceRuns({ db, lease, log, region: "us-east" });
    expect(await advanceRuns({ db, lease, log, region: "us-east" })).toBe(false);
    expect((await roundsOf(runId)).map(({ status }) => status)).toEqual(["OPEN"]);
  });

  test("does not take a result that is worse on the hold-out: three who lie alike change nothing", async () => {
    const of = task({ roundsMax: 6 });
    const runId = await startRun(of);
    const lease = await takeLease();
    const honest = trainersOf();
    const liars = trainersOf({ distort: (delta: Float32Array) => delta.map((value) => -value) });
    let turn = 0;
    const run = await runToEnd(
      runId,
      honest.map((trainer, at) => ({
        ...trainer,
        work: async () => (turn > 8 ? liars[at]?.work() : trainer.work()),
      })),
      async () => {
        turn += 1;
        await advanceRuns({ db, lease, log, region: "us-east" });
      },
    );
    const rounds = await roundsOf(runId);
    expect(rounds.some(({ abort_code }) => abort_code === "HOLD_OUT_FELL")).toBe(true);
    const committed = rounds.filter(({ status }) => status === "COMMITTED").map(({ accuracy }) => accuracy);
    for (const [at, accuracy] of committed.entries())
      expect(accuracy).toBeGreaterThanOrEqual((committed[at - 1] ?? 0) - 0.01);
    expect(await accuracyOf(run.base_hash, of)).toBeGreaterThan(0.8);
  });
});

describe("an update", () => {
  async function openTraining() {
    const runId = await startRun(task());
    const lease = await takeLease();
    const trainers = trainersOf();
    for (const trainer of trainers) await trainer.offer();
    for (let step = 0; step < 3; step += 1) await advanceRuns({ db, lease, log, region: "us-east" });
    const [round] = await database.query<{ id: string; base_hash: string }>(
      "SELECT id, base_hash FROM ml.round WHERE run_id = $1 AND status = 'TRAINING'",
      [runId],
    );
    if (!round) throw new Error("no round in training");
    const size = 2 * inputs + 2;
    const sent = (changes: object = {}) => ({
      participant: "trainer-us-east",
      attempt: 1,
      baseHash: round.base_hash,
      samples: 100,
      encoding: "FLOAT32" as const,
      payload: toBytes(Float32Array.from({ length: size }, (_, at) => 0.01 * (at + 1))),
      ...changes,
    });
    return { round, lease, sent };
  }
  const stored = (roundId: string) =>
    database.query<{
      participant: string;
      attempt: number;
      accepted: boolean;
      code: string;
      has_vector: boolean;
    }>(
      `SELECT participant, attempt, accepted, code, vector IS NOT NULL AS has_vector
       FROM ml.submitted_update WHERE round_id = $1 ORDER BY participant, attempt`,
      [roundId],
    );

  test("sent again answers the same and is stored once; a newer attempt takes its place", async () => {
    const { round, sent } = await openTraining();
    expect(await storeUpdate(db, round.id, sent())).toEqual({ kind: "ACCEPTED", isClipped: false });
    expect(await storeUpdate(db, round.id, sent())).toEqual({ kind: "ACCEPTED", isClipped: false });
    expect(await stored(round.id)).toHaveLength(1);
    const better = sent({ attempt: 2, payload: toBytes(new Float32Array(14).fill(0.02)) });
    expect(await storeUpdate(db, round.id, better)).toEqual({ kind: "ACCEPTED", isClipped: false });
    expect(await stored(round.id)).toEqual([
      {
        participant: "trainer-us-east",
        attempt: 1,
        accepted: false,
        code: "ATTEMPT_SUPERSEDED",
        has_vector: false,
      },
      { participant: "trainer-us-east", attempt: 2, accepted: true, code: null, has_vector: true },
    ]);
  });

  test.each([
    ["of another base", { baseHash: "0".repeat(64) }, "WRONG_BASE"],
    ["of somebody who was not chosen", { participant: "stranger" }, "NOT_SELECTED"],
    ["of another shape", { payload: Buffer.alloc(8) }, "WRONG_SHAPE"],
    ["too large", { payload: Buffer.alloc(10_000) }, "TOO_LARGE"],
    ["with a billion samples", { samples: 1e9 }, "SAMPLES_OUT_OF_RANGE"],
    ["with NaN", { payload: toBytes(new Float32Array(14).fill(Number.NaN)) }, "NOT_FINITE"],
    ["of infinity", { payload: toBytes(new Float32Array(14).fill(Number.POSITIVE_INFINITY)) }, "NOT_FINITE"],
  ])("%s is refused, and stored with its code and without its values", async (_, changes, code) => {
    const { round, sent } = await openTraining();
    expect(await storeUpdate(db, round.id, sent(changes))).toMatchObject({ kind: "REFUSED", code });
    expect(await stored(round.id)).toEqual([
      expect.objectContaining({ accepted: false, code, has_vector: false }),
    ]);
  });

  test("that another one sent before is a replay", async () => {
    const { round, sent } = await openTraining();
    await storeUpdate(db, round.id, sent());
    const replayed = await storeUpdate(db, round.id, sent({ participant: "trainer-eu-west" }));
    expect(replayed).toMatchObject({ kind: "REFUSED", code: "REPLAYED" });
  });

  test("after the deadline, or after the round, does not count", async () => {
    const { round, lease, sent } = await openTraining();
    await database.query("UPDATE ml.round SET deadline_at = now() - interval '1 second'");
    expect(await storeUpdate(db, round.id, sent())).toMatchObject({ kind: "REFUSED", code: "ROUND_CLOSED" });
    await advanceRuns({ db, lease, log, region: "us-east" });
    expect(await storeUpdate(db, round.id, sent({ attempt: 2 }))).toMatchObject({
      kind: "REFUSED",
      code: "ROUND_CLOSED",
      message: expect.stringContaining("it is in ABORTED"),
    });
  });

  test("of a round that is not there is told so", async () => {
    const { sent } = await openTraining();
    expect(await storeUpdate(db, newId(), sent())).toEqual({ kind: "UNKNOWN_ROUND" });
  });
});

describe.each(["MASKED", "ENCRYPTED"] as const)("a run whose updates are %s", (aggregation) => {
  test("learns as well as in the clear, and nobody can read a single update in what is stored", async () => {
    const of = task({ aggregation, bound: 4, roundsMax: 3 });
    const lease = await takeLease();
    const clear = await startRun(task({ roundsMax: 3 }));
    const plain = await runToEnd(clear, trainersOf(), () =>
      advanceRuns({ db, lease, log, region: "us-east" }),
    );
    const hidden = await startRun(of);
    const run = await runToEnd(hidden, trainersOf(), () =>
      advanceRuns({ db, lease, log, region: "us-east" }),
    );
    expect((await roundsOf(hidden)).map(({ status }) => status)).toEqual(Array(3).fill("COMMITTED"));
    expect(
      Math.abs((await accuracyOf(run.base_hash, of)) - (await accuracyOf(plain.base_hash, of))),
    ).toBeLessThan(0.03);
    const inTheClear = await database.query(
      "SELECT 1 FROM ml.submitted_update JOIN ml.round ON round.id = round_id WHERE run_id = $1",
      [hidden],
    );
    expect(inTheClear).toEqual([]);
  });

  test("goes on without one that drops out after it has offered itself", async () => {
    const of = task({ aggregation, bound: 4, roundsMax: 1, wanted: 4, deadlineMs: 60_000 });
    const runId = await startRun(of);
    const lease = await takeLease();
    const extra = createTrainer(db, {
      name: "trainer-us-east-2",
      regionCode: "us-east",
      dataset,
      samples: samplesOf.get("us-east") ?? [],
    });
    const silentFrom = aggregation === "MASKED" ? "masked" : "encrypted";
    const quitter: Trainer = {
      ...extra,
      work: async () => {
        const [round] = await database.query<{ stage: string; id: string }>(
          "SELECT stage, id FROM ml.round WHERE status = 'TRAINING'",
        );
        const isHolder = aggregation === "ENCRYPTED" && round !== undefined && (await holdsKey(round.id));
        return round?.stage === silentFrom && !isHolder ? undefined : extra.work();
      },
    };
    const holdsKey = async (roundId: string) => {
      const [row] = await database.query(
        "SELECT 1 FROM ml.round_answer WHERE round_id = $1 AND stage = 'keys' AND participant = 'trainer-us-east-2' AND parts <> '{}'",
        [roundId],
      );
      return row !== undefined;
    };
    const run = await runToEnd(runId, [...trainersOf(), quitter], async () => {
      await advanceRuns({ db, lease, log, region: "us-east" });
      // Three of four have answered the stage that the fourth is silent in: its time is up.
      await database.query(
        `UPDATE ml.round SET deadline_at = now() - interval '1 second' WHERE status = 'TRAINING' AND stage = $1
         AND (SELECT count(*) FROM ml.round_answer WHERE round_id = round.id AND stage = $1) = 3`,
        [silentFrom],
      );
    });
    expect(run.status).toBe("COMPLETED");
  });
});

describe("privacy", () => {
  test("is paid before each round, for each group, and the run stops before a budget would be passed", async () => {
    const privacy = {
      samplingRate: 0.2,
      noiseMultiplier: 1,
      clippingNorm: 1,
      steps: 20,
      epsilon: 8,
      delta: 1e-5,
    };
    const runId = await startRun(
      task({ privacy, roundsMax: 100, local: { epochs: 1, batchSize: 10, learningRate: 0.3 } }),
    );
    const lease = await takeLease();
    const run = await runToEnd(runId, trainersOf(), () => advanceRuns({ db, lease, log, region: "us-east" }));
    expect(run.status).toBe("COMPLETED");
    expect(run.stop_reason).toMatch(/would spend ε \d+\.\d+ of people-ap-southeast, whose budget is 8/);
    const rounds = await roundsOf(runId);
    expect(rounds.at(-1)).toMatchObject({ status: "ABORTED", abort_code: "PRIVACY_BUDGET_SPENT" });
    const spent = await database.query<{ subject_group: string; rounds: number }>(
      "SELECT subject_group, count(*)::int AS rounds FROM ml.privacy_entry GROUP BY 1 ORDER BY 1",
    );
    expect(spent).toEqual(
      ["ap-southeast", "eu-west", "us-east"].map((code) => ({
        subject_group: `people-${code}`,
        rounds: rounds.length - 1,
      })),
    );
  });
});
