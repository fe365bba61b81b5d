/**
 * Walks the bytes of an answer along its shape. The text has to be what `JSON.stringify` prints of exactly the values
 * asked for, in the order asked: then it may be copied to the client as it is. Anything else (other keys, whitespace,
 * escapes or numbers written in another way, a value that does not fit its type) is answered with -1, and left to those
 * who parse. One file, because it is one state machine.
 */
import {
  ANSWER,
  ANY,
  BOOLEAN,
  CHAIN,
  CONSTANT,
  END,
  ENUM,
  FIRST,
  FLOAT,
  fromByteText,
  HEADER,
  INT,
  LIST,
  NESTED_LIST,
  NEXT,
  NULL_ITEM,
  OBJECT,
  type ObjectShape,
  type Place,
  START,
  STRING,
  VARIANT,
  type ValueShape,
} from "./shape.ts";
import { intAt, reserve, type Tape } from "./tape.ts";

export type Scan = {
  readonly bytes: Uint8Array;
  /** The same, one character a byte. */
  readonly text: string;
  readonly tape: Tape;
  /** The first backslash from where the scan is; −1 when there is none any more. */
  nextEscape: number;
  /** The number of this answer in its operation. */
  readonly answer: number;
  /** The record of the object or list scanned last; 0 when it is null. */
  ref: number;
};

/** Where the value at `at` ends, or -1. */
export function scanValue(scan: Scan, shape: ValueShape, at: number): number {
  const { bytes } = scan;
  const first = bytes[at];
  if (first === LETTER_N) {
    scan.ref = 0;
    return shape.isNullable ? matchBytes(bytes, NULL, at) : -1;
  }
  switch (shape.kind) {
    case STRING:
      return first === QUOTE ? scanString(scan, at + 1) : -1;
    case INT:
      return scanInt(bytes, at);
    case FLOAT:
      return scanNumber(bytes, at);
    case BOOLEAN:
      return matchBytes(bytes, first === LETTER_T ? TRUE : FALSE, at);
    case ENUM:
      return scanEnum(scan, shape, at);
    case ANY:
      return scanAny(scan, at);
    case CONSTANT:
      return shape.constant ? matchBytes(bytes, shape.constant, at) : -1;
    case OBJECT:
      return shape.place ? scanObject(scan, shape.place, at) : -1;
    case LIST:
      return shape.item && first === OPEN_LIST ? scanList(scan, shape.item, at) : -1;
  }
}

/** The record gets the ends of all fields; where each starts follows from where the one before it ends. */
export function scanFields(scan: Scan, shape: ObjectShape, variant: number, start: number): number {
  const { bytes, tape } = scan;
  const ref = reserve(tape, shape.size);
  tape.ints[ref + START] = start;
  tape.ints[ref + VARIANT] = variant;
  tape.ints[ref + NEXT] = 0;
  tape.ints[ref + CHAIN] = 0;
  tape.ints[ref + ANSWER] = scan.answer;
  for (const { offset } of shape.attachments) tape.ints[ref + offset] = 0;
  const { fields } = shape;
  let at = start;
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index];
    if (!field) return -1;
    at = matchBytes(bytes, field.keyBytes, at);
    if (at < 0) return -1;
    const { value, offset } = field;
    at = scanValue(scan, value, at);
    if (at < 0) return -1;
    tape.ints[ref + offset] = at;
    if (value.kind >= OBJECT) tape.ints[ref + offset + 1] = scan.ref;
  }
  if (fields.length === 0) at = bytes[at] === OPEN ? at + 1 : -1;
  if (at < 0 || bytes[at] !== CLOSE) return -1;
  tape.ints[ref + END] = at + 1;
  scan.ref = ref;
  return at + 1;
}

function scanObject(scan: Scan, place: Place, at: number): number {
  const variant = place.isAbstract ? findVariant(scan, place, at) : 0;
  const shape = place.variants[variant];
  if (!shape) return -1;
  const end = scanFields(scan, shape, variant, at);
  if (end >= 0 && place.chain > 0) chain(scan.tape, place.chain, scan.ref);
  return end;
}

