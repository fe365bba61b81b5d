/** What a run trains and how: parsed once where it is asked for, stored with the run, never changed. */
import { z } from "zod";
import { findStrategy } from "../federation/strategies.ts";
import { createConvolutionalNetwork } from "../models/convolutionalNetwork.ts";
import { createLogisticRegression, twoLayerNetwork } from "../models/models.ts";
import { createStumpTable } from "../models/stumpTable.ts";
import type { Trainable } from "../models/trainable.ts";

const whole = (most: number) => z.int().min(1).max(most);

export const modelSpec = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("logistic"), inputs: whole(10_000), classes: z.int().min(2).max(1_000) }),
  z.strictObject({ kind: z.literal("2nn") }),
  z.strictObject({
    kind: z.literal("stumps"),
    inputs: whole(10_000),
    cuts: z
      .array(z.number())
      .min(1)
      .max(255)
      .refine(
        (cuts) => cuts.every((cut, at) => at === 0 || Math.fround(cut) > Math.fround(cuts[at - 1] ?? cut)),
        "expected cuts in ascending order",
      ),
  }),
  z.strictObject({
    kind: z.literal("cnn"),
    side: z.int().min(4).max(256),
    filters: whole(64),
    kernel: z.int().min(2).max(9),
    classes: z.int().min(2).max(1_000),
  }),
]);

export const runTask = z
  .strictObject({
    /** Name of the examples; see training_example. */
    dataset: z.string().min(1).max(64),
    /** Examples whose label was known by then are learned from, those observed since are held out; null where each says so itself. */
    holdOutFrom: z.iso.datetime().nullable().default(null),
    model: modelSpec,
    strategy: z
      .string()
      .refine((name) => findStrategy(name) !== undefined, "expected the name of a strategy"),
    /** K: how many updates make a round. */
    wanted: whole(255),
    /** From the start of training; what comes later does not count. */
    deadlineMs: z.int().min(1_000).max(86_400_000),
    roundsMax: whole(10_000),
    local: z.strictObject({
      /** Passes over the own examples; of stumps, how many are added. */
      epochs: whole(100),
      batchSize: whole(10_000),
      learningRate: z.number().positive().max(10),
    }),
    /**
     * ROBUST: the coordinator sees updates and can refuse some. MASKED and ENCRYPTED: it sees sums only and can refuse
     * rounds only. Inside one jurisdiction the first, across jurisdictions the second is the default.
     */
    aggregation: z.enum(["ROBUST", "MASKED", "ENCRYPTED"]),
    /** Norm that participants clip to before masking; the sum cannot be told from honest ones otherwise. */
    bound: z.number().positive().max(1_000).default(1),
    /** DP-SGD for each record; null trains without noise. */
    privacy: z
      .strictObject({
        samplingRate: z.number().positive().max(1),
        noiseMultiplier: z.number().positive().max(100),
        clippingNorm: z.number().positive().max(1_000),
        steps: whole(100_000),
        /** What a group of data subjects may spend in all, over every run. */
        epsilon: z.number().positive().max(100),
        delta: z.number().positive().max(0.1),
      })
      .nullable(),
    convergence: z.strictObject({
      /** Ends the run with success. */
      accuracyWanted: z.number().positive().max(1),
      /** Ends it when the loss on the hold-out has not got better for this many rounds. */
      patience: whole(1_000),
      /** By how much a loss has to be lower, in nats, to be better. */
      lossStep: z.number().min(0).max(10).default(0),
    }),
  })
  .superRefine((task, context) => {
    const strategy = findStrategy(task.strategy);
    if (strategy?.needsSingleUpdates && task.aggregation !== "ROBUST")
      context.addIssue({
        code: "custom",
        path: ["aggregation"],
        message: `${task.strategy} compares single updates, which ${task.aggregation} hides; expected ROBUST`,
      });
    if (strategy && quorumOf(task.wanted) < strategy.updatesMin)
      context.addIssue({
        code: "custom",
        path: ["wanted"],
        message: `${task.strategy} needs ${strategy.updatesMin} updates; a quorum of ${task.wanted} is ${quorumOf(task.wanted)}`,
      });
    if (task.model.kind === "stumps" && (task.privacy || strategy?.proximal))
      context.addIssue({
        code: "custom",
        path: ["model"],
        message: `stumps are boosted, not learned by gradient steps; expected neither privacy nor ${task.strategy}'s proximal term`,
      });
    if (task.aggregation !== "ROBUST" && task.wanted < 3)
      context.addIssue({
        code: "custom",
        path: ["wanted"],
        message: `a sum of ${task.wanted} hides nobody; expected at least 3`,
      });
  });

export type RunTask = z.infer<typeof runTask>;

/** Never fewer than three, never fewer than 60 %. */
export function quorumOf(wanted: number): number {
  return Math.max(Math.min(3, wanted), Math.ceil(0.6 * wanted));
}

/** Some drop out, so a third more are chosen than are wanted. */
export function selectedCount(wanted: number): number {
  return Math.ceil(1.3 * wanted);
}

/** How long an offer of a trainer stands; selection looks no further back. A trainer repeats it every few seconds. */
export const offerMs = 60_000;

/** A participant that claims more samples would own the mean. */
export const samplesMax = 10_000;

export function createModel(spec: RunTask["model"]): Trainable {
  if (spec.kind === "logistic") return createLogisticRegression(spec.inputs, spec.classes);
  if (spec.kind === "2nn") return twoLayerNetwork;
  if (spec.kind === "stumps") return createStumpTable(spec);
  return createConvolutionalNetwork(spec);
}
