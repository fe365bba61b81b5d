/** The scanner lets through exactly what JSON.stringify prints of values that fit, and nothing else. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { hasControlCharacter } from "./plainText.ts";
import { type Scan, scanValue } from "./scanValue.ts";
import {
  ANY,
  BOOLEAN,
  createValueShape,
  ENUM,
  FLOAT,
  INT,
  LIST,
  OBJECT,
  type ObjectShape,
  STRING,
  type ValueShape,
} from "./shape.ts";
import { takeTape } from "./tape.ts";

const leaf = (kind: ValueShape["kind"], more: Partial<ValueShape> = {}) => createValueShape(kind, more);
const listOf = (item: ValueShape) => createValueShape(LIST, { item });

/** Fields a: String, __proto__: Int, list: [[Float]]. */
const fields: ObjectShape = {
  typeName: "T",
  attachments: [],
  size: 10,
  fields: [
    { key: "a", textKey: "a", keyBytes: Buffer.from('{"a":'), value: leaf(STRING), offset: 6 },
    {
      key: "__proto__",
      textKey: "__proto__",
      keyBytes: Buffer.from(',"__proto__":'),
      value: leaf(INT),
      offset: 7,
    },
    {
      key: "list",
      textKey: "list",
      keyBytes: Buffer.from(',"list":'),
      value: listOf(listOf(leaf(FLOAT))),
      offset: 8,
    },
  ],
};
const object = createValueShape(OBJECT, {
  place: { owner: undefined, variants: [fields], isAbstract: false, chain: 0 },
});

/** Whether the whole text is accepted, as an answer's is. */
function accepts(shape: ValueShape, json: string): boolean {
  const bytes = Buffer.from(json);
  if (hasControlCharacter(bytes, bytes.length)) return false;
  const text = bytes.toString("latin1");
  const scan: Scan = { bytes, text, tape: takeTape(0), answer: 0, ref: 0, nextEscape: text.indexOf("\\") };
  return scanValue(scan, shape, 0) === bytes.length;
}

const strings = fc.string({ unit: "binary" });

describe("scanValue", () => {
  test("accepts a text only if it is what JSON.stringify prints of what JSON.parse reads in it", () => {
    const json = fc.oneof(
      fc.jsonValue().map((value) => JSON.stringify(value)),
      strings.map((value) => JSON.stringify(value)),
      fc.stringMatching(/^-?[0-9]{1,3}(\.[0-9]{1,8})?(e[0-9])?$/),
      fc.stringMatching(/^"[a-c\\/"nu0-9 ]{0,9}"$/),
      strings,
    );
    const shapes = ([STRING, INT, FLOAT, BOOLEAN, ANY] as const).map((kind) => leaf(kind));
    fc.assert(
      fc.property(json, fc.constantFrom(...shapes, ...shapes.map(listOf)), (text, shape) => {
        if (accepts(shape, text)) expect(JSON.stringify(JSON.parse(text))).toBe(text);
      }),
      { numRuns: 5_000 },
    );
  });

  test("accepts every string in the form of JSON.stringify, however long", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (value) => {
        expect(accepts(leaf(STRING), JSON.stringify(value))).toBe(true);
      }),
    );
  });

  test("accepts every 32-bit integer, and as a Float what has few digits", () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        expect(accepts(leaf(INT), JSON.stringify(value))).toBe(true);
        expect(accepts(leaf(FLOAT), JSON.stringify(value))).toBe(true);
        expect(accepts(leaf(FLOAT), JSON.stringify(value / 8))).toBe(true);
      }),
    );
    for (const text of ["2147483648", "-2147483649", "01", "-0", "+1", "1.0", "1e3", "--1", "-", "1.", ".5"])
      expect([text, accepts(leaf(INT), text)]).toEqual([text, false]);
  });

  test("accepts objects with exactly the keys asked for, in the order asked, and no others", () => {
    const value = { a: "x", ["__proto__"]: 1, list: [[1.5, null], null, []] };
    expect(accepts(object, JSON.stringify(value))).toBe(true);
    expect(accepts(object, "null")).toBe(true);
    for (const text of [
      '{"__proto__":1,"a":"x","list":[]}',
      '{"a":"x","__proto__":1}',
      '{"a":"x","__proto__":1,"list":[],"more":1}',
      '{"a":"x","a":"y","__proto__":1,"list":[]}',
      '{ "a":"x","__proto__":1,"list":[]}',
      '{"\\u0061":"x","__proto__":1,"list":[]}',
      '{"a":1,"__proto__":1,"list":[]}',
      '{"a":"x","__proto__":1,"list":[1]}',
      '{"a":"x","__proto__":1,"list":[[1],]}',
      '{"a":"x\ny","__proto__":1,"list":[]}',
      '{"a":"x","__proto__":1,"list":{}}',
      "[]",
      "",
    ])
      expect([text, accepts(object, text)]).toEqual([text, false]);
  });

  test("refuses every text that is cut short", () => {
    const whole = JSON.stringify({ a: 'é"\\\u0001', ["__proto__"]: -7, list: [[1.25]] });
    expect(accepts(object, whole)).toBe(true);
    for (let end = 0; end < whole.length; end += 1) expect(accepts(object, whole.slice(0, end))).toBe(false);
  });

  test("refuses nulls where there may be none, and enum values that clients do not know", () => {
    expect(accepts(leaf(STRING, { isNullable: false }), "null")).toBe(false);
    const kind = leaf(ENUM, { names: new Set(["A"]) });
    expect(accepts(kind, '"A"')).toBe(true);
    expect(accepts(kind, '"B"')).toBe(false);
  });

  test("does not recurse into scalars, however deep they are", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(accepts(leaf(ANY), nested(100))).toBe(true);
    expect(accepts(leaf(ANY), nested(100).slice(1))).toBe(false);
    // Whether JSON.parse manages this one is its affair.
    expect(() => accepts(leaf(ANY), nested(1_000_000))).not.toThrow();
  });
});

describe("hasControlCharacter", () => {
  test("finds one wherever it stands, and nothing else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat({ max: 3 }), (bytes, from) => {
        const part = bytes.subarray(Math.min(from, bytes.length));
        expect(hasControlCharacter(part, part.length)).toBe(part.some((byte) => byte < 0x20));
      }),
    );
  });
});
