/**
 * Fixed-point numbers in ℤ/2³², in which masks cancel exactly. A value v within ±bound with weight w is stored as
 * round(w · v / (weightMax · bound) · 2^bits); bits are as many as leave room for the sum of all participants.
 */
import type { Contribution, SumTask, WeightedSum } from "./secureSum.ts";

/** The vector, and one place more for the weight itself. */
export function ringLength({ length }: SumTask): number {
  return length + 1;
}

/** Fraction bits: n participants of at most 2^bits each must stay within ±2³¹. */
export function fractionBits({ participants }: Pick<SumTask, "participants">): number {
  return 30 - Math.ceil(Math.log2(Math.max(2, participants.length)));
}

export function toRing(task: SumTask, { values, weight }: Contribution): Uint32Array {
  const scale = 2 ** fractionBits(task);
  const share = weight / task.weightMax;
  const ring = new Uint32Array(ringLength(task));
  for (let at = 0; at < values.length; at += 1) {
    const clipped = Math.min(task.bound, Math.max(-task.bound, values[at] ?? 0));
    // Assigning a negative number to a Uint32Array takes it modulo 2³².
    ring[at] = Math.round(((share * clipped) / task.bound) * scale);
  }
  ring[task.length] = Math.round(share * scale);
  return ring;
}

export function fromRing(task: SumTask, ring: Uint32Array): Omit<WeightedSum, "contributors"> {
  const unit = task.weightMax / 2 ** fractionBits(task);
  const values = new Float64Array(task.length);
  // `| 0` reads the upper half of the ring as negative.
  for (let at = 0; at < task.length; at += 1) values[at] = ((ring[at] ?? 0) | 0) * unit * task.bound;
  return { values, weight: ((ring[task.length] ?? 0) | 0) * unit };
}

export function addTo(sum: Uint32Array, other: Uint32Array): void {
  for (let at = 0; at < sum.length; at += 1) sum[at] = (sum[at] ?? 0) + (other[at] ?? 0);
}

export function subtractFrom(sum: Uint32Array, other: Uint32Array): void {
  for (let at = 0; at < sum.length; at += 1) sum[at] = (sum[at] ?? 0) - (other[at] ?? 0);
}

/** Little-endian, 4 bytes a value. */
export function ringToBytes(ring: Uint32Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(ring.length * 4);
  for (let at = 0; at < ring.length; at += 1) bytes.writeUInt32LE(ring[at] ?? 0, at * 4);
  return bytes;
}

export function ringFromBytes(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.byteLength >> 2 }, (_, at) => view.getUint32(at * 4, true));
}
