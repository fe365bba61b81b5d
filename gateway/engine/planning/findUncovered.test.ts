import { describe, expect, test } from "@jest/globals";
import { parse } from "graphql";
import { createShop } from "../testing/shop/createShop.ts";
import { createApolloPlanner } from "./apolloPlanner.ts";
import { createFindUncovered } from "./findUncovered.ts";
import type { FetchNode, PlanNode, QueryPlan } from "./queryPlan.ts";
import { createSubgraphTypes } from "./subgraphTypes.ts";

const { supergraph, parsed } = createShop();
const findUncovered = createFindUncovered(supergraph.apiSchema, createSubgraphTypes(parsed));

const document = parse(
  "{ products { name inStock reviews { body } } search { ... on Book { title rating } } grid { inStock } }",
);

/** Apollo's plan of it, with each fetch changed, or left out when `change` returns nothing. */
async function planWith(change: (fetch: FetchNode) => FetchNode | undefined): Promise<QueryPlan> {
  const walk = (node: PlanNode): PlanNode => {
    if (node.kind === "fetch") return change(node) ?? { kind: "parallel", nodes: [] };
    if (node.kind === "flatten") return { ...node, node: walk(node.node) };
    return node.kind === "condition" ? node : { ...node, nodes: node.nodes.map(walk) };
  };
  const plan = await createApolloPlanner(parsed).plan(document);
  return plan.kind === "operation" && plan.node ? { ...plan, node: walk(plan.node) } : plan;
}

describe("findUncovered", () => {
  test("finds nothing in a whole plan", async () => {
    expect(findUncovered(document, await planWith((fetch) => fetch))).toBeUndefined();
  });

  test("finds the field of a fetch that is not there, below lists of lists and in fragments too", async () => {
    const without = (subgraph: string) =>
      planWith((fetch) => (fetch.subgraph === subgraph ? undefined : fetch));
    expect(findUncovered(document, await without("catalog"))).toBe("products");
    expect(findUncovered(document, await without("stock"))).toBe("products.inStock");
    expect(findUncovered(document, await without("reviews"))).toBe("products.reviews");
  });

  test("finds what a fetch brings for no object, because its inputs are not there", async () => {
    const plan = await planWith((fetch) => ({
      ...fetch,
      operation: fetch.operation.replaceAll(/\bsku\b/g, "other: sku"),
    }));
    expect(findUncovered(document, plan)).toBe("products.reviews");
  });

  test("finds a field that has other arguments, or is another field", async () => {
    const asked = parse("{ products { name(upper: true) } }");
    const plan = (operation: string): QueryPlan => ({
      kind: "operation",
      node: {
        kind: "fetch",
        subgraph: "catalog",
        operationKind: "query",
        operation,
        operationName: undefined,
        variables: [],
        requires: undefined,
        delivers: ["products"],
        inputRewrites: [],
        outputRewrites: [],
      },
    });
    expect(findUncovered(asked, plan("{ products { name(upper: true) } }"))).toBeUndefined();
    expect(findUncovered(asked, plan("{ products { name } }"))).toBe("products.name");
    expect(findUncovered(asked, plan("{ products { name: sku } }"))).toBe("products.name");
    expect(findUncovered(parse("{ media { __typename } }"), plan("{ media { id } }"))).toBe(
      "media.__typename",
    );
  });
});
