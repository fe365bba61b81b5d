/** Some servers end their answers with a line break. */
export function lengthWithoutBlanks(bytes: Uint8Array): number {
  let length = bytes.length;
  while (length > 0 && BLANKS.has(bytes[length - 1] ?? 0)) length -= 1;
  return length;
}

const BLANKS: ReadonlySet<number> = new Set([0x0a, 0x0d, 0x20, 0x09]);

/**
 * JSON has none in its strings, and what `JSON.stringify` prints has none at all. Four bytes at a time: a byte below 0x20
 * borrows from its highest bit when 0x20 is taken from it, and had that bit not set before
 * (https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord).
 */
export function hasControlCharacter(bytes: Uint8Array, length: number): boolean {
  let at = 0;
  while (at < length && (bytes.byteOffset + at) % 4 !== 0) if ((bytes[at++] ?? 0) < 0x20) return true;
  if (at === length) return false;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (length - at) >> 2);
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? 0;
    if (((word - 0x20202020) & ~word & 0x80808080) !== 0) return true;
  }
  for (at += words.length * 4; at < length; at += 1) if ((bytes[at] ?? 0) < 0x20) return true;
  return false;
}
