/**
 * The positions of one request: records of objects and lists in one growing array of integers, so that reading an
 * answer makes no objects. Place 0 is never a record; a reference of 0 is a null. Places 1 to n are the ends of the chains.
 */
export type Tape = {
  ints: Int32Array;
  top: number;
};

/** Integers a tape starts with; an answer of 80 KB needs about 20,000. */
const SIZE = 4_096;
/** Of all tapes that wait for the next request: large answers must not hold memory for good. */
const KEPT_INTS_MAX = 2_097_152;

const kept: Tape[] = [];
let keptInts = 0;

/** `chains` pairs of a first and a last object. */
export function takeTape(chains: number): Tape {
  const tape = kept.pop() ?? { ints: new Int32Array(SIZE), top: 0 };
  keptInts = kept.length === 0 ? 0 : keptInts - tape.ints.length;
  tape.top = 0;
  reserve(tape, 1 + 2 * chains);
  tape.ints.fill(0, 0, tape.top);
  return tape;
}

export function giveBack(tape: Tape): void {
  if (keptInts + tape.ints.length > KEPT_INTS_MAX) return;
  keptInts += tape.ints.length;
  kept.push(tape);
}

/** The place of so many fresh integers, whose values are whatever they were. */
export function reserve(tape: Tape, size: number): number {
  const at = tape.top;
  tape.top += size;
  if (tape.top > tape.ints.length) grow(tape);
  return at;
}

function grow(tape: Tape): void {
  const ints = new Int32Array(Math.max(tape.top, tape.ints.length * 2));
  ints.set(tape.ints);
  tape.ints = ints;
}

/** All places read were reserved before, so there is always a number; the bounds are checked by the engine anyway. */
export function intAt(ints: Int32Array, at: number): number {
  return ints[at] as number;
}
