/**
 * A 2NN on real digits, trained by three processes that talk to nothing but a gateway. Its 199,210 weights are 1.06 MB in
 * base64 and a request may have 1 MiB, so what is sent goes in pieces.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { compiled } from "../../../infra/local/paths.ts";
import { type RunningProcess, spawnProcess } from "../../../infra/local/processes/spawnProcess.ts";
import { createSeededRandom } from "../../../subgraphs/shared/seededRandom.ts";
import { readDigits, shuffled } from "../../bench/federated/digits.ts";
import { type Region, startRegion } from "../../support/startRegion.ts";

/** Where each trainer's rows are resident. */
const regions = { "us-east": "us", "eu-west": "eu", "ap-southeast": "ap" } as const;
const codes = Object.keys(regions);
const engineer = {
  sub: "engineer",
  roles: ["platform_engineer"],
  scope: "models:write models:read operations:read",
};
const rowsEach = 120;

let region: Region;
let folder: string | undefined;
let trainers: readonly RunningProcess[] = [];

beforeAll(async () => {
  region = await startRegion("seeded");
  folder = await mkdtemp(join(tmpdir(), "atlas-trainers-"));
  await insertDigits();
  const tokenFile = join(folder, "token");
  await writeFile(tokenFile, await region.issuer.tokenFor(engineer));
  trainers = codes.map((code) =>
    spawnProcess({
      onLine: () => undefined,
      script: compiled("subgraphs/ml/trainer.js"),
      env: {
        ATLAS_REGION: code,
        DATABASE_URL: region.database.urlOf("ml"),
        ATLAS_GRAPH_URL: region.url,
        ATLAS_TRAINER_NAME: `trainer-${code}`,
        ATLAS_TRAINER_DATASET: "digits",
        ATLAS_TRAINER_TOKEN_FILE: tokenFile,
      },
    }),
  );
}, 300_000);

afterAll(async () => {
  await Promise.all(trainers.map((trainer) => trainer.stop()));
  await region?.[Symbol.asyncDispose]();
  if (folder) await rm(folder, { recursive: true, force: true });
});

describe("a 2NN", () => {
  test.each([
    ["seen update by update", { aggregation: "ROBUST" }],
    ["with updates that are masked", { aggregation: "MASKED", bound: 20 }],
  ])(
    "is trained through a gateway, %s",
    async (_, changes) => {
      const { status, stopReason, rounds } = await waitForEnd(await startRun(changes));
      expect([status, stopReason]).toEqual(["COMPLETED", "all 2 rounds are over"]);
      for (const round of rounds) expect([round.status, round.abortReason]).toEqual(["COMMITTED", null]);
      // A tenth is chance.
      expect(rounds.at(-1)?.accuracy).toBeGreaterThan(0.35);
      // Once put together, nothing of the pieces is kept.
      expect(await region.database.query("SELECT count(*)::int AS count FROM ml.upload_piece")).toEqual([
        { count: 0 },
      ]);
    },
    180_000,
  );
});

test("a request with all of it at once would not get through, so this shows what pieces are for", async () => {
  const payload = Buffer.alloc(199_210 * 4).toString("base64");
  const input = {
    roundId: "global-round-1",
    trainer: "trainer-us-east",
    weightsHash: "0",
    samples: 1,
    payload,
  };
  const { errors } = await region.query(
    `mutation Whole($input: SubmitUpdateInput!) { submitUpdate(input: $input) { __typename } }`,
    { input },
    engineer,
  );
  expect(errors).toMatchObject([{ extensions: { code: "PAYLOAD_TOO_LARGE" } }]);
});

async function insertDigits(): Promise<void> {
  const digits = shuffled(await readDigits(), createSeededRandom("federated run"));
  const parts = [
    ...Object.values(regions).map((residency) => ({ residency, part: "TRAIN", count: rowsEach })),
    { residency: "global", part: "HOLD_OUT", count: 200 },
  ];
  const rows = parts.flatMap(({ residency, part, count }) =>
    digits.splice(0, count).map(({ input, label }) => ({ residency, part, features: [...input], label })),
  );
  await region.database.query(
    `INSERT INTO ml.training_example
       (id, dataset, tenant, residency, subject_group, part, features, label, observed_at)
     SELECT uuidv7(), 'digits', 'acme', residency, 'public', part, features, label, now()
     FROM jsonb_to_recordset($1::jsonb) AS row (residency text, part text, features real[], label integer)`,
    [JSON.stringify(rows)],
  );
}

async function startRun(changes: object): Promise<string> {
  const { data, errors } = await region.query<{ startFederatedRun: { run: { id: string } } }>(
    `mutation Start($input: StartFederatedRunInput!) {
      startFederatedRun(input: $input) { ... on FederatedRunStarted { run { id } } ... on MlRefusal { message } } }`,
    {
      input: {
        modelCode: "country-risk",
        dataset: "digits",
        regions: codes,
        architecture: { kind: "TWO_LAYER" },
        wanted: 3,
        roundsMax: 2,
        epochs: 2,
        seed: "one",
        idempotencyKey: JSON.stringify(changes),
        ...changes,
      },
    },
    engineer,
  );
  const id = data?.startFederatedRun.run?.id;
  if (!id) throw new Error(`expected a run, came ${JSON.stringify(data ?? errors)}`);
  return id;
}

type Run = {
  readonly status: string;
  readonly stopReason: string | null;
  readonly rounds: readonly {
    readonly status: string;
    readonly abortReason: string | null;
    readonly accuracy: number;
  }[];
};

async function waitForEnd(id: string): Promise<Run> {
  for (;;) {
    const { data, errors } = await region.query<{ federatedRun: Run }>(
      `query Run($id: ID!) { federatedRun(id: $id) { status stopReason rounds { status abortReason accuracy } } }`,
      { id },
      engineer,
    );
    if (!data) throw new Error(JSON.stringify(errors));
    if (data.federatedRun.status !== "RUNNING") return data.federatedRun;
    await sleep(200);
  }
}
