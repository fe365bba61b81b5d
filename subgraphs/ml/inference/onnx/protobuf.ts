/**
 * As much of the Protocol Buffers wire format (https://protobuf.dev/programming-guides/encoding) as an ONNX file needs.
 * The one package that knows ONNX's messages, onnx-proto, has not changed since protobufjs 6 and pins it; writing them
 * takes three kinds of field.
 */

/** A field of a message, encoded. */
export type Field = Uint8Array;

/** Wire type 0. Whole numbers from 0 to 2^53 − 1; nothing in a model is below 0. */
export function varint(field: number, value: number): Field {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`expected a whole number from 0, came ${value}`);
  return Uint8Array.from([...toVarint(field * 8), ...toVarint(value)]);
}

/** Wire type 2: text, bytes, packed numbers, or a message inside this one. */
export function bytes(field: number, value: string | Uint8Array): Field {
  const content = typeof value === "string" ? Buffer.from(value, "utf8") : value;
  return Buffer.concat([Uint8Array.from([...toVarint(field * 8 + 2), ...toVarint(content.length)]), content]);
}

export function message(field: number, fields: readonly Field[]): Field {
  return bytes(field, Buffer.concat(fields));
}

/** Packed, as proto3 writes repeated numbers. */
export function varints(field: number, values: readonly number[]): Field {
  return bytes(field, Uint8Array.from(values.flatMap(toVarint)));
}

export function floats(field: number, values: readonly number[]): Field {
  return bytes(field, toFloats(values));
}

/** Little-endian, 4 bytes each. */
export function toFloats(values: ArrayLike<number>): Uint8Array {
  const content = Buffer.allocUnsafe(values.length * 4);
  for (let at = 0; at < values.length; at += 1) content.writeFloatLE(values[at] ?? 0, at * 4);
  return content;
}

/** Little-endian, 8 bytes each. */
export function toWholeNumbers(values: readonly number[]): Uint8Array {
  const content = Buffer.allocUnsafe(values.length * 8);
  values.forEach((value, at) => {
    content.writeBigInt64LE(BigInt(value), at * 8);
  });
  return content;
}

/** Seven bits a byte, lowest first; the eighth says that more follow. */
function toVarint(value: number): number[] {
  const content: number[] = [];
  let rest = value;
  while (rest >= 128) {
    content.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...content, rest];
}
