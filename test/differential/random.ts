/** A whole number from 0 up to, not including, the bound. Lower picks make simpler things. */
export type Pick = (bound: number) => number;

/** The same seed gives the same picks on every machine (mulberry32). */
export function createPick(seed: number): Pick {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return bound <= 1 ? 0 : ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** A seed of its own for each part of a run, so that one part can be run again by itself. */
export function mixSeeds(seed: number, index: number): number {
  return hashText(`${seed}/${index}`) % 1_000_000_000;
}

/** 32 bits of a text (FNV-1a, then mixed, because its low bits are weak). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
