/** The plan in an answer's extensions: for callers with the scope for it, and for nobody else. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createDisposer } from "../../support/createDisposer.ts";
import { startBookshop } from "../../support/startBookshop.ts";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";
import { startTestIssuer, type TestIssuer } from "../../support/startTestIssuer.ts";

const disposer = createDisposer();
let issuer: TestIssuer;
let gateway: TestGateway;

beforeAll(async () => {
  const shop = disposer.use(await startBookshop());
  issuer = disposer.use(await startTestIssuer());
  gateway = disposer.use(
    await startGateway(shop.sdl, {
      ATLAS_ISSUER: issuer.identity.issuer,
      ATLAS_AUDIENCE: issuer.identity.audience,
      ATLAS_JWKS_URL: issuer.identity.jwksUrl,
    }),
  );
});
afterAll(async () => disposer[Symbol.asyncDispose]());

async function ask(scope: string | undefined, explain?: string): Promise<Record<string, unknown>> {
  const token = scope === undefined ? {} : { authorization: `Bearer ${await issuer.tokenFor({ scope })}` };
  const response = await fetch(gateway.graphql, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...token,
      ...(explain ? { "atlas-explain": explain } : {}),
    },
    body: JSON.stringify({ query: "{ book(isbn: 1) { title stars } }" }),
  });
  // A GraphQL answer is an object.
  return (await response.json()) as Record<string, unknown>;
}

const data = { book: { title: "Dune", stars: 5 } };

test("a caller who may see plans gets the plan it asks for, and the same data", async () => {
  const answer = await ask("signals:read operations:read", "plan, cost");
  expect(answer).toMatchObject({
    data,
    extensions: {
      cost: { estimated: expect.any(Number), allowed: null },
      plan: {
        kind: "operation",
        node: {
          kind: "sequence",
          nodes: [
            { kind: "fetch", subgraph: "books" },
            { kind: "flatten", node: { subgraph: "reviews" } },
          ],
        },
      },
    },
  });
});

test("who does not ask gets none", async () => {
  expect(await ask("operations:read")).toEqual({ data });
});

test.each([
  ["anonymous", undefined],
  ["without the scope", "signals:read"],
  ["with a scope that only looks like it", "operations:readonly operations"],
])("a caller who is %s never sees it", async (_who, scope) => {
  expect(await ask(scope, "plan, cost")).toEqual({ data });
});
