/** A version as an ONNX file, so that any runtime can answer from it. */
import type { BoostedStumps } from "../../domain/models/boostedStumps.ts";
import type { Parameters, Tensor } from "../../domain/models/parameters.ts";
import type { LogisticModel } from "../../domain/predict.ts";
import type { Content, NetworkContent } from "../content.ts";
import { widthsOf } from "../scorePlainly.ts";
import { type Constant, inputName, type OnnxNode, outputName, writeModel } from "./writeModel.ts";

type Body = { readonly nodes: readonly OnnxNode[]; readonly constants: readonly Constant[] };

export function toOnnx(content: Content): Uint8Array {
  return writeModel({ ...toBody(content), ...widthsOf(content) });
}

function toBody(content: Content): Body {
  if (content.kind === "logistic") return toLogistic(content);
  return content.kind === "boosted-stumps" ? toTrees(content) : toNetwork(content);
}

/** Standardised before it is weighed, as plain code does: folded into the weights, large means would cost digits. */
function toLogistic({ features, intercept }: LogisticModel): Body {
  const rowOf = (name: string, values: readonly number[]): Constant => ({
    name,
    shape: [values.length],
    values,
  });
  return {
    constants: [
      rowOf(
        "means",
        features.map(({ mean }) => mean),
      ),
      rowOf(
        "deviations",
        features.map(({ deviation }) => deviation),
      ),
      { name: "weights", shape: [features.length, 1], values: features.map(({ weight }) => weight) },
      rowOf("intercept", [intercept]),
    ],
    nodes: [
      { operator: "Sub", inputs: [inputName, "means"], outputs: ["centred"] },
      { operator: "Div", inputs: ["centred", "deviations"], outputs: ["standardised"] },
      { operator: "Gemm", inputs: ["standardised", "weights", "intercept"], outputs: ["logits"] },
      { operator: "Sigmoid", inputs: ["logits"], outputs: [outputName] },
    ],
  };
}

/** Every stump is a tree of a root (0) and two leaves: 1 where the value is at most the threshold, 2 above it. */
function toTrees({ stumps, intercept }: BoostedStumps): Body {
  // A tree with nothing to ask keeps the operator valid where nothing was learned.
  const trees = stumps.length > 0 ? stumps : [{ feature: 0, threshold: 0, low: 0, high: 0 }];
  const ofNodes = <Value>(
    values: (stump: (typeof trees)[number], tree: number) => readonly Value[],
  ): Value[] => trees.flatMap(values);
  const ints = (values: readonly number[]) => ({ kind: "ints", values }) as const;
  const floats = (values: readonly number[]) => ({ kind: "floats", values }) as const;
  return {
    constants: [],
    nodes: [
      {
        operator: "TreeEnsembleRegressor",
        domain: "ai.onnx.ml",
        inputs: [inputName],
        outputs: ["logits"],
        attributes: {
          n_targets: { kind: "int", value: 1 },
          aggregate_function: { kind: "string", value: "SUM" },
          base_values: floats([intercept]),
          nodes_treeids: ints(ofNodes((_, tree) => [tree, tree, tree])),
          nodes_nodeids: ints(ofNodes(() => [0, 1, 2])),
          nodes_featureids: ints(ofNodes(({ feature }) => [feature, 0, 0])),
          nodes_values: floats(ofNodes(({ threshold }) => [threshold, 0, 0])),
          nodes_modes: { kind: "strings", values: ofNodes(() => ["BRANCH_LEQ", "LEAF", "LEAF"]) },
          nodes_truenodeids: ints(ofNodes(() => [1, 0, 0])),
          nodes_falsenodeids: ints(ofNodes(() => [2, 0, 0])),
          target_treeids: ints(ofNodes((_, tree) => [tree, tree])),
          target_nodeids: ints(ofNodes(() => [1, 2])),
          target_ids: ints(ofNodes(() => [0, 0])),
          target_weights: floats(ofNodes(({ low, high }) => [low, high])),
        },
      },
      { operator: "Sigmoid", inputs: ["logits"], outputs: [outputName] },
    ],
  };
}

function toNetwork({ model, parameters }: NetworkContent): Body {
  if (model.kind !== "cnn") return toDense(parameters, inputName);
  const [filters, biases, ...head] = parameters;
  if (!filters || !biases) throw new Error("expected filters and their biases, came none");
  const { side, kernel } = model;
  const dense = toDense(head, "pooledRows");
  return {
    constants: [
      // Weights of a convolution: [filters, channels, height, width].
      { ...filters, shape: [model.filters, 1, kernel, kernel] },
      biases,
      // 0 keeps the number of rows.
      { name: "imageShape", shape: [4], wholeNumbers: [0, 1, side, side] },
      ...dense.constants,
    ],
    nodes: [
      { operator: "Reshape", inputs: [inputName, "imageShape"], outputs: ["images"] },
      { operator: "Conv", inputs: ["images", filters.name, biases.name], outputs: ["convolved"] },
      { operator: "Relu", inputs: ["convolved"], outputs: ["active"] },
      {
        operator: "MaxPool",
        inputs: ["active"],
        outputs: ["pooled"],
        attributes: {
          kernel_shape: { kind: "ints", values: [2, 2] },
          strides: { kind: "ints", values: [2, 2] },
        },
      },
      { operator: "Flatten", inputs: ["pooled"], outputs: ["pooledRows"] },
      ...dense.nodes,
    ],
  };
}

/** ReLU between layers, softmax at the end; tensors come as weights and biases, layer by layer. */
function toDense(parameters: Parameters, input: string): Body {
  const layers = Array.from({ length: parameters.length / 2 }, (_, layer) =>
    parameters.slice(2 * layer, 2 * layer + 2),
  );
  const nodes = layers.flatMap(([weights, biases], layer): OnnxNode[] => {
    const from = layer === 0 ? input : `layer${layer - 1}.active`;
    const gemm = {
      operator: "Gemm",
      inputs: [from, nameOf(weights), nameOf(biases)],
      outputs: [`layer${layer}.sum`],
    };
    const isLast = layer === layers.length - 1;
    return [
      gemm,
      isLast
        ? { operator: "Softmax", inputs: gemm.outputs, outputs: [outputName] }
        : { operator: "Relu", inputs: gemm.outputs, outputs: [`layer${layer}.active`] },
    ];
  });
  return { constants: parameters, nodes };
}

function nameOf(tensor: Tensor | undefined): string {
  if (!tensor) throw new Error("expected weights and biases of a layer, came none");
  return tensor.name;
}
