import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { hashParameters, toCanonicalJson } from "./hashParameters.ts";

describe("hashParameters", () => {
  test("is SHA-256 of the canonical JSON, in hexadecimal", () => {
    const canonical = '{"bias":-1.5,"weights":[1,0.25]}';
    expect(hashParameters({ weights: [1, 0.25], bias: -1.5 })).toBe(
      createHash("sha256").update(canonical).digest("hex"),
    );
  });

  test("does not depend on the order of keys, but does on the order of lists", () => {
    expect(hashParameters({ a: 1, b: { c: 2, d: 3 } })).toBe(hashParameters({ b: { d: 3, c: 2 }, a: 1 }));
    expect(hashParameters([1, 2])).not.toBe(hashParameters([2, 1]));
  });

  // The example of RFC 8785 §3.2.3, without its control characters.
  test("orders keys by UTF-16 code units", () => {
    const example = {
      "\u20ac": "Euro Sign",
      "1": "One",
      "\u00f6": "o",
      "\ud83d\ude00": "Smiley",
      "\ufb33": "Dalet",
    };
    expect(Object.keys(JSON.parse(toCanonicalJson(example)))).toEqual([
      "1",
      "\u00f6",
      "\u20ac",
      "\ud83d\ude00",
      "\ufb33",
    ]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, 1n])(
    "refuses %p, which JSON cannot write",
    (value) => {
      expect(() => hashParameters({ value })).toThrow("expected a value that JSON can write");
    },
  );
});
