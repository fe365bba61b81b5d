import { expect, test } from "@jest/globals";
import { explainField, kindOf, noteOf } from "./describeMark.ts";
import { toMarks } from "./toMarks.ts";

const field = (coordinate: string, places: string[], allowed = true) => ({
  coordinate,
  places,
  allowed,
  reason: allowed ? "ALLOWED" : "POLICY_NOT_SATISFIED",
  rule: allowed ? "" : "access.labels",
  demands: allowed ? [] : ['@policy(policies: [["compliance"]])'],
});
const rows = (type: string, places: string[], lists: "ALL" | "SOME" | "NONE") => ({
  type,
  places,
  lists,
  rules: ["access.clearance"],
  reason: "FILTERED",
  rule: lists === "ALL" ? "" : "access.clearance",
  condition: null,
});

const text = `query A {
  mine: signals { edges { ...Edge } }
}
fragment Edge on SignalEdge { node { ... on Signal { title } } }`;

test("finds fields by where they stand in an answer: through aliases, lists and fragments", () => {
  const marks = toMarks(text, {
    fields: [field("Query.signals", ["mine"]), field("Signal.title", ["mine.edges.@.node.title"], false)],
    types: [rows("Signal", ["mine.edges.@.node"], "SOME")],
  });
  expect(marks.map(({ place, line, column, endColumn }) => [place, line, column, endColumn])).toEqual([
    ["mine", 2, 3, 16],
    ["mine.edges.node", 4, 31, 35],
    ["mine.edges.node.title", 4, 54, 59],
  ]);
  expect(marks.map(kindOf)).toEqual(["allowed", "filtered", "denied"]);
  expect(marks.map(noteOf)).toEqual([undefined, "◐ access.clearance", "✕ access.labels"]);
});

test("marks a field once, though its fragment is spread twice, and ends where fragments spread each other", () => {
  const twice = "{ a: x { ...F } b: x { ...F } } fragment F on X { y ...F }";
  const marks = toMarks(twice, { fields: [field("X.y", ["a.y", "b.y"], false)], types: [] });
  expect(marks.map(({ place }) => place)).toEqual(["a.y"]);
});

test("says of a field what the schema asks for, and the rule that denies it", () => {
  expect(explainField(field("Query.x", ["x"], false))).toBe(
    'Denied by access.labels (POLICY_NOT_SATISFIED); the schema asks for @policy(policies: [["compliance"]]).',
  );
  expect(explainField(field("Query.x", ["x"]))).toBe("Allowed; the schema asks for nothing here.");
});
