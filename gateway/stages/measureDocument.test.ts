import { describe, expect, test } from "@jest/globals";
import { parse } from "graphql";
import { countOverlaps, measureDocument, measureText } from "./measureDocument.ts";

/** Generous, because the machine may be busy; what these tests rule out takes minutes or for ever. */
const soonMs = 2_000;

describe("measureText", () => {
  test("counts tokens and the deepest nesting, and not what is in strings and comments", () => {
    expect(measureText("{ a(x: [[1]]) { b } } # {{{", 100, 100)).toEqual({ tokens: 15, nesting: 3 });
    expect(measureText('{ a(x: "{{{{") b(y: """[[[""") }', 100, 100).nesting).toBe(1);
  });

  test("stops at the limit, however much is left", () => {
    const endless = "{ a ".repeat(1_000_000);
    const startedAt = performance.now();
    expect(measureText(endless, 1_000, 50).nesting).toBe(51);
    expect(measureText("a ".repeat(1_000_000), 1_000, 50).tokens).toBe(1_001);
    expect(performance.now() - startedAt).toBeLessThan(soonMs);
  });
});

describe("measureDocument", () => {
  const measure = (text: string) => measureDocument(parse(text));

  test("counts through fragments, each spread for itself", () => {
    const size = measure(`
      query A { x: a { ...F } y: a { ...F } }
      fragment F on T { z: b @include(if: true) { c { d } } }
    `);
    expect(size).toEqual({ depth: 4, aliases: 4, rootFields: 2, directives: 2, fields: 8 });
  });

  test("takes the largest of several operations", () => {
    expect(measure("query A { a { b { c } } } query B { x: a y: a z: a }")).toMatchObject({
      depth: 3,
      aliases: 3,
    });
  });

  test("counts root fields inside fragments", () => {
    expect(
      measure("{ ...F ... { b c } } fragment F on Query { a ...G } fragment G on Query { d }").rootFields,
    ).toBe(4);
  });

  test("counts what doubles without doubling the work", () => {
    const doubling = Array.from(
      { length: 60 },
      (_, at) => `fragment F${at} on T { ...F${at + 1} ...F${at + 1} }`,
    );
    const startedAt = performance.now();
    const size = measure(`{ ...F0 } ${doubling.join(" ")} fragment F60 on T { x: a }`);
    expect(size.aliases).toBe(2 ** 60);
    expect(performance.now() - startedAt).toBeLessThan(soonMs);
  });

  test("ends at a fragment that spreads itself or is not there, which validation will name", () => {
    expect(measure("{ ...F ...Missing } fragment F on T { a ...F }").depth).toBe(1);
  });
});

describe("countOverlaps", () => {
  const count = (text: string) => countOverlaps(parse(text), measureDocument(parse(text)).depth, 20_000);

  test("counts the pairs at each place of the answer, through fragments and merged fields", () => {
    expect(count("{ a b c }")).toBe(0);
    expect(count("{ a a: b a }")).toBe(3);
    // Two of x, and below them the y of both.
    expect(count("{ x { y } ...F ... { z } } fragment F on T { x { y } }")).toBe(2);
    expect(count("{ x { ...F ...F ...G } } fragment F on T { y } fragment G on T { ...F y }")).toBe(1);
  });

  test("ends at fragments that lead back to themselves", () => {
    expect(count("{ ...F } fragment F on T { a { ...F } b { ...F } }")).toBe(0);
  });

  test("goes round a fragment under many fields of itself no more often than documents have fields", () => {
    const nest = (depth: number): string => (depth === 0 ? "x" : `d { ${nest(depth - 1)} }`);
    const again = ["a", "b", "c", "d", "e", "f"].map((name) => `${name} { ...F }`).join(" ");
    expect(count(`{ ${nest(30)} ...F } fragment F on T { ${again} }`)).toBe(Number.POSITIVE_INFINITY);
  });

  test("counts thousands in one place at once", () => {
    const startedAt = performance.now();
    expect(count(`{ ${"a { b } ".repeat(4_000)} }`)).toBe(4_000 * 3_999);
    expect(performance.now() - startedAt).toBeLessThan(soonMs);
  });
});
