/**
 * Room for what is received, cut from larger pieces outside of the heap: a buffer of its own for each answer costs more
 * than filling it. A piece is never used twice; it goes when the last answer in it has gone.
 */
const SLAB_BYTES = 524_288;
/** What would waste a slab gets its own room. */
const CUT_BYTES_MAX = 65_536;

let slab = Buffer.allocUnsafeSlow(0);
let used = 0;

/** Whatever was there before is still in it: to be filled by whoever takes it. */
export function takeBytes(length: number): Buffer {
  if (length > CUT_BYTES_MAX) return Buffer.allocUnsafeSlow(length);
  if (used + length > slab.length) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    used = 0;
  }
  const bytes = slab.subarray(used, used + length);
  // Starts stay aligned, for those who read words.
  used += (length + 7) & ~7;
  return bytes;
}

export function copyBytes(source: Uint8Array, start: number, end: number): Buffer {
  const bytes = takeBytes(end - start);
  bytes.set(start === 0 && end === source.length ? source : source.subarray(start, end));
  return bytes;
}
