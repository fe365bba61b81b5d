/** The models that can be trained, by name; a run names one of them. */
import { createDenseNetwork } from "./denseNetwork.ts";
import type { Trainable } from "./trainable.ts";

/** 784 → 200 → 200 → 10, of McMahan et al. 2017 §3. */
export const twoLayerNetwork: Trainable = createDenseNetwork({
  kind: "2nn",
  inputs: 784,
  hidden: [200, 200],
  classes: 10,
});

/** For tabular risk: no hidden layer, so a weight is the change of the log-odds for each unit of its feature. */
export function createLogisticRegression(inputs: number, classes = 2): Trainable {
  return createDenseNetwork({ kind: "logistic", inputs, hidden: [], classes });
}
