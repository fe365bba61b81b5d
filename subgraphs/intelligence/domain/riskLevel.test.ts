import { expect, test } from "@jest/globals";
import { riskLevel } from "./riskLevel.ts";

test.each([
  [0, "MINIMAL"],
  [0.1999, "MINIMAL"],
  [0.2, "LOW"],
  [0.4, "MODERATE"],
  [0.6, "HIGH"],
  [0.7999, "HIGH"],
  [0.8, "SEVERE"],
  [1, "SEVERE"],
])("a score of %d is %s", (score, level) => {
  expect(riskLevel(score)).toBe(level);
});
