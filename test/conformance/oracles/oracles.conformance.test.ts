/** Our arithmetic beside that of Opacus, Google's dp-accounting and scikit-learn, on cases drawn at random from a seed. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "@jest/globals";
import { z } from "zod";
import { predictWithStumps } from "../../../subgraphs/ml/domain/models/boostedStumps.ts";
import { boostStumps } from "../../../subgraphs/ml/domain/models/boostStumps.ts";
import type { Sample } from "../../../subgraphs/ml/domain/models/trainable.ts";
import { epsilonOf, orders } from "../../../subgraphs/ml/domain/privacy/rdpAccountant.ts";
import { createSeededRandom } from "../../../subgraphs/shared/seededRandom.ts";
import { describeWhere } from "../../support/describeWhere.ts";

const random = createSeededRandom("oracles");
const between = (from: number, to: number) => from + (to - from) * random.next();

const accounts = Array.from({ length: 20 }, (_, at) => ({
  // Every fifth without sampling.
  samplingRate: at % 5 === 0 ? 1 : between(0.001, 0.2),
  noiseMultiplier: between(0.8, 6),
  steps: Math.ceil(between(1, 3_000)),
  delta: 10 ** -between(4, 7),
  orders,
}));

const features = ["a", "b", "c", "d"].map((name) => ({ name, mean: 0 }));
const boosts = Array.from({ length: 5 }, () => {
  const weights = features.map(() => random.nextNormal());
  const samples: readonly Sample[] = Array.from({ length: 250 }, () => {
    // Tenths, so that values meet, and fewer than 255 of them: both then cut between the same values.
    const input = Float32Array.from(features, () => Math.round(10 * random.nextNormal()) / 10);
    const score = input.reduce((sum, value, at) => sum + value * (weights[at] ?? 0), 0);
    return { input, label: score + random.nextNormal() > 0 ? 1 : 0 };
  });
  const options = {
    stumps: 60,
    learningRate: between(0.05, 0.4),
    regularisation: between(0, 3),
    leafMin: 10,
  };
  return { samples, options };
});

const answers = z.object({
  accounts: z.array(z.object({ opacus: z.number(), dp_accounting: z.number() })),
  logits: z.array(z.array(z.number())),
});

describeWhere("oracles", "outside implementations", (python) => {
  let asked: z.infer<typeof answers>;
  beforeAll(() => {
    asked = ask(python);
  }, 60_000);

  test("Opacus and dp-accounting spend what our accountant spends, at the same orders", () => {
    for (const [at, { delta, orders: _, ...mechanism }] of accounts.entries()) {
      const { epsilon } = epsilonOf([mechanism], delta);
      const theirs = asked.accounts[at];
      expect([at, epsilon]).toEqual([at, expect.closeTo(theirs?.opacus ?? Number.NaN, 6)]);
      expect([at, epsilon]).toEqual([at, expect.closeTo(theirs?.dp_accounting ?? Number.NaN, 6)]);
    }
  });

  test("scikit-learn's boosting says of every row what ours says", () => {
    for (const [at, { samples, options }] of boosts.entries()) {
      const model = boostStumps(features, 30, samples, options);
      const worst = samples.reduce((most, { input }, row) => {
        const values = Object.fromEntries(features.map(({ name }, place) => [name, input[place] ?? 0]));
        return Math.max(
          most,
          Math.abs(predictWithStumps(model, values).logit - (asked.logits[at]?.[row] ?? Number.NaN)),
        );
      }, 0);
      // It sums gradients in 32-bit floats.
      expect([at, worst]).toEqual([at, expect.closeTo(0, 4)]);
    }
  });
});

function ask(python: string): z.infer<typeof answers> {
  const input = JSON.stringify({
    accounts,
    boosts: boosts.map(({ samples, options }) => ({
      ...options,
      rows: samples.map((sample) => [...sample.input]),
      labels: samples.map(({ label }) => label),
    })),
  });
  const script = fileURLToPath(new URL("oracles.py", import.meta.url));
  const { stdout, stderr, status } = spawnSync(python, [script], { input, encoding: "utf8" });
  if (status !== 0) throw new Error(`expected answers of the oracles; they ended with ${status}: ${stderr}`);
  return answers.parse(JSON.parse(stdout));
}
