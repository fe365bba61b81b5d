/**
 * What a trainable model knows: named tensors of 32-bit floats, row-major. Federated learning moves them as one vector
 * (`flatten`), so that aggregation, clipping, noise and masks need no knowledge of layers.
 */
import { createHash } from "node:crypto";

export type Tensor = {
  readonly name: string;
  /** Sizes of the axes, outermost first. */
  readonly shape: readonly number[];
  /** As many as the product of the shape. */
  readonly values: Float32Array;
};

export type Parameters = readonly Tensor[];

/** Names and shapes without values: what an update has to fit. */
export type Manifest = readonly Pick<Tensor, "name" | "shape">[];

export function toManifest(parameters: Parameters): Manifest {
  return parameters.map(({ name, shape }) => ({ name, shape }));
}

export function sizeOf(manifest: Manifest): number {
  return manifest.reduce((sum, { shape }) => sum + product(shape), 0);
}

export function flatten(parameters: Parameters): Float32Array {
  const vector = new Float32Array(sizeOf(parameters));
  let offset = 0;
  for (const { values } of parameters) {
    vector.set(values, offset);
    offset += values.length;
  }
  return vector;
}

/**
 * The other way round; the tensors are views on the vector, so they change with it. Throws a RangeError when the vector
 * has another length than the manifest asks for.
 */
export function unflatten(manifest: Manifest, vector: Float32Array): Parameters {
  const expected = sizeOf(manifest);
  if (vector.length !== expected)
    throw new RangeError(`expected ${expected} parameters, came ${vector.length}`);
  let offset = 0;
  return manifest.map(({ name, shape }) => {
    const size = product(shape);
    const values = vector.subarray(offset, offset + size);
    offset += size;
    return { name, shape, values };
  });
}

/**
 * SHA-256 over names, shapes and the little-endian bytes of the values, hexadecimal. Two parameters are the same model
 * only when every bit of every value is the same.
 */
export function hashTensors(parameters: Parameters): string {
  const hash = createHash("sha256");
  for (const { name, shape, values } of parameters) {
    hash.update(`${JSON.stringify([name, shape])}\n`);
    hash.update(toBytes(values));
  }
  return hash.digest("hex");
}

/** Little-endian, 4 bytes a value, whatever the machine. */
export function toBytes(values: Float32Array): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 4);
  for (let index = 0; index < values.length; index += 1) bytes.writeFloatLE(values[index] ?? 0, index * 4);
  return bytes;
}

export function fromBytes(bytes: Uint8Array): Float32Array {
  if (bytes.byteLength % 4 !== 0)
    throw new RangeError(`expected a multiple of 4 bytes, came ${bytes.byteLength}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, index) => view.getFloat32(index * 4, true));
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, axis) => size * axis, 1);
}