/** Records stand on the tape in the order of their starts, and in the chain in that of their ends: the same here. */
function chain({ ints }: Tape, at: number, ref: number): void {
  const last = intAt(ints, at + 1);
  if (last === 0) ints[at] = ref;
  else ints[last + CHAIN] = ref;
  ints[at + 1] = ref;
}

function findVariant({ bytes, text }: Scan, { variants }: Place, at: number): number {
  const start = matchBytes(bytes, TYPENAME, at);
  if (start < 0) return -1;
  const name = text.slice(start, text.indexOf('"', start));
  return variants.findIndex(({ typeName }) => typeName === name);
}

function scanList(scan: Scan, item: ValueShape, start: number): number {
  const { bytes, tape } = scan;
  const isRecorded = item.kind >= OBJECT;
  const list = isRecorded ? reserve(tape, HEADER) : 0;
  let last = 0;
  let at = start + 1;
  if (bytes[at] === CLOSE_LIST) at += 1;
  else
    for (;;) {
      const began = at;
      at = scanValue(scan, item, at);
      if (at < 0) return -1;
      if (isRecorded) {
        const ref = scan.ref === 0 ? recordNull(tape, began, at) : scan.ref;
        tape.ints[last === 0 ? list + FIRST : last + NEXT] = ref;
        last = ref;
      }
      const next = bytes[at];
      at += 1;
      if (next === CLOSE_LIST) break;
      if (next !== COMMA) return -1;
    }
  if (isRecorded) {
    tape.ints[list + START] = start;
    tape.ints[list + END] = at;
    tape.ints[list + VARIANT] = NESTED_LIST;
    tape.ints[list + NEXT] = 0;
    if (last === 0) tape.ints[list + FIRST] = 0;
  }
  scan.ref = list;
  return at;
}

function recordNull(tape: Tape, start: number, end: number): number {
  const ref = reserve(tape, HEADER);
  tape.ints[ref + START] = start;
  tape.ints[ref + END] = end;
  tape.ints[ref + VARIANT] = NULL_ITEM;
  tape.ints[ref + NEXT] = 0;
  return ref;
}

export function matchBytes(bytes: Uint8Array, wanted: Uint8Array, at: number): number {
  for (let index = 0; index < wanted.length; index += 1) if (bytes[at + index] !== wanted[index]) return -1;
  return at + wanted.length;
}

/**
 * From behind the opening quote. That there are no control characters and that all is valid UTF-8 was checked of the whole
 * answer. Most strings are short, where a loop is faster than a search.
 */
function scanString(scan: Scan, from: number): number {
  const { bytes, text } = scan;
  const near = from + NEAR;
  for (let at = from; at < near; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH || byte === undefined) return scanEscapes(scan, at);
  }
  const end = text.indexOf('"', near);
  if (end < 0) return -1;
  if (scan.nextEscape >= 0 && scan.nextEscape < near) scan.nextEscape = text.indexOf("\\", near);
  return scan.nextEscape < 0 || scan.nextEscape > end ? end + 1 : scanEscapes(scan, scan.nextEscape);
}

const NEAR = 12;

function scanEscapes({ bytes }: Scan, from: number): number {
  for (let at = from; ; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) {
      at = scanEscape(bytes, at);
      if (at < 0) return -1;
    } else if (byte === undefined) return -1;
  }
}

/** The last byte of an escape, if `JSON.stringify` writes it so. */
function scanEscape(bytes: Uint8Array, at: number): number {
  const byte = bytes[at + 1];
  if (byte === undefined) return -1;
  if (byte !== LETTER_U) return SHORT_ESCAPES.has(byte) ? at + 1 : -1;
  const code = String.fromCharCode(...bytes.subarray(at + 2, at + 6));
  return CONTROL_ESCAPE.test(code) ? at + 5 : -1;
}

