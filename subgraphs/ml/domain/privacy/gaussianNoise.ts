/**
 * Gaussian noise out of the operating system's cryptographic generator: an attacker who could foresee the noise could
 * take it off again. Box and Muller 1958 over 53-bit uniforms. What floating point leaks in the last bits (Mironov 2012)
 * is not closed here: it needs an attacker who sees single unrounded values, and updates are rounded to 32 bits and
 * summed over a batch.
 */
import { randomFillSync } from "node:crypto";

const chunk = 4_096;

/** One standard normal value for each call. */
export function createCryptographicNormal(): () => number {
  const uniform = createCryptographicUniform();
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    // 1 − u, because the logarithm of 0 is not a number.
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

/** From 0, below 1, in steps of 2⁻⁵³. */
export function createCryptographicUniform(): () => number {
  const words = new Uint32Array(chunk);
  let at = chunk;
  return () => {
    if (at >= chunk) {
      randomFillSync(words);
      at = 0;
    }
    const high = (words[at] ?? 0) >>> 5;
    const low = (words[at + 1] ?? 0) >>> 6;
    at += 2;
    return (high * 2 ** 26 + low) / 2 ** 53;
  };
}
