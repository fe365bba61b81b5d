/** A trainer in the test's own process, which takes its turns when the test says so. */
import { pino } from "pino";
import { createSeededRandom } from "../../../../shared/seededRandom.ts";
import type { Db } from "../../../db.ts";
import type { Sample } from "../../../domain/models/trainable.ts";
import { createStoredGraph } from "../../training/storedGraph.ts";
import { createTurns, type TrainerTurns } from "../../training/takeTurns.ts";

export type Trainer = TrainerTurns & { readonly name: string };

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
  const graph = createStoredGraph(db, {
    trainer: name,
    coordinatedBy: "us-east",
    tenant: "acme",
    owner: "trainer",
  });
  const turns = createTurns({
    graph: {
      ...graph,
      submitUpdate: (task, attempt, count, delta) => graph.submitUpdate(task, attempt, count, distort(delta)),
    },
    region: regionCode,
    dataset,
    examples: {
      summarise: async () => ({ samples: samples.length, dataFrom: null, dataTo: null }),
      load: async () => samples,
    },
    log: pino({ level: "silent" }),
    // Seeded by the weights, so that a test can run the same round twice.
    randomFor: ({ weightsHash }) => createSeededRandom(`${name}/${weightsHash}`).next,
  });
  return { name, ...turns };
}
