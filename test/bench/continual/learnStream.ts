/** A network that learns one task after the other, online: what it got right before it learned, and what it forgot. */
import { createOnlineLearner } from "../../../subgraphs/ml/domain/continual/learnOnline.ts";
import { measureForgetting } from "../../../subgraphs/ml/domain/continual/measureForgetting.ts";
import { createReservoir } from "../../../subgraphs/ml/domain/continual/reservoir.ts";
import { measure, type Sample, type Trainable } from "../../../subgraphs/ml/domain/models/trainable.ts";
import { createSeededRandom } from "../../../subgraphs/shared/seededRandom.ts";
import type { Task } from "./realTasks.ts";

/** `replayed`: how many remembered examples are learned beside each new one. */
export function learnStream(
  network: Trainable,
  tasks: readonly Task[],
  { seed, replayed }: { readonly seed: string; readonly replayed: number },
) {
  const random = createSeededRandom(`${seed}/stream`);
  const learner = createOnlineLearner(network, network.initialise(createSeededRandom(`${seed}/start`).next), {
    learningRate: 0.03,
    replayed,
    reservoir: replayed > 0 ? createReservoir<Sample>(200, random.next) : undefined,
    residencies: ["global"],
  });
  const drifts: string[] = [];
  const prequential: number[] = [];
  const accuracies = tasks.map(({ name, training }) => {
    let right = 0;
    for (const [at, item] of training.entries()) {
      const step = learner.learn({ item, label: item.label, subjectId: null, residency: "global" });
      if (step.isRight) right += 1;
      for (const { detector, drifted } of step.readings)
        if (drifted) drifts.push(`${detector} at ${name} ${at}`);
    }
    prequential.push(right / training.length);
    return tasks.map(({ holdOut }) => measure(network, learner.parameters(), holdOut).accuracy);
  });
  return { ...measureForgetting(accuracies), total: learner.accuracy(), prequential, accuracies, drifts };
}
