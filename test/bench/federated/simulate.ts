/** Federated training in one process, with the product's own local training and aggregation; nothing travels. */
import {
  aggregate,
  type ServerState,
  type Strategy,
  type Update,
} from "../../../subgraphs/ml/domain/federation/strategy.ts";
import { flatten, toManifest, unflatten } from "../../../subgraphs/ml/domain/models/parameters.ts";
import {
  type Measured,
  measure,
  type Sample,
  type Trainable,
} from "../../../subgraphs/ml/domain/models/trainable.ts";
import { trainLocally } from "../../../subgraphs/ml/domain/models/trainLocally.ts";
import type { Random } from "../../../subgraphs/shared/seededRandom.ts";
import { shuffled } from "./digits.ts";

export type Simulation = {
  readonly model: Trainable;
  readonly strategy: Strategy;
  readonly clients: readonly (readonly Sample[])[];
  readonly holdOut: readonly Sample[];
  /** C of McMahan et al. 2017: the share of clients in a round. */
  readonly share: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly rounds: number;
  /** Ends earlier once the hold-out is at least as good. */
  readonly accuracyWanted: number;
  readonly random: Random;
  /** What a hostile client makes of its update. */
  readonly distort?: (update: Update) => Update;
};

/** What the hold-out said after each round. */
export function simulate(simulation: Simulation): Measured[] {
  const { model, strategy, clients, holdOut, random } = simulation;
  let parameters = model.initialise(random.next);
  const manifest = toManifest(parameters);
  let state: ServerState = {};
  const history: Measured[] = [];
  const chosenCount = Math.max(1, Math.round(simulation.share * clients.length));
  while (history.length < simulation.rounds) {
    const chosen = shuffled([...clients.keys()], random).slice(0, chosenCount);
    const updates = chosen.map((client) => {
      const { delta, samples } = trainLocally(model, parameters, clients[client] ?? [], {
        epochs: simulation.epochs,
        batchSize: simulation.batchSize,
        learningRate: simulation.learningRate,
        proximal: strategy.proximal,
        random: random.next,
      });
      const update = { participant: String(client), samples, delta };
      return simulation.distort?.(update) ?? update;
    });
    const result = aggregate(strategy, updates, state);
    state = result.state;
    const vector = flatten(parameters);
    parameters = unflatten(
      manifest,
      vector.map((value, at) => value + (result.change[at] ?? 0)),
    );
    const measured = measure(model, parameters, holdOut);
    history.push(measured);
    if (measured.accuracy >= simulation.accuracyWanted) break;
  }
  return history;
}
