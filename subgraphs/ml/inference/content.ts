/** What a version is made of, as it is answered from: parsed once when it is loaded, the same for every runtime. */
import { z } from "zod";
import type { BoostedStumps } from "../domain/models/boostedStumps.ts";
import { fromBytes, type Manifest, type Parameters, sizeOf, unflatten } from "../domain/models/parameters.ts";
import { toBoostedStumps } from "../domain/models/stumpTable.ts";
import type { LogisticModel } from "../domain/predict.ts";
import { modelSpec, type RunTask } from "../domain/rounds/runTask.ts";

/** LogisticModel and BoostedStumps take rows of named values and say one probability; a network takes pixels. */
export type Content = LogisticModel | BoostedStumps | NetworkContent;

export type NetworkContent = {
  readonly kind: "network";
  readonly model: RunTask["model"];
  readonly parameters: Parameters;
};

/** Weights by the hash of their content, as rounds store them. */
export type FindParameters = (
  contentHash: string,
) => Promise<{ readonly manifest: Manifest; readonly vector: Uint8Array } | null>;

const finite = z.number();
const horizonDays = z.int().min(1);
const logistic = z.object({
  kind: z.literal("logistic"),
  horizonDays,
  intercept: finite,
  features: z
    .array(z.object({ name: z.string(), mean: finite, deviation: finite.positive(), weight: finite }))
    .min(1),
});
const boostedStumps = z
  .object({
    kind: z.literal("boosted-stumps"),
    horizonDays,
    intercept: finite,
    features: z.array(z.object({ name: z.string(), mean: finite })).min(1),
    stumps: z.array(z.object({ feature: z.int().min(0), threshold: finite, low: finite, high: finite })),
  })
  .refine(
    ({ features, stumps }) => stumps.every(({ feature }) => feature < features.length),
    "expected stumps over the model's own features",
  );
/** What a run learned. The scale is that of the examples; without one they are taken as they are. */
const tensors = z.object({
  kind: z.literal("tensors"),
  model: modelSpec,
  contentHash: z.string(),
  horizonDays: horizonDays.default(30),
  features: z
    .array(z.object({ name: z.string(), mean: finite.default(0), deviation: finite.positive().default(1) }))
    .optional(),
});
const stored = z.discriminatedUnion("kind", [logistic, boostedStumps, tensors]);

/** `parameters` is the column of `ml.model_version`. Throws an error that says what was expected. */
export async function parseContent(parameters: unknown, findParameters: FindParameters): Promise<Content> {
  const parsed = stored.safeParse(parameters);
  if (!parsed.success) throw new Error(`expected a model that can answer: ${z.prettifyError(parsed.error)}`);
  const content = parsed.data;
  if (content.kind !== "tensors") return content;
  const row = await findParameters(content.contentHash);
  if (!row) throw new Error(`expected weights with the hash ${content.contentHash}, there are none`);
  const weights = unflatten(row.manifest, fromBytes(row.vector));
  const { model } = content;
  if (model.kind === "stumps")
    return toBoostedStumps(model, weights, namesOf(content, model.inputs), content.horizonDays);
  return model.kind === "logistic" && model.classes === 2
    ? toLogistic(content, model.inputs, weights)
    : { kind: "network", model, parameters: weights };
}

/** Softmax over two classes is a logistic function of the difference of their weights. */
function toLogistic(
  { features, horizonDays: days }: z.infer<typeof tensors>,
  inputs: number,
  parameters: Parameters,
): LogisticModel {
  const [weights, biases] = parameters;
  const expected = 2 * inputs + 2;
  if (!weights || !biases || sizeOf(parameters) !== expected)
    throw new Error(`expected ${expected} weights of a logistic regression, came ${sizeOf(parameters)}`);
  const named = namesOf({ features }, inputs);
  return {
    kind: "logistic",
    horizonDays: days,
    intercept: (biases.values[1] ?? 0) - (biases.values[0] ?? 0),
    features: named.map((feature, at) => ({
      ...feature,
      weight: (weights.values[2 * at + 1] ?? 0) - (weights.values[2 * at] ?? 0),
    })),
  };
}

/** As the version names them; by number where it does not. */
function namesOf(
  { features }: Pick<z.infer<typeof tensors>, "features">,
  inputs: number,
): readonly { readonly name: string; readonly mean: number; readonly deviation: number }[] {
  if (features && features.length !== inputs)
    throw new Error(`expected names of ${inputs} features, came ${features.length}`);
  return (
    features ??
    Array.from({ length: inputs }, (_, at) => ({ name: `feature-${at + 1}`, mean: 0, deviation: 1 }))
  );
}
