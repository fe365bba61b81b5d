/**
 * A small convolutional network: one layer of square filters (valid padding), ReLU, 2 × 2 max pooling, one fully connected
 * layer, softmax. It stands for models in which a weight is shared between places.
 */
import { createDenseNetwork } from "./denseNetwork.ts";
import type { Parameters } from "./parameters.ts";
import type { Sample, Trainable } from "./trainable.ts";

export type ConvolutionalOptions = {
  readonly kind: string;
  /** Images are square, one channel, row by row. */
  readonly side: number;
  readonly filters: number;
  /** Side of a filter. */
  readonly kernel: number;
  readonly classes: number;
};

/** What pooling let through, and where it came from. */
type Pooled = { readonly values: Float32Array; readonly origins: Int32Array };

export function createConvolutionalNetwork({
  kind,
  side,
  filters,
  kernel,
  classes,
}: ConvolutionalOptions): Trainable {
  const convolved = side - kernel + 1;
  const pooled = Math.floor(convolved / 2);
  const filterSize = kernel * kernel;
  const head = createDenseNetwork({ kind, inputs: filters * pooled * pooled, hidden: [], classes });
  const headOffset = filters * (filterSize + 1);

  function extract(parameters: Parameters, input: Float32Array): Pooled {
    const weights = parameters[0]?.values ?? new Float32Array();
    const biases = parameters[1]?.values ?? new Float32Array();
    const values = new Float32Array(filters * pooled * pooled);
    // Top left corner of the patch that won, or -1 where ReLU let nothing through.
    const origins = new Int32Array(values.length).fill(-1);
    for (let filter = 0; filter < filters; filter += 1)
      for (let row = 0; row < pooled; row += 1)
        for (let column = 0; column < pooled; column += 1) {
          const at = (filter * pooled + row) * pooled + column;
          for (let corner = 0; corner < 4; corner += 1) {
            const origin = (2 * row + (corner >> 1)) * side + 2 * column + (corner & 1);
            const value = (biases[filter] ?? 0) + correlate(input, origin, weights, filter * filterSize);
            if (value > (values[at] ?? 0)) {
              values[at] = value;
              origins[at] = origin;
            }
          }
        }
    return { values, origins };
  }

  function correlate(input: Float32Array, origin: number, weights: Float32Array, start: number): number {
    let sum = 0;
    for (let row = 0; row < kernel; row += 1)
      for (let column = 0; column < kernel; column += 1)
        sum += (input[origin + row * side + column] ?? 0) * (weights[start + row * kernel + column] ?? 0);
    return sum;
  }

  return {
    kind,
    inputs: side * side,
    classes,
    initialise: (random) => {
      const limit = Math.sqrt(6 / (filterSize + filterSize * filters));
      return [
        {
          name: "filters.weights",
          shape: [filters, kernel, kernel],
          values: Float32Array.from({ length: filters * filterSize }, () => (2 * random() - 1) * limit),
        },
        { name: "filters.biases", shape: [filters], values: new Float32Array(filters) },
        ...head.initialise(random),
      ];
    },
    predict: (parameters, input) => head.predict(parameters.slice(2), extract(parameters, input).values),
    addGradient: (parameters, { input, label }: Sample, into) => {
      const { values, origins } = extract(parameters, input);
      const ofHead = into.subarray(headOffset);
      const loss = head.addGradient(parameters.slice(2), { input: values, label }, ofHead);
      // Gradient of the loss by what pooling let through: the head's weights times (probabilities − truth).
      const delta = head.predict(parameters.slice(2), values);
      delta[label] = (delta[label] ?? 0) - 1;
      const headWeights = parameters[2]?.values ?? new Float32Array();
      for (let at = 0; at < values.length; at += 1) {
        const origin = origins[at] ?? -1;
        if (origin < 0) continue;
        let slope = 0;
        for (let out = 0; out < classes; out += 1)
          slope += (headWeights[at * classes + out] ?? 0) * (delta[out] ?? 0);
        const filter = Math.floor(at / (pooled * pooled));
        for (let cell = 0; cell < filterSize; cell += 1) {
          const pixel = origin + Math.floor(cell / kernel) * side + (cell % kernel);
          const weight = filter * filterSize + cell;
          into[weight] = (into[weight] ?? 0) + slope * (input[pixel] ?? 0);
        }
        const bias = filters * filterSize + filter;
        into[bias] = (into[bias] ?? 0) + slope;
      }
      return loss;
    },
  };
}
