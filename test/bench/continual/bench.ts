/**
 * `npm run bench:continual -- [--seed N]`: a network that goes on learning over a stream of real files that drifts from
 * one domain to the next. Prints what it got right before it learned (prequential), what it forgot, when the detectors
 * called drift, with replay and without; then what a new country gains from the others. Exit 1 when replay does not
 * lessen forgetting, or a start learned from other countries does not beat a fresh one.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { checkout } from "../../../infra/local/paths.ts";
import { metaLearn } from "../../../subgraphs/ml/domain/continual/reptile.ts";
import { createDenseNetwork } from "../../../subgraphs/ml/domain/models/denseNetwork.ts";
import {
  flatten,
  type Parameters,
  toManifest,
  unflatten,
} from "../../../subgraphs/ml/domain/models/parameters.ts";
import { measure, type Sample } from "../../../subgraphs/ml/domain/models/trainable.ts";
import { type LocalTraining, trainLocally } from "../../../subgraphs/ml/domain/models/trainLocally.ts";
import { createSeededRandom } from "../../../subgraphs/shared/seededRandom.ts";
import { learnStream } from "./learnStream.ts";
import { inputs, readCountries, readDomains, type Task } from "./realTasks.ts";

const { values } = parseArgs({ options: { seed: { type: "string", default: "1" } } });
const seed = values.seed;
const folder = pathToFileURL(join(checkout, "../shared/data/"));
const network = createDenseNetwork({ kind: "dense", inputs, hidden: [24], classes: 2 });

const domains = await readDomains(folder, 1_500);
console.log(
  `seed ${seed}; domain after domain: ${domains.map(({ name, training, holdOut }) => `${name} ${training.length} + ${holdOut.length}`).join(", ")} (learned from + held out)\n`,
);
const without = learnStream(network, domains, { seed, replayed: 0 });
const withReplay = learnStream(network, domains, { seed, replayed: 8 });
printStream("without replay", without);
printStream("with replay (8 of at most 400 remembered beside each new one)", withReplay);

const adapted = compareStarts(await readCountries(folder));
console.log(
  "accuracy on countries that no start has seen, after 20 examples of each (exchange rates, mean of countries)",
);
for (const [name, accuracy] of Object.entries(adapted))
  console.log(`  ${name.padEnd(44)} ${percent(accuracy)}`);

const promises = [
  ["replay lessens forgetting", withReplay.forgetting < without.forgetting],
  ["replay leaves a better model over all domains", withReplay.accuracy > without.accuracy],
  ["a start from other countries (Reptile) beats a fresh one", adapted.reptile > adapted.fresh],
  ["a new country gains by transfer with a frozen layer", adapted.transferred > adapted.fresh],
] as const;
console.log("");
for (const [promise, holds] of promises) console.log(`${holds ? "holds " : "BROKEN"}  ${promise}`);
if (promises.some(([, holds]) => !holds)) process.exitCode = 1;

type Learned = ReturnType<typeof learnStream>;

function printStream(title: string, { total, prequential, accuracies, drifts, ...measured }: Learned): void {
  console.log(title);
  console.log(
    `  prequential accuracy ${percent(total)}: ${domains.map(({ name }, at) => `${name} ${percent(prequential[at] ?? 0)}`).join(", ")}`,
  );
  console.log(
    `  ${"held out, after learning".padEnd(26)}${domains.map(({ name }) => name.padStart(16)).join("")}`,
  );
  for (const [at, row] of accuracies.entries())
    console.log(
      `  ${(domains[at]?.name ?? "").padEnd(26)}${row.map((value) => percent(value).padStart(16)).join("")}`,
    );
  console.log(
    `  at the end ${percent(measured.accuracy)}, backward transfer ${signed(measured.backwardTransfer)}, forgetting ${signed(measured.forgetting)}`,
  );
  console.log(`  drift: ${drifts.join("; ") || "none called"}\n`);
}

/** A third of the countries is new; the others are what a start can be learned from. */
function compareStarts(countries: readonly Task[]) {
  const random = createSeededRandom(`${seed}/countries`);
  const known = countries.filter((_, at) => at % 3 !== 0);
  const fresh = network.initialise(createSeededRandom(`${seed}/start`).next);
  const inner: LocalTraining = {
    epochs: 4,
    batchSize: 10,
    learningRate: 0.05,
    proximal: 0,
    random: random.next,
  };
  const pooled = adapt(
    fresh,
    known.flatMap(({ training }) => training),
    { ...inner, epochs: 3, learningRate: 0.02 },
  );
  const met = metaLearn(
    network,
    fresh,
    known.map(({ training }) => training),
    { iterations: 400, metaRate: 0.5, inner: { ...inner, epochs: 1 }, random: random.next },
  );
  const meanOf = (start: Parameters, frozen: readonly string[] = []): number => {
    const accuracies = countries
      .filter((_, at) => at % 3 === 0)
      .map(
        ({ training, holdOut }) =>
          measure(network, adapt(start, training.slice(-20), { ...inner, frozen }), holdOut).accuracy,
      );
    return accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
  };
  return {
    fresh: meanOf(fresh),
    transferred: meanOf(pooled, ["layer0.weights", "layer0.biases"]),
    "transferred, nothing frozen": meanOf(pooled),
    reptile: meanOf(met),
  };
}

function adapt(start: Parameters, samples: readonly Sample[], options: LocalTraining): Parameters {
  const { delta } = trainLocally(network, start, samples, options);
  return unflatten(
    toManifest(start),
    flatten(start).map((value, at) => value + (delta[at] ?? 0)),
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function signed(share: number): string {
  return `${share >= 0 ? "+" : "−"}${Math.abs(100 * share).toFixed(1)} points`;
}