/** 32 bits, as graphql-js has it. */
function scanInt(bytes: Uint8Array, from: number): number {
  const isNegative = bytes[from] === MINUS;
  let at = isNegative ? from + 1 : from;
  const start = at;
  let value = 0;
  for (;;) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    at += 1;
    if (at - start > INT_DIGITS_MAX) return -1;
  }
  if (at === start || (bytes[start] === ZERO && (at > start + 1 || isNegative))) return -1;
  return value <= (isNegative ? 2_147_483_648 : 2_147_483_647) ? at : -1;
}

/** As JavaScript prints numbers, but for exponents and more than 15 digits: those are rare, and left to others. */
function scanNumber(bytes: Uint8Array, from: number): number {
  let at = bytes[from] === MINUS ? from + 1 : from;
  const start = at;
  while (isDigit(bytes[at])) at += 1;
  const whole = at - start;
  if (whole === 0 || (bytes[start] === ZERO && whole > 1)) return -1;
  const isZero = bytes[start] === ZERO;
  if (bytes[at] !== POINT) {
    if (isZero && start > from) return -1;
    return whole > NUMBER_DIGITS_MAX || isExponent(bytes[at]) ? -1 : at;
  }
  const fraction = at + 1;
  at = fraction;
  while (isDigit(bytes[at])) at += 1;
  if (at === fraction || bytes[at - 1] === ZERO || isExponent(bytes[at])) return -1;
  if (whole + at - fraction > NUMBER_DIGITS_MAX) return -1;
  // Below a millionth JavaScript writes an exponent.
  return isZero && matchBytes(bytes, SIX_ZEROS, fraction) >= 0 ? -1 : at;
}

function scanEnum({ bytes, text }: Scan, { names }: ValueShape, at: number): number {
  const end = bytes[at] === QUOTE ? text.indexOf('"', at + 1) : -1;
  return end > 0 && names?.has(text.slice(at + 1, end)) ? end + 1 : -1;
}

function scanAny(scan: Scan, at: number): number {
  const { bytes, text } = scan;
  switch (bytes[at]) {
    case QUOTE:
      return scanString(scan, at + 1);
    case LETTER_T:
      return matchBytes(bytes, TRUE, at);
    case LETTER_F:
      return matchBytes(bytes, FALSE, at);
    case OPEN:
    case OPEN_LIST: {
      const end = findClosing(scan, at);
      return end > 0 && isCanonical(fromByteText(text.slice(at, end))) ? end : -1;
    }
    default:
      return scanNumber(bytes, at);
  }
}

/** Without recursion: a scalar may be nested as deep as its subgraph likes. */
function findClosing(scan: Scan, from: number): number {
  const { bytes } = scan;
  let depth = 0;
  for (let at = from; ; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) return -1;
    if (byte === QUOTE) {
      at = scanString(scan, at + 1) - 1;
      if (at < 0) return -1;
    } else if (byte === OPEN || byte === OPEN_LIST) depth += 1;
    else if (byte === CLOSE || byte === CLOSE_LIST) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
}

function isCanonical(json: string): boolean {
  try {
    return JSON.stringify(JSON.parse(json)) === json;
  } catch {
    return false;
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function isExponent(byte: number | undefined): boolean {
  return byte === 0x45 || byte === 0x65;
}

const toBytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const NULL = toBytes("null");
const TRUE = toBytes("true");
const FALSE = toBytes("false");
const TYPENAME = toBytes('{"__typename":"');
const SIX_ZEROS = toBytes("000000");
const SHORT_ESCAPES: ReadonlySet<number> = new Set(toBytes('"\\bfnrt'));
/** Control characters that have no short escape. */
const CONTROL_ESCAPE = /^00(0[0-7bef]|1[0-9a-f])$/;
const INT_DIGITS_MAX = 10;
const NUMBER_DIGITS_MAX = 15;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const LETTER_F = 0x66;
const LETTER_N = 0x6e;
const LETTER_T = 0x74;
const LETTER_U = 0x75;
const OPEN = 0x7b;
const CLOSE = 0x7d;
