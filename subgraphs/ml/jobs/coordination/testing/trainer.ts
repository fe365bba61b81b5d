/** A participant in the test's own process: asks for tasks and answers them as a trainer process does. */

import { createSeededRandom } from "../../../../shared/seededRandom.ts";
import type { Db } from "../../../db.ts";
import { fromBytes, toBytes, unflatten } from "../../../domain/models/parameters.ts";
import type { Sample } from "../../../domain/models/trainable.ts";
import { findScheme } from "../../../domain/rounds/secureTask.ts";
import { trainTask } from "../../../domain/rounds/takePart.ts";
import type { SecureParticipant } from "../../../domain/secureAggregation/secureSum.ts";
import { findTrainingTasks } from "../../../resolvers/findTrainingTasks.ts";
import { storeAnswer } from "../../../resolvers/storeAnswer.ts";
import { storeUpdate, type UpdateAnswer } from "../../../resolvers/storeUpdate.ts";

export type Trainer = {
  readonly name: string;
  readonly offer: () => Promise<boolean>;
  /** Does what it is asked for now; answers what became of its updates. */
  readonly work: () => Promise<readonly UpdateAnswer[]>;
};

export type TrainerOptions = {
  readonly name: string;
  readonly regionCode: string;
  readonly dataset: string;
  readonly samples: readonly Sample[];
  /** What a hostile one makes of its update. */
  readonly distort?: (delta: Float32Array) => Float32Array;
};

export function createTrainer(db: Db, options: TrainerOptions): Trainer {
  const { name, regionCode, dataset, samples, distort = (delta) => delta } = options;
  const masking = new Map<string, SecureParticipant>();
  return {
    name,
    offer: () =>
      db.offerParticipant({
        name,
        regionCode,
        jurisdiction: regionCode,
        dataset,
        samples: samples.length,
        seenAt: new Date(),
        tenant: "acme",
        owner: "trainer",
      }),
    work: async () => {
      const answers: UpdateAnswer[] = [];
      for (const { roundId, task, base, baseHash, secure } of await findTrainingTasks(db, "us-east", name)) {
        const parameters = unflatten(base.manifest, fromBytes(base.vector));
        // Seeded by the round, so that a test can run the same round twice.
        const random = createSeededRandom(`${name}/${baseHash}`).next;
        const train = () => distort(trainTask(task, parameters, samples, random).delta);
        if (!secure) {
          answers.push(
            await storeUpdate(db, roundId, {
              participant: name,
              attempt: 1,
              baseHash,
              samples: samples.length,
              encoding: "FLOAT32",
              payload: toBytes(train()),
            }),
          );
          continue;
        }
        const { stage, sumTask, request } = secure;
        const scheme = findScheme(task.aggregation);
        if (!scheme) throw new Error("a secure task without a scheme");
        const participant =
          masking.get(roundId) ??
          (await scheme.createParticipant(sumTask, name, { values: train(), weight: samples.length }));
        masking.set(roundId, participant);
        await storeAnswer(db, roundId, name, stage, await participant.answer(stage, request));
      }
      return answers;
    },
  };
}
