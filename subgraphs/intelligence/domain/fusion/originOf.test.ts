import { describe, expect, test } from "@jest/globals";
import { originOf } from "./originOf.ts";

const article = {
  url: "https://www.example.com/world/story/?id=7&utm_source=feed#top",
  sourceCode: "gdelt-events",
  sourceId: "1",
  observedAt: new Date("2026-03-03T10:00:00Z"),
};

describe("originOf", () => {
  test.each([
    ["another source", { sourceCode: "rss", sourceId: "x" }],
    ["http, no www, no campaign, no fragment", { url: "http://example.com/world/story?id=7" }],
    ["another hour", { observedAt: new Date("2026-03-03T23:00:00Z") }],
  ])("is the same for %s", (_title, change) => {
    expect(originOf({ ...article, ...change })).toBe(originOf(article));
  });

  test.each([
    ["another story", { url: "https://www.example.com/world/story?id=8" }],
    [
      "another day, as the values of a series on one page have",
      { observedAt: new Date("2026-03-04T00:00:00Z") },
    ],
    ["no page", { url: null }],
    ["a page that is no address", { url: "see print edition" }],
  ])("is another for %s", (_title, change) => {
    expect(originOf({ ...article, ...change })).not.toBe(originOf(article));
  });

  test("without a page, each record of a source is its own", () => {
    expect(originOf({ ...article, url: null })).not.toBe(originOf({ ...article, url: null, sourceId: "2" }));
  });
});
