/** One batch of examples of one model: predicted, learned, remembered, and what was noticed on the way. */
import type { Logger } from "pino";
import { newId } from "../../../shared/ids.ts";
import { createSeededRandom } from "../../../shared/seededRandom.ts";
import type { LearnedExample } from "../../db/learning.ts";
import type { Db } from "../../db.ts";
import { compareNext, isBetter, noComparison } from "../../domain/continual/compareLearners.ts";
import {
  createOnlineLearner,
  type DetectorStates,
  isRightOn,
  type Reading,
} from "../../domain/continual/learnOnline.ts";
import { createReservoir, type Remembered } from "../../domain/continual/reservoir.ts";
import { flatten, fromBytes, hashTensors, toBytes, unflatten } from "../../domain/models/parameters.ts";
import type { Sample } from "../../domain/models/trainable.ts";
import { residenciesOfRegion } from "../../domain/rounds/regionResidencies.ts";
import { createModel, type RunTask } from "../../domain/rounds/runTask.ts";
import { loadWeights } from "../coordination/loadWeights.ts";
import { offerLearned } from "./offerLearned.ts";

export type Champion = {
  readonly modelId: string;
  readonly versionId: string;
  /** As it is stored; a version that was learned from it keeps what it does not change. */
  readonly parameters: unknown;
  readonly model: RunTask["model"];
  readonly dataset: string;
  readonly contentHash: string;
  readonly promotedAt: Date;
};

/** One transaction each, so few enough for one of them. */
const batchSize = 100;
const learningRate = 0.01;
/** Remembered examples learned beside a new one, and kept for each class. */
const replayed = 4;
const capacity = 200;

/** False when there was nothing new, or another process is at it. */
export function learnBatch(
  { db, log, region }: { readonly db: Db; readonly log: Logger; readonly region: string },
  champion: Champion,
): Promise<boolean> {
  const { modelId, versionId, dataset, promotedAt } = champion;
  const residencies = [...residenciesOfRegion(region), "global"];
  return db.transactRound(async (queries) => {
    if (!(await queries.tryLockLearner(modelId))) return false;
    const stored = await queries.findLearner(modelId);
    const after = stored ? { at: stored.cursorAt, id: stored.cursorId } : beginning;
    const examples = await queries.findExamplesAfter(dataset, region, promotedAt, after, batchSize);
    const last = examples.at(-1);
    if (!last) return false;

    const answering = await loadWeights(queries, champion.contentHash);
    const championParameters = unflatten(answering.manifest, answering.vector);
    // A version that was promoted meanwhile is the new start; what is remembered is as good for it.
    const own = stored?.versionId === versionId ? stored : undefined;
    const start = own ? unflatten(answering.manifest, fromBytes(own.vector)) : championParameters;
    const model = createModel(champion.model);
    const seen = stored?.seen ?? 0;
    // By what was seen, so that a batch that is repeated after a crash draws the same.
    const random = createSeededRandom(`${modelId}/${seen}`).next;
    const memory = (await queries.findMemory(modelId)).map(toRemembered);
    const reservoir = createReservoir<RememberedSample>(capacity, random, {
      samples: memory,
      seenByLabel: stored?.seenByLabel ?? {},
    });
    const learner = createOnlineLearner(model, start, {
      learningRate,
      replayed,
      reservoir,
      residencies,
      detectors: own?.detectors,
    });

    let comparison = own?.comparison ?? noComparison;
    const drifts: Reading[] = [];
    let readings: readonly Reading[] = [];
    let right = 0;
    for (const example of examples) {
      const sample = toRemembered(example);
      const isChampionRight = isRightOn(model, championParameters, sample.item);
      const step = learner.learn(sample);
      readings = step.readings;
      const called = readings.filter(({ drifted }) => drifted);
      drifts.push(...called);
      if (step.isRight) right += 1;
      // What was before a drift says nothing of what is now.
      comparison = compareNext(called.length > 0 ? noComparison : comparison, step.isRight, isChampionRight);
    }

    const learned = learner.parameters();
    const contentHash = hashTensors(learned);
    const isOffered = isBetter(comparison);
    if (isOffered)
      await offerLearned(queries, champion, learned, {
        seen: seen + examples.length,
        comparison,
        last: last.observedAt,
      });
    const kept = reservoir.state();
    await queries.saveLearner({
      modelId,
      versionId,
      contentHash,
      vector: new Uint8Array(toBytes(flatten(learned))),
      detectors: toStored(learner.detectors()),
      cursorAt: last.observedAt,
      cursorId: last.id,
      seen: seen + examples.length,
      seenByLabel: { ...kept.seenByLabel },
      comparison: isOffered ? { ...noComparison } : { ...comparison },
      updatedAt: new Date(),
    });
    await queries.saveMemory(
      modelId,
      kept.samples.map(({ item }) => item.exampleId),
    );
    await queries.insertDriftReports(toReports(versionId, drifts.length > 0 ? drifts : readings));
    log.info(
      {
        modelId,
        examples: examples.length,
        right,
        remembered: kept.samples.length,
        drifts: drifts.length,
        isOffered,
      },
      "model went on learning",
    );
    return true;
  });
}

const beginning = { at: new Date(0), id: "00000000-0000-0000-0000-000000000000" };

type RememberedSample = Sample & { readonly exampleId: string };

function toRemembered({
  id,
  features,
  label,
  subjectId,
  residency,
}: LearnedExample): Remembered<RememberedSample> {
  return { item: { exampleId: id, input: Float32Array.from(features), label }, label, subjectId, residency };
}

/** As JSON has it: copies, since what is stored must not change with what goes on. */
function toStored({ adwin, pageHinkley }: DetectorStates) {
  return { adwin: adwin.map((bucket) => ({ ...bucket })), pageHinkley: { ...pageHinkley } };
}

/** Every drift that was called; where none was, what the detectors measured last. */
function toReports(modelVersionId: string, readings: readonly Reading[]) {
  const measuredAt = new Date();
  return readings.map((reading) => ({ ...reading, id: newId(), modelVersionId, measuredAt }));
}
