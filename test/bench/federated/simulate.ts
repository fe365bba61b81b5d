/** Federated training in one process, with the product's own local training and aggregation; nothing travels. */
import {
  aggregate,
  type ServerState,
  type Strategy,
  type Update,
} from "../../../subgraphs/ml/domain/federation/strategy.ts";
import { findOutliers } from "../../../subgraphs/ml/domain/gate/findOutliers.ts";
import { judgeRound } from "../../../subgraphs/ml/domain/gate/holdOutGuard.ts";
import { judgeUpdate } from "../../../subgraphs/ml/domain/gate/judgeUpdate.ts";
import { UpdateRefused } from "../../../subgraphs/ml/domain/gate/refusal.ts";
import { flatten, toManifest, unflatten } from "../../../subgraphs/ml/domain/models/parameters.ts";
import {
  type Measured,
  measure,
  type Sample,
  type Trainable,
} from "../../../subgraphs/ml/domain/models/trainable.ts";
import { trainLocally } from "../../../subgraphs/ml/domain/models/trainLocally.ts";
import { samplesMax } from "../../../subgraphs/ml/domain/rounds/runTask.ts";
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
  /** Whether updates pass the validation gate, and rounds the hold-out. Default: they do not. */
  readonly gated?: boolean;
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
  const norms: number[][] = [];
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
    const counted = simulation.gated ? passGate(updates, norms) : updates;
    // As a round without a quorum: nothing changes.
    if (counted.length < strategy.updatesMin) {
      history.push(measure(model, parameters, holdOut));
      continue;
    }
    const result = aggregate(strategy, counted, state);
    state = result.state;
    const vector = flatten(parameters);
    const changed = unflatten(
      manifest,
      vector.map((value, at) => value + (result.change[at] ?? 0)),
    );
    const measured = measure(model, changed, holdOut);
    const before = history.at(-1);
    const isRefused = simulation.gated && before && judgeRound(before, measured);
    if (!isRefused) parameters = changed;
    history.push(isRefused ? before : measured);
    if (measured.accuracy >= simulation.accuracyWanted) break;
  }
  return history;
}

/** What the coordinator does with updates, before and after the round is closed; keeps the norms of those that counted. */
function passGate(updates: readonly Update[], norms: number[][]): readonly Update[] {
  const recentNorms = norms.slice(-3).flat();
  const judged = updates.flatMap((update) => {
    try {
      const { delta, norm } = judgeUpdate(update.delta, update.samples, { recentNorms, samplesMax });
      return [{ update: { ...update, delta }, norm }];
    } catch (thrown) {
      if (thrown instanceof UpdateRefused) return [];
      throw thrown;
    }
  });
  const outliers = new Set(
    findOutliers(judged.map(({ update }) => update)).map(({ participant }) => participant),
  );
  const counted = judged.filter(({ update }) => !outliers.has(update.participant));
  norms.push(counted.map(({ norm }) => norm));
  return counted.map(({ update }) => update);
}
