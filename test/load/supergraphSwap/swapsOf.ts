/** The ways in which a supergraph of the bookshop changes, in an order that a seed decides. */
import type { Swap } from "./runSwapLoad.ts";

export function swapsOf(
  sdl: string,
  seed: number,
  count: number,
  swap: (sdl: string) => Promise<unknown>,
): Swap[] {
  const kinds = [
    { name: "the same in other words", change: (name: string) => `${sdl}\n# ${name}\n` },
    { name: "a field more", change: (name: string) => addField(sdl, name) },
    {
      name: "another address of the events",
      change: (name: string) => moveBooks(sdl, name),
    },
  ];
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, at) => {
    // Each kind once, then as it comes.
    const kind = kinds[at < kinds.length ? at : random(kinds.length)] ?? kinds[0];
    const change = kind?.change ?? String;
    return { name: kind?.name ?? "", run: async () => void (await swap(change(`swap${seed}x${at}`))) };
  });
}

function addField(sdl: string, name: string): string {
  const field = `  ${name}: String @join__field(graph: BOOKS)\n`;
  return sdl.replace(/(type Query\b[^{]*\{\n)/, (start) => start + field);
}

function moveBooks(sdl: string, name: string): string {
  return sdl.replace(/(name: "books", url: "[^"]*)/, (start) => `${start}?${name}`);
}

/** Mulberry32. */
function createRandom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}
