/**
 * `npm run bench:inference`: what a row costs in plain code and through ONNX Runtime, by model and by how many come at
 * once, both through the loaded version as resolvers use it. The last table says from how many rows × operations ONNX
 * Runtime is the cheaper one; `batchWorkMin` in subgraphs/ml/inference/createInference.ts is taken from there.
 */
import { pino } from "pino";
import { boostStumps } from "../../../subgraphs/ml/domain/models/boostStumps.ts";
import {
  flatten,
  hashTensors,
  type Parameters,
  toBytes,
  toManifest,
} from "../../../subgraphs/ml/domain/models/parameters.ts";
import { createModel, type RunTask } from "../../../subgraphs/ml/domain/rounds/runTask.ts";
import { parseContent } from "../../../subgraphs/ml/inference/content.ts";
import {
  createInference,
  type LoadedModel,
  type StoredVersion,
} from "../../../subgraphs/ml/inference/createInference.ts";
import { countOperations, widthsOf } from "../../../subgraphs/ml/inference/scorePlainly.ts";
import { createSeededRandom } from "../../../subgraphs/shared/seededRandom.ts";

const random = createSeededRandom("bench:inference");
const weights = new Map<string, Parameters>();
const findParameters = async (hash: string) => {
  const parameters = weights.get(hash);
  return parameters ? { manifest: toManifest(parameters), vector: toBytes(flatten(parameters)) } : null;
};
const log = pino({ level: "warn" });
const plain = createInference({ findParameters, log, batchWorkMin: Number.POSITIVE_INFINITY });
const batched = createInference({ findParameters, log, batchWorkMin: 0 });
const chosen = createInference({ findParameters, log });

const versions: readonly (readonly [string, StoredVersion])[] = [
  ["logistic regression, 12 features", logisticVersion(12)],
  ["100 stumps over 12 features", stumpsVersion(12, 100)],
  ["CNN 28 × 28, 8 filters of 5 × 5", trained({ kind: "cnn", side: 28, filters: 8, kernel: 5, classes: 10 })],
  ["2NN, 199,210 parameters", trained({ kind: "2nn" })],
];
const counts = [1, 2, 4, 8, 16, 64, 256];
/** Long enough to be worth the name, short enough to wait for. */
const measureMs = 150;

console.log("µs of processor time for each row: plain code / ONNX Runtime (fewer is better)\n");
console.log(["model".padEnd(36), ...counts.map((count) => String(count).padStart(14))].join(""));
const crossings: string[] = [];
for (const [name, version] of versions) {
  const content = await parseContent(version.parameters, findParameters);
  const operations = countOperations(content);
  const { inputs } = widthsOf(content);
  const cells: string[] = [];
  let crossing: number | undefined;
  for (const count of counts) {
    const rows = Array.from({ length: count }, () =>
      Float32Array.from({ length: inputs }, () => Math.max(0, random.nextNormal())),
    );
    const [slow, fast] = [
      await cost(await plain.load(version), rows),
      await cost(await batched.load(version), rows),
    ];
    // From where on it stays so.
    crossing = fast < slow ? (crossing ?? count) : undefined;
    cells.push(`${slow.toFixed(1)} / ${fast.toFixed(1)}`.padStart(14));
  }
  console.log([name.padEnd(36), ...cells].join(""));
  crossings.push(
    `${name.padEnd(36)}${String(operations).padStart(10)} operations a row; ONNX Runtime is cheaper from ${
      crossing === undefined
        ? `more than ${counts.at(-1)} rows`
        : `${crossing} rows (${crossing * operations} operations)`
    }`,
  );
}
console.log(`\n${crossings.join("\n")}`);

const [, twoLayer] = versions.at(-1) ?? [];
if (!twoLayer) throw new Error("expected versions to measure, there are none");
await compareThroughput(twoLayer);

/** 1,024 rows one after the other, and all at once: what a DataLoader in front of the runtime is for. */
async function compareThroughput(version: StoredVersion): Promise<void> {
  const rows = Array.from({ length: 1_024 }, () => Float32Array.from({ length: 784 }, () => random.next()));
  const rateOf = async (work: () => Promise<unknown>) =>
    Math.round((rows.length / (await timeOf(work))) * 1_000);
  const [inPlainCode, model] = [await plain.load(version), await chosen.load(version)];
  const askEach = async (asked: LoadedModel) => {
    for (const row of rows) await asked.score([row]);
  };
  const slow = await rateOf(() => askEach(inPlainCode));
  const alone = await rateOf(() => askEach(model));
  const together = await rateOf(() => model.score(rows));
  console.log(
    `\n2NN, 1,024 rows a second: plain code one by one ${slow}; as chosen one by one ${alone}, all at once ${together} (${(together / alone).toFixed(1)} and ${(together / slow).toFixed(1)} times as many)`,
  );
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  await work();
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Processor time, since the machine has other things to do. */
async function cost(model: LoadedModel, rows: readonly Float32Array[]): Promise<number> {
  const until = (ms: number) => performance.now() + ms;
  for (const end = until(measureMs); performance.now() < end; ) await model.score(rows);
  let done = 0;
  const before = process.cpuUsage();
  for (const end = until(measureMs); performance.now() < end; done += rows.length) await model.score(rows);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / done;
}

function trained(model: RunTask["model"]): StoredVersion {
  const parameters = createModel(model).initialise(random.next);
  const contentHash = hashTensors(parameters);
  weights.set(contentHash, parameters);
  return { contentHash, parameters: { kind: "tensors", model, contentHash } };
}

function logisticVersion(inputs: number): StoredVersion {
  const features = Array.from({ length: inputs }, (_, at) => ({
    name: `feature-${at}`,
    mean: 0,
    deviation: 1,
    weight: random.nextNormal(),
  }));
  return {
    contentHash: "logistic",
    parameters: { kind: "logistic", horizonDays: 30, intercept: -1, features },
  };
}

function stumpsVersion(inputs: number, stumps: number): StoredVersion {
  const features = Array.from({ length: inputs }, (_, at) => ({ name: `feature-${at}`, mean: 0 }));
  const samples = Array.from({ length: 400 }, () => {
    const input = Float32Array.from({ length: inputs }, () => random.nextNormal());
    return { input, label: input.reduce((sum, value) => sum + value, 0) > random.nextNormal() ? 1 : 0 };
  });
  const options = { stumps, learningRate: 0.1, regularisation: 1, leafMin: 10 };
  return { contentHash: "stumps", parameters: boostStumps(features, 30, samples, options) };
}
