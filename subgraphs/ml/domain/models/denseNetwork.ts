/**
 * A fully connected network: ReLU between layers, softmax at the end. Without a hidden layer it is logistic regression;
 * with two of 200 it is the 2NN of McMahan et al. 2017 (784 → 200 → 200 → 10: 199,210 parameters).
 */
import type { Parameters, Tensor } from "./parameters.ts";
import { probabilityMin, type Sample, softmax, type Trainable } from "./trainable.ts";

export type DenseOptions = {
  readonly kind: string;
  readonly inputs: number;
  /** Widths of the hidden layers, from the input on. */
  readonly hidden: readonly number[];
  readonly classes: number;
};

export function createDenseNetwork({ kind, inputs, hidden, classes }: DenseOptions): Trainable {
  const widths = [inputs, ...hidden, classes];
  const layers = widths.length - 1;

  return {
    kind,
    inputs,
    classes,
    initialise: (random) =>
      widths.slice(1).flatMap((outputs, layer) => createLayer(layer, widths[layer] ?? 0, outputs, random)),
    predict: (parameters, input) => {
      let activation = input;
      for (let layer = 0; layer < layers; layer += 1)
        activation = forward(layerOf(parameters, layer), activation, layer < layers - 1);
      return softmax(activation);
    },
    addGradient: (parameters, { input, label }: Sample, into) => {
      const activations = [input];
      for (let layer = 0; layer < layers; layer += 1)
        activations.push(
          forward(layerOf(parameters, layer), activations[layer] ?? input, layer < layers - 1),
        );
      const probabilities = softmax(activations[layers] ?? input);
      const loss = -Math.log(Math.max(probabilities[label] ?? 0, probabilityMin));
      // d loss / d logits of softmax with cross-entropy.
      let delta = probabilities;
      delta[label] = (delta[label] ?? 0) - 1;
      for (let layer = layers - 1; layer >= 0; layer -= 1) {
        const activation = activations[layer] ?? input;
        const { weights } = layerOf(parameters, layer);
        addOuterProduct(into, offsetOf(widths, layer), activation, delta);
        if (layer > 0) delta = backward(weights, activation, delta);
      }
      return loss;
    },
  };
}

type Layer = { readonly weights: Float32Array; readonly biases: Float32Array };

/** Glorot and Bengio 2010: uniform within ±√(6 / (inputs + outputs)). */
function createLayer(layer: number, inputs: number, outputs: number, random: () => number): Tensor[] {
  const limit = Math.sqrt(6 / (inputs + outputs));
  return [
    {
      name: `layer${layer}.weights`,
      shape: [inputs, outputs],
      values: Float32Array.from({ length: inputs * outputs }, () => (2 * random() - 1) * limit),
    },
    { name: `layer${layer}.biases`, shape: [outputs], values: new Float32Array(outputs) },
  ];
}

function layerOf(parameters: Parameters, layer: number): Layer {
  const [weights, biases] = [parameters[2 * layer], parameters[2 * layer + 1]];
  if (!weights || !biases) throw new RangeError(`expected tensors of layer ${layer}, came none`);
  return { weights: weights.values, biases: biases.values };
}

function offsetOf(widths: readonly number[], layer: number): number {
  let offset = 0;
  for (let at = 0; at < layer; at += 1) offset += ((widths[at] ?? 0) + 1) * (widths[at + 1] ?? 0);
  return offset;
}

/** Row by row of the weights, so that memory is read in order and inputs of zero (most pixels) cost nothing. */
function forward({ weights, biases }: Layer, input: Float32Array, isHidden: boolean): Float32Array {
  const outputs = biases.length;
  const result = Float32Array.from(biases);
  for (let row = 0; row < input.length; row += 1) {
    const value = input[row] ?? 0;
    if (value === 0) continue;
    const offset = row * outputs;
    for (let column = 0; column < outputs; column += 1)
      result[column] = (result[column] ?? 0) + value * (weights[offset + column] ?? 0);
  }
  if (isHidden)
    for (let column = 0; column < outputs; column += 1) if ((result[column] ?? 0) < 0) result[column] = 0;
  return result;
}

function addOuterProduct(into: Float32Array, start: number, input: Float32Array, delta: Float32Array): void {
  const outputs = delta.length;
  for (let row = 0; row < input.length; row += 1) {
    const value = input[row] ?? 0;
    if (value === 0) continue;
    const offset = start + row * outputs;
    for (let column = 0; column < outputs; column += 1)
      into[offset + column] = (into[offset + column] ?? 0) + value * (delta[column] ?? 0);
  }
  const biases = start + input.length * outputs;
  for (let column = 0; column < outputs; column += 1)
    into[biases + column] = (into[biases + column] ?? 0) + (delta[column] ?? 0);
}

/** Through the weights, and through the ReLU that made `activation`. */
function backward(weights: Float32Array, activation: Float32Array, delta: Float32Array): Float32Array {
  const outputs = delta.length;
  const result = new Float32Array(activation.length);
  for (let row = 0; row < activation.length; row += 1) {
    if ((activation[row] ?? 0) <= 0) continue;
    const offset = row * outputs;
    let sum = 0;
    for (let column = 0; column < outputs; column += 1)
      sum += (weights[offset + column] ?? 0) * (delta[column] ?? 0);
    result[row] = sum;
  }
  return result;
}
