/**
 * A small graph with short operations that no planner of today plans in time: four implementers, fields of each in
 * three subgraphs. Apollo's planner weighs every combination of the ways to each implementer: 2 s for one level of
 * `next`, minutes for two.
 */
import { composeForTest, type TestGraph } from "./composeForTest.ts";

export type SlowGraph = TestGraph & {
  readonly slowOperation: (name: string) => string;
  readonly quickOperation: string;
};

export function createSlowGraph(): SlowGraph {
  const implementers = (fields: string) =>
    ["A", "B", "C", "D"]
      .map((name) => `type ${name} implements Node @key(fields: "id") { ${fields} }`)
      .join("\n");
  const graph = composeForTest({
    roots: {
      sdl: `type Query { root: Node } interface Node { id: ID! next: Node }
        ${implementers("id: ID! next: Node @shareable")}`,
      resolvers: { Query: { root: () => ({ __typename: "A", id: "1" }) } },
    },
    extras: {
      sdl: `interface Node { id: ID! next: Node extra: Int }
        ${implementers("id: ID! next: Node @shareable extra: Int")}`,
    },
    more: { sdl: `interface Node { id: ID! more: Int } ${implementers("id: ID! more: Int")}` },
  });
  const fields = "id extra more";
  return {
    ...graph,
    slowOperation: (name) => `query ${name} { root { ${fields} next { ${fields} next { ${fields} } } } }`,
    quickOperation: "query Quick { root { id } }",
  };
}
