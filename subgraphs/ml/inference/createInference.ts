/**
 * Answers from versions of models. `load` a version once, then ask it for rows: many rows go through ONNX Runtime in one
 * batch, few through plain code; which is which was measured (`npm run bench:inference`).
 */
import DataLoader from "dataloader";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import type { FeatureValues, Prediction } from "../domain/predict.ts";
import { type Content, type FindParameters, parseContent } from "./content.ts";
import { toOnnx } from "./onnx/toOnnx.ts";
import { loadRuntime, type RunBatch, type Runtime } from "./openSession.ts";
import { countOperations, createScorePlainly, explain, widthsOf } from "./scorePlainly.ts";

/** What is stored of a version: its hash is its identity, so what was loaded once stays right. */
export type StoredVersion = { readonly contentHash: string; readonly parameters: unknown };

export type LoadedModel = {
  readonly contentHash: string;
  /** Names of a row's values, in order; empty for a network, whose pixels have none. */
  readonly features: readonly string[];
  /** 0 for a network, which looks at what is there. */
  readonly horizonDays: number;
  /**
   * Probabilities with the contribution of each feature, in the order of the rows. A value that is missing counts as
   * average. Throws a RangeError for values that are not finite, and for a network, which has no named features.
   */
  readonly predict: (rows: readonly FeatureValues[]) => readonly Prediction[];
  /**
   * Without contributions: one probability for each row, or one for each class. Rows of callers that ask at the same
   * time share a batch. Throws a RangeError for a row of another width or with a value that is not finite.
   */
  readonly score: (rows: readonly Float32Array[]) => Promise<readonly Float32Array[]>;
};

export type Inference = {
  /** Kept loaded, so that a roll-back answers at once. Rejects when the version cannot answer, and says why. */
  readonly load: (version: StoredVersion) => Promise<LoadedModel>;
};

export type InferenceOptions = {
  readonly findParameters: FindParameters;
  readonly log: Pick<Logger, "warn">;
  /** Versions that stay loaded, the least used goes first. Default 16; a 2NN takes about 2 MB. */
  readonly loadedMax?: number;
  /** Rows × operations from which a batch goes through ONNX Runtime. */
  readonly batchWorkMin?: number;
};

/** Below, starting the runtime costs more than it saves. Measured: `npm run bench:inference`, decision 24. */
const defaultBatchWorkMin = 25_000;
/** A batch blocks the event loop, so it is no larger than about 5 ms of a 2NN. */
export const batchRowsMax = 256;

export function createInference({
  findParameters,
  log,
  loadedMax = 16,
  batchWorkMin = defaultBatchWorkMin,
}: InferenceOptions): Inference {
  let runtime: Promise<Runtime | undefined> | undefined;
  const loaded = new LRUCache<string, Promise<LoadedModel>>({ max: loadedMax });

  async function load({ contentHash, parameters }: StoredVersion): Promise<LoadedModel> {
    const content = await parseContent(parameters, findParameters);
    runtime ??= loadRuntime((err) =>
      log.warn({ err }, "no ONNX Runtime here: models answer from plain code"),
    );
    const opened = await runtime;
    return createLoadedModel(contentHash, content, batchWorkMin, opened);
  }

  return {
    load: (version) => {
      const known = loaded.get(version.contentHash);
      if (known) return known;
      const loading = load(version);
      loaded.set(version.contentHash, loading);
      // Weights may arrive later, by replication: a failure is not remembered.
      loading.catch(() => loaded.delete(version.contentHash));
      return loading;
    },
  };
}

function createLoadedModel(
  contentHash: string,
  content: Content,
  batchWorkMin: number,
  runtime: Runtime | undefined,
): LoadedModel {
  const { inputs } = widthsOf(content);
  const scoreRow = createScorePlainly(content);
  const batchRowsMin = Math.max(1, Math.ceil(batchWorkMin / countOperations(content)));
  let session: Promise<RunBatch> | undefined;

  async function scoreBatch(rows: readonly Float32Array[]): Promise<readonly Float32Array[]> {
    if (!runtime || rows.length < batchRowsMin) return rows.map(scoreRow);
    session ??= runtime.open(toOnnx(content), { inputs });
    const runBatch = await session;
    return splitRows(await runBatch(joinRows(rows, inputs), rows.length), rows.length);
  }

  const batches = new DataLoader<Float32Array, Float32Array>(scoreBatch, {
    cache: false,
    maxBatchSize: batchRowsMax,
    // All that came in this turn of the event loop, whoever asked.
    batchScheduleFn: (run) => void setImmediate(run),
  });

  return {
    contentHash,
    features: content.kind === "network" ? [] : content.features.map(({ name }) => name),
    horizonDays: content.kind === "network" ? 0 : content.horizonDays,
    predict: (rows) => {
      if (content.kind !== "network") return rows.map((values) => explain(content, values));
      throw new RangeError(`expected a model over named features, came a ${content.model.kind}`);
    },
    score: async (rows) => {
      for (const row of rows) assertRow(row, inputs);
      return Promise.all(rows.map((row) => batches.load(row)));
    },
  };
}

function assertRow(row: Float32Array, inputs: number): void {
  if (row.length !== inputs) throw new RangeError(`expected a row of ${inputs} values, came ${row.length}`);
  const at = row.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new RangeError(`expected finite values, came ${row[at]} at ${at}`);
}

function joinRows(rows: readonly Float32Array[], width: number): Float32Array {
  const joined = new Float32Array(rows.length * width);
  rows.forEach((row, at) => {
    joined.set(row, at * width);
  });
  return joined;
}

function splitRows(joined: Float32Array, count: number): Float32Array[] {
  const width = joined.length / count;
  return Array.from({ length: count }, (_, at) => joined.slice(at * width, (at + 1) * width));
}
