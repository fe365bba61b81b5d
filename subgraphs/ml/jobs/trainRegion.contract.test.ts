/** Runs through the graph, with the coordinator in its own process, which is killed wherever it can be killed. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { pino } from "pino";
import { startDatabase, type TestDatabase } from "../../../test/support/startDatabase.ts";
import { type RunningSubgraph, startSubgraph } from "../../../test/support/startSubgraph.ts";
import { naturalId, newId } from "../../shared/ids.ts";
import { createSeededRandom, type Random } from "../../shared/seededRandom.ts";
import { openDb } from "../db.ts";
import type { Sample } from "../domain/models/trainable.ts";
import { seedMl } from "./seed.ts";
import { createTrainerGraph } from "./training/graph.ts";
import { startTrainer, type Trainer } from "./trainRegion.ts";

const regions = { "us-east": "us", "eu-west": "eu", "ap-southeast": "ap" } as const;
const codes = Object.keys(regions);
const claims = {
  sub: "trainer",
  roles: ["platform_engineer"],
  scope: ["models:write", "models:read", "operations:read"],
};

let database: TestDatabase;
let ml: RunningSubgraph | undefined;
let trainers: Trainer[] = [];

const sampleFor = (random: Random): Sample => {
  const input = Float32Array.from({ length: 4 }, () => random.nextNormal());
  return { input, label: (input[0] ?? 0) - (input[1] ?? 0) > 0 ? 1 : 0 };
};

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  const db = openDb({ url: database.urlOf("ml"), applicationName: "atlas-test-seed" });
  await seedMl(db, {
    now: new Date("2026-03-03T12:00:00Z"),
    facts: [],
    region: "us-east",
    log: pino({ level: "silent" }),
  });
  const random = createSeededRandom("hold-out");
  await db.insertExamples(
    Array.from({ length: 200 }, () => sampleFor(random)).map(({ input, label }) => ({
      id: newId(),
      dataset: "halves",
      tenant: "acme",
      residency: "global",
      subjectGroup: "public",
      part: "HOLD_OUT",
      features: [...input],
      label,
      observedAt: new Date("2026-03-03T00:00:00Z"),
    })),
  );
  await db.close();
  ml = await startSubgraph("ml", database);
  trainers = codes.map(startOne);
}, 120_000);

afterAll(async () => {
  await Promise.all(trainers.map((trainer) => trainer.stop()));
  await ml?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

/** Asks whichever process serves now; none for a while is what a trainer has to survive. */
async function ask(
  query: string,
  variables: Readonly<Record<string, unknown>>,
  sub = "trainer",
): Promise<unknown> {
  if (!ml) throw new Error("nobody serves");
  const { data, errors } = await ml.query(query, variables, { ...claims, sub });
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

function startOne(region: string): Trainer {
  const random = createSeededRandom(region);
  const samples = Array.from({ length: 60 }, () => sampleFor(random));
  return startTrainer({
    graph: createTrainerGraph(ask, `trainer-${region}`),
    region,
    dataset: "halves",
    examples: {
      summarise: async () => ({ samples: samples.length, dataFrom: day(1), dataTo: day(28) }),
      load: async () => samples,
    },
    log: pino({ level: "silent" }),
    // One batch of all samples, so that their order changes nothing.
    randomFor: () => () => 0.5,
    pollMs: 50,
  });
}

const day = (of: number): Date => new Date(Date.UTC(2026, 1, of));
const offerOf = (region: string) => ({
  region,
  dataset: "halves",
  samples: 60,
  dataFrom: day(1),
  dataTo: day(28),
});

const start = (changes: object = {}) => ({
  input: {
    modelCode: "country-risk",
    dataset: "halves",
    regions: codes,
    architecture: { kind: "LOGISTIC", inputs: 4, classes: 2 },
    wanted: 3,
    roundsMax: 2,
    batchSize: 1000,
    epochs: 5,
    learningRate: 0.5,
    aggregation: "ROBUST",
    seed: "one",
    idempotencyKey: newId(),
    ...changes,
  },
});

const startMutation = `mutation Start($input: StartFederatedRunInput!) {
  startFederatedRun(input: $input) {
    __typename ... on FederatedRunStarted { run { id } } ... on MlRefusal { reason message } } }`;

async function startRun(changes: object = {}): Promise<string> {
  const data = (await ask(startMutation, start(changes))) as { startFederatedRun: { run: { id: string } } };
  return data.startFederatedRun.run.id;
}

type Run = {
  readonly status: string;
  readonly weightsHash: string;
  readonly aggregation: string;
  readonly stopReason: string | null;
  readonly rounds: readonly {
    readonly status: string;
    readonly accuracy: number;
    readonly updates: readonly { readonly accepted: boolean; readonly samples: number }[];
  }[];
};

/** Nobody may serve for a while; what a served graph refuses is a failure. */
async function waitForEnd(id: string): Promise<Run> {
  for (;;) {
    const answer = await ask(
      `query Run($id: ID!) { federatedRun(id: $id) {
        status weightsHash aggregation stopReason rounds { status accuracy updates { accepted samples } } } }`,
      { id },
    ).catch((error: unknown) => {
      if (error instanceof TypeError) return { federatedRun: undefined };
      throw error;
    });
    const { federatedRun: run } = answer as { federatedRun?: Run };
    if (run && run.status !== "RUNNING") return run;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe("a run through the graph", () => {
  test("is led to its end, can be watched, and makes a version that nothing answers from yet", async () => {
    const run = await waitForEnd(await startRun());
    expect(run).toMatchObject({
      status: "COMPLETED",
      aggregation: "ROBUST",
      stopReason: "all 2 rounds are over",
    });
    for (const { status, accuracy, updates } of run.rounds) {
      expect([status, accuracy > 0.8]).toEqual(["COMMITTED", true]);
      expect(updates).toEqual(Array(3).fill({ accepted: true, samples: 60 }));
    }
    const data = await ask(
      `{ model(code: "country-risk") { champion { id } versions(first: 1) { origin dataset rounds dataFrom dataTo trainedBy { status weightsHash } } } }`,
      {},
    );
    expect(data).toEqual({
      model: {
        champion: null,
        versions: [
          {
            origin: "federated",
            dataset: "halves",
            rounds: 2,
            dataFrom: day(1).toISOString(),
            dataTo: day(28).toISOString(),
            trainedBy: { status: "COMPLETED", weightsHash: run.weightsHash },
          },
        ],
      },
    });
  });

  test("across jurisdictions hides updates unless it is told otherwise", async () => {
    const run = await waitForEnd(await startRun({ aggregation: null, bound: 4 }));
    expect(run).toMatchObject({ status: "COMPLETED", aggregation: "MASKED" });
    expect(run.rounds.at(-1)).toMatchObject({ status: "COMMITTED", updates: [] });
  });

  test("started twice with one key is one run", async () => {
    const input = start({ roundsMax: 1 });
    const first = await ask(startMutation, input);
    expect(await ask(startMutation, input)).toEqual(first);
    const other = await ask(startMutation, { input: { ...input.input, seed: "two" } });
    expect(other).toMatchObject({ startFederatedRun: { reason: "IDEMPOTENCY_KEY_REUSED" } });
    await waitForEnd((first as { startFederatedRun: { run: { id: string } } }).startFederatedRun.run.id);
  });

  test.each([
    [
      "a region that holds no examples",
      { regions: ["mars-north"] },
      "INVALID_INPUT",
      /regions that hold examples; got mars-north/,
    ],
    [
      "a strategy that does not exist",
      { strategy: "FedMagic" },
      "INVALID_INPUT",
      /strategy: expected the name of a strategy/,
    ],
    [
      "a robust strategy on hidden updates",
      { strategy: "FedMedian", aggregation: "MASKED" },
      "INVALID_INPUT",
      /compares single updates, which MASKED hides/,
    ],
    ["too few for a strategy", { strategy: "Krum" }, "INVALID_INPUT", /Krum needs 5 updates/],
    ["no inputs", { architecture: { kind: "LOGISTIC", classes: 2 } }, "INVALID_INPUT", /model\.inputs/],
    [
      "a model that does not exist",
      { modelCode: "crystal-ball" },
      "NOT_FOUND",
      /code of a model; got "crystal-ball"/,
    ],
  ])("with %s is refused", async (_, changes, reason, message) => {
    expect(await ask(startMutation, start(changes))).toEqual({
      startFederatedRun: { __typename: "MlRefusal", reason, message: expect.stringMatching(message) },
    });
  });
});

describe("a trainer's name", () => {
  test("belongs to whoever offered it first", async () => {
    const stranger = createTrainerGraph(
      (query, variables) => ask(query, variables, "mallory"),
      "trainer-eu-west",
    );
    // The trainer itself has offered by then.
    while (
      (await createTrainerGraph(ask, "trainer-eu-west").offer(offerOf("eu-west"))).kind !== "TrainerOffered"
    );
    expect(await stranger.offer(offerOf("eu-west"))).toMatchObject({
      kind: "MlRefusal",
      code: "NOT_YOURS",
    });
    expect(await stranger.findTasks()).toEqual([]);
    const answer = await ask(
      `mutation Forge($input: SubmitUpdateInput!) { submitUpdate(input: $input) { __typename ... on MlRefusal { reason } } }`,
      {
        input: {
          roundId: `global-round-${naturalId("public", "x")}`,
          trainer: "trainer-eu-west",
          weightsHash: "0",
          samples: 1,
          payload: "",
        },
      },
      "mallory",
    );
    expect(answer).toEqual({ submitUpdate: { __typename: "MlRefusal", reason: "NOT_YOURS" } });
  });
});

describe("a coordinator killed with SIGKILL", () => {
  /** Holds every transaction that is about to commit a round in `status`, so that it can be killed there. */
  async function holdAt(status: string) {
    const client = new pg.Client({ connectionString: database.adminUrl });
    await client.connect();
    await client.query("SELECT pg_advisory_lock(42)");
    await client.query(`
      CREATE OR REPLACE FUNCTION ml.hold() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN IF NEW.status = ''${status}'' THEN PERFORM pg_advisory_xact_lock_shared(42); END IF; RETURN NULL; END';
      CREATE OR REPLACE TRIGGER hold AFTER INSERT OR UPDATE ON ml.round FOR EACH ROW EXECUTE FUNCTION ml.hold()`);
    return {
      untilHeld: async () => {
        for (;;) {
          const { rows } = await client.query(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted",
          );
          if (rows.length > 0) return;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      },
      release: async () => {
        await client.query("DROP TRIGGER hold ON ml.round");
        await client.end();
      },
    };
  }

  test("while it moves a round into any of its states leaves the same model as one that lives", async () => {
    const undisturbed = await waitForEnd(await startRun());
    for (const status of ["OPEN", "SELECTED", "TRAINING", "AGGREGATING", "VALIDATING", "COMMITTED"]) {
      const hold = await holdAt(status);
      const id = await startRun();
      await hold.untilHeld();
      process.kill(ml?.pid ?? Number.NaN, "SIGKILL");
      await hold.release();
      // Its lease runs out by itself; waiting for that is not what is tried here.
      await database.query("UPDATE ml.lease SET expires_at = now()");
      ml = await startSubgraph("ml", database);
      const run = await waitForEnd(id);
      expect([status, run.status, run.weightsHash]).toEqual([status, "COMPLETED", undisturbed.weightsHash]);
    }
  }, 240_000);
});
