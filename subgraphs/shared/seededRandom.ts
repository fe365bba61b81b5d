/**
 * Random numbers that are the same for the same seed on every machine: mulberry32 over a hash of the seed's text
 * (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c). Good for simulations, not for secrets.
 */
import { createHash } from "node:crypto";

export type Random = {
  /** From 0, below 1. */
  readonly next: () => number;
  /** Standard normal (Box and Muller 1958). */
  readonly nextNormal: () => number;
  readonly pick: <Item>(items: readonly [Item, ...Item[]]) => Item;
};

export function createSeededRandom(seed: string): Random {
  let state = createHash("sha256").update(seed).digest().readUInt32LE(0);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    nextNormal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    pick: ([first, ...others]) => others[Math.floor(next() * (others.length + 1)) - 1] ?? first,
  };
}
