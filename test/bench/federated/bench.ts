/**
 * `npm run bench:federated -- [--seed N] [--rounds N]`: rounds that FedAvg needs to 90 % on real digits, by how they
 * are shared out and by the batch size. Exit 1 when the shape of McMahan et al. 2017, Table 2 does not hold: B = 10
 * reaches 90 % by round 30, B = 10 beats B = ∞, two-class clients need at least twice the rounds.
 */
import { parseArgs } from "node:util";
import { fedAvg } from "../../../subgraphs/ml/domain/federation/strategies.ts";
import { twoLayerNetwork } from "../../../subgraphs/ml/domain/models/models.ts";
import { createSeededRandom } from "../../../subgraphs/shared/seededRandom.ts";
import { readDigits, shareByDigit, shareEvenly, shuffled } from "./digits.ts";
import { simulate } from "./simulate.ts";

const { values } = parseArgs({
  options: { seed: { type: "string", default: "1" }, rounds: { type: "string", default: "150" } },
});
const accuracyWanted = 0.9;
const clientCount = 100;
const clientSize = 80;

/** Learning rates are each the best of a small search for their own case, as in the paper. */
const cases = [
  { name: "IID, B = 10", share: shareEvenly, batchSize: 10, learningRate: 0.1 },
  { name: "IID, B = ∞", share: shareEvenly, batchSize: Number.POSITIVE_INFINITY, learningRate: 0.5 },
  { name: "two classes, B = 10", share: shareByDigit, batchSize: 10, learningRate: 0.05 },
  { name: "two classes, B = ∞", share: shareByDigit, batchSize: Number.POSITIVE_INFINITY, learningRate: 0.2 },
] as const;

const digits = shuffled(await readDigits(), createSeededRandom(`${values.seed}/split`));
const training = digits.slice(0, clientCount * clientSize);
const holdOut = digits.slice(clientCount * clientSize);
console.log(
  `FedAvg on real digits: ${clientCount} clients × ${clientSize}, 2NN, C = 0.1, E = 1, hold-out ${holdOut.length}, seed ${values.seed}`,
);

const needed = cases.map(({ name, share, batchSize, learningRate }) => {
  const random = createSeededRandom(`${values.seed}/${name}`);
  const history = simulate({
    model: twoLayerNetwork,
    strategy: fedAvg,
    clients: share(training, clientCount, random),
    holdOut,
    share: 0.1,
    epochs: 1,
    batchSize,
    learningRate,
    rounds: Number(values.rounds),
    accuracyWanted,
    random,
  });
  const last = history.at(-1)?.accuracy ?? 0;
  const rounds = last >= accuracyWanted ? history.length : Number.POSITIVE_INFINITY;
  console.log(
    `${name.padEnd(20)} lr ${String(learningRate).padEnd(5)} ${rounds} rounds to ${accuracyWanted * 100} % (last ${(100 * last).toFixed(2)} %)`,
  );
  return rounds;
});

const [even = 0, evenAll = 0, split = 0] = needed;
const promises = [
  ["IID, B = 10 reaches 90 % by round 30", even <= 30],
  ["B = 10 beats B = ∞ on IID", even < evenAll],
  ["two-class clients need at least twice the rounds at B = 10", split >= 2 * even],
] as const;
for (const [promise, holds] of promises) console.log(`${holds ? "holds " : "BROKEN"}  ${promise}`);
if (promises.some(([, holds]) => !holds)) process.exitCode = 1;
