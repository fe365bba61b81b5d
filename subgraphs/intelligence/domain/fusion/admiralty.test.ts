import { expect, test } from "@jest/globals";
import { type Credibility, type Reliability, weighCredibility, weighReliability } from "./admiralty.ts";

test.each<[Reliability, number]>([
  ["A", 1],
  ["B", 0.75],
  ["C", 0.5],
  ["D", 0.25],
  ["E", 0],
  ["F", 0.5],
])("reliability %s weighs %d", (grade, weight) => {
  expect(weighReliability(grade)).toBe(weight);
});

test.each<[Credibility, number]>([
  [1, 0.9],
  [2, 0.7],
  [3, 0.5],
  [4, 0.3],
  [5, 0.1],
  [6, 0.5],
])("credibility %d weighs %d", (grade, weight) => {
  expect(weighCredibility(grade)).toBe(weight);
});
