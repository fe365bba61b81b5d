/** What every subgraph promises of its endpoint: the contract it serves, whom it refuses, how it fails and recovers. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type DocumentNode, parse, print, visit } from "graphql";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { checkout } from "../../../infra/local/paths.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { signContext } from "../../support/signContext.ts";
import { startDatabase, type TestDatabase } from "../../support/startDatabase.ts";
import { type RunningSubgraph, startSubgraph } from "../../support/startSubgraph.ts";
import { resolveEntities } from "./resolveEntities.ts";
import { samples } from "./samples.ts";
import { type DatabaseProxy, startProxy } from "./startProxy.ts";

const federations = /^(SchemaDefinition|DirectiveDefinition) | (federation__|link__|_(Any|Service|Entity)$)/;

describe.each(samples)("$subgraph", (sample) => {
  let database: TestDatabase;
  let proxy: DatabaseProxy;
  let subgraph: RunningSubgraph;

  beforeAll(async () => {
    database = await startDatabase({ from: "migrated" });
    proxy = await startProxy(database.port);
    subgraph = await startSubgraph(sample.subgraph, { ...database, port: proxy.port });
  }, 60_000);
  afterAll(async () => {
    await subgraph?.[Symbol.asyncDispose]();
    await proxy?.[Symbol.asyncDispose]();
    await database?.[Symbol.asyncDispose]();
  });

  test("serves the contract of schema.graphql", async () => {
    const file = join(checkout, "subgraphs", sample.subgraph, "schema.graphql");
    const { data } = await subgraph.query<{ _service: { sdl: string } }>("{ _service { sdl } }");
    const served = definitionsOf(parse(data?._service.sdl ?? ""));
    const contract = definitionsOf(parse(readFileSync(file, "utf8")));
    expect(served).toMatchObject(contract);
    // @apollo/subgraph spells out what `@link` imports and what Federation itself needs, and nothing else.
    const added = Object.keys(served).filter((name) => !(name in contract));
    expect(added.filter((name) => !federations.test(name))).toEqual([]);
  });

  describe("refuses with 401 CONTEXT_REFUSED a request", () => {
    const own = sample.subgraph;
    const other = own === "ml" ? "mobile" : "ml";
    const anHourAgo = Math.floor(Date.now() / 1_000) - 3_600;
    const secret = () => subgraph.contextSecret;

    test.each([
      ["without a context", "missing", async () => undefined],
      ["with an empty one", "missing", async () => ""],
      ["with a text that is no token", "malformed", async () => "x.y.z"],
      ["with a forged one", "forged", () => signContext({ secret: randomBytes(32), audience: own })],
      [
        "with an expired one",
        "expired",
        () => signContext({ secret: secret(), audience: own, issuedAt: anHourAgo }),
      ],
      [
        "with one made for another subgraph",
        "wrong-audience",
        () => signContext({ secret: secret(), audience: other }),
      ],
    ])("%s", async (_what, reason, sign) => {
      const context = await sign();
      const headers = context === undefined ? {} : { "atlas-context": context };
      const answer = await postGraphql(subgraph.url, { query: "{ __typename }" }, headers);
      expect(answer.status).toBe(401);
      expect(answer.data).toBeUndefined();
      expect(answer.errors).toEqual([
        { message: expect.stringMatching(`^${reason}: `), extensions: { code: "CONTEXT_REFUSED" } },
      ]);
    });

    test("over WebSocket, with the same code", async () => {
      const client = createClient({
        url: subgraph.url.replace("http", "ws"),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
      });
      const refused = new Promise((resolve) => {
        client.subscribe(
          { query: "subscription { __typename }" },
          { next: resolve, error: resolve, complete: () => undefined },
        );
      });
      expect(await refused).toEqual([
        { message: expect.stringMatching("^missing: "), extensions: { code: "CONTEXT_REFUSED" } },
      ]);
      await client.dispose();
    });
  });

  test("lets nobody write who belongs to no tenant", async () => {
    const claims = { tenant: "public" };
    const { status, errors } = await subgraph.query("mutation { __typename }", {}, claims);
    expect({ status, code: errors?.[0]?.extensions?.code }).toEqual({ status: 403, code: "FORBIDDEN" });
    expect((await subgraph.query("{ __typename }", {}, claims)).errors).toBeUndefined();
  });

  describe("answers a caller's mistake with its code and goes on", () => {
    const { bounded } = sample;

    test.each([
      ["a syntax error", "{", {}, 400, "GRAPHQL_PARSE_FAILED"],
      ["a field that is not there", "{ nothing }", {}, 400, "GRAPHQL_VALIDATION_FAILED"],
      [
        "an argument of the wrong type",
        `{ ${bounded}(first: "many") { id } }`,
        {},
        400,
        "GRAPHQL_VALIDATION_FAILED",
      ],
      [
        "a variable of the wrong type",
        `query ($n: Int) { ${bounded}(first: $n) { id } }`,
        { n: "many" },
        200,
        "BAD_USER_INPUT",
      ],
      [
        "a variable that is missing",
        `query ($n: Int!) { ${bounded}(first: $n) { id } }`,
        {},
        200,
        "BAD_USER_INPUT",
      ],
      ["a size out of range", `{ ${bounded}(first: 0) { id } }`, {}, 200, "BAD_USER_INPUT"],
      ["a size far out of range", `{ ${bounded}(first: 2000000000) { id } }`, {}, 200, "BAD_USER_INPUT"],
    ])("%s", async (_what, query, variables, status, code) => {
      const answer = await subgraph.query(query, variables);
      expect(answer.errors?.map(({ extensions }) => extensions?.code)).toEqual([code]);
      expect(answer.status).toBe(status);
      expect((await subgraph.query("{ __typename }")).data).toEqual({ __typename: "Query" });
    });

    test("a body that is no JSON", async () => {
      const context = await signContext({ secret: subgraph.contextSecret, audience: sample.subgraph });
      const headers = { "content-type": "application/json", "atlas-context": context };
      const { status } = await fetch(subgraph.url, { method: "POST", headers, body: "{" });
      expect(status).toBe(400);
    });
  });

  test("tells live and ready apart when the database is gone, and recovers by itself when it is back", async () => {
    const [entity] = sample.entities;
    if (!entity) throw new Error(`${sample.subgraph} has no entity to ask for`);
    const ask = () => resolveEntities(subgraph, entity, [entity.keys[0]?.(1) ?? {}]);
    const health = async (what: "live" | "ready") =>
      (await fetch(new URL(`/health/${what}`, subgraph.url))).status;
    expect([await health("live"), await health("ready")]).toEqual([200, 200]);
    expect((await ask()).errors).toBeUndefined();

    await proxy.cut();
    const { data, errors = [] } = await ask();
    expect(data?._entities ?? [null]).toEqual([null]);
    expect(errors.map(({ message, extensions }) => [message, extensions?.code])).toEqual([
      ["the database does not answer; try again in a moment", "DATABASE_UNAVAILABLE"],
    ]);
    expect([await health("live"), await health("ready")]).toEqual([200, 503]);

    await proxy.mend();
    expect((await ask()).errors).toBeUndefined();
    expect([await health("live"), await health("ready")]).toEqual([200, 200]);
  });
});

/** What a document defines, by name and in one form: the order of definitions and the quotes of texts mean nothing. */
function definitionsOf(document: DocumentNode): Record<string, string> {
  const plain = visit(document, {
    StringValue: (node) => ({ ...node, block: false }),
    // Query._entities and Query._service are Federation's own.
    FieldDefinition: ({ name }) => (name.value.startsWith("_") ? null : undefined),
  });
  return Object.fromEntries(
    plain.definitions.map((definition) => {
      const name = "name" in definition && definition.name ? definition.name.value : "";
      return [`${definition.kind} ${name}`, print(definition)];
    }),
  );
}
