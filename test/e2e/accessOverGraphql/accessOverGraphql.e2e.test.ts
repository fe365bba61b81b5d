/**
 * Access decisions as clients meet them: real tokens of the local issuer, the built bundle, real subgraphs that see only
 * what was allowed.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { deriveContextKey } from "../../../gateway/stages/signContext.ts";
import { signIn } from "../../../infra/local/issuer/signIn.ts";
import { startIssuer } from "../../../infra/local/issuer/startIssuer.ts";
import { createContextVerifier } from "../../../subgraphs/shared/verifyContext.ts";
import { createDisposer } from "../../support/createDisposer.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { signPolicies } from "../../support/signPolicies.ts";
import { type Bookshop, startBookshop } from "../../support/startBookshop.ts";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";

const rules = `
  extend type Query { vault: Vault ledger: Vault! me: Book @authenticated }
  extend type Mutation {
    burn: Boolean @policy(policies: [["administration"]])
    note: Boolean @requiresScopes(scopes: [["assessments:write"]])
  }
  extend type Subscription { burned: Book @policy(policies: [["administration"]]) }
  extend type Book { cost: Int! @policy(policies: [["administration"]]) margin: Int @policy(policies: [["clearance:amber"]]) }
  type Vault @policy(policies: [["administration"]]) { code: String }
`;
const contextSecret = new Uint8Array(randomBytes(32));
const unauthorized = (path: (string | number)[], coordinate: string, reason: string) => ({
  message: "Unauthorized field or type",
  path,
  extensions: expect.objectContaining({ code: "UNAUTHORIZED_FIELD_OR_TYPE", coordinate, reason }),
});

describe("access over GraphQL", () => {
  const disposer = createDisposer();
  let shop: Bookshop;
  let gateway: TestGateway;
  let tokens: Readonly<Record<string, string>>;

  beforeAll(async () => {
    const stateFolder = await mkdtemp(join(tmpdir(), "atlas-issuer-"));
    const issuer = await startIssuer({ host: "127.0.0.1", port: 0, stateFolder });
    disposer.use({
      [Symbol.asyncDispose]: async () => {
        await issuer.close();
        await rm(stateFolder, { recursive: true });
      },
    });
    shop = disposer.use(await startBookshop({ extraSdl: rules }));
    gateway = disposer.use(
      await startGateway(shop.sdl, {
        ATLAS_ISSUER: issuer.url,
        ATLAS_AUDIENCE: "atlas",
        ATLAS_JWKS_URL: `${issuer.url}/jwks`,
        ...disposer.use(await signPolicies()).environment,
        ATLAS_CONTEXT_SECRET: Buffer.from(contextSecret).toString("base64url"),
      }),
    );
    const users = ["analyst", "admin", "phone"];
    const signedIn = users.map(async (user) => [
      user,
      (await signIn({ issuer: issuer.url, user })).access_token,
    ]);
    tokens = Object.fromEntries(await Promise.all(signedIn));
  });
  afterAll(async () => disposer[Symbol.asyncDispose]());
  beforeEach(() => {
    shop.seen.headers.length = 0;
  });

  const ask = (user: string, query: string) =>
    postGraphql(
      gateway.graphql,
      { query },
      user === "anonymous" ? {} : { authorization: `Bearer ${tokens[user]}` },
    );

  test("shows what is allowed and null, with a reason, for what is not", async () => {
    const { data, errors } = await ask(
      "analyst",
      "{ books { title pages: margin } book(isbn: 1) { name: title worth: cost } }",
    );
    expect(data).toEqual({
      books: [
        { title: "Dune", pages: null },
        { title: "Emma", pages: null },
      ],
      book: null,
    });
    expect(errors).toEqual([unauthorized(["book", "worth"], "Book.cost", "POLICY_NOT_SATISFIED")]);
  });

  test("stands an @ for the elements of a list that was not fetched", async () => {
    const { data, errors } = await ask("phone", "{ books { margin } book(isbn: 1) { title } }");
    expect(data).toBeNull();
    expect(errors).toEqual([unauthorized(["books", "@", "margin"], "Book.margin", "POLICY_NOT_SATISFIED")]);
  });

  test("moves the null of a denied field that may not be null up to where one may be", async () => {
    const { data } = await ask(
      "analyst",
      "{ first: book(isbn: 1) { title cost } second: book(isbn: 2) { title } }",
    );
    expect(data).toEqual({ first: null, second: { title: "Emma" } });
    expect((await ask("analyst", "{ second: book(isbn: 2) { title } ledger { code } }")).data).toBeNull();
  });

  test("decides by the caller: the same text, three answers", async () => {
    const query = "{ books { title margin } }";
    expect((await ask("admin", query)).errors).toBeUndefined();
    expect((await ask("phone", query)).errors).toEqual([
      unauthorized(["books", 0, "margin"], "Book.margin", "POLICY_NOT_SATISFIED"),
      unauthorized(["books", 1, "margin"], "Book.margin", "POLICY_NOT_SATISFIED"),
    ]);
    expect((await ask("anonymous", query)).data).toBeNull();
    expect((await ask("admin", query)).errors).toBeUndefined();
  });

  test("sends a subgraph nothing when nothing is left for it", async () => {
    for (const query of ["{ books { cost } }", "{ vault { code } }", "mutation { burn }"])
      await ask("analyst", query);
    await ask("anonymous", "{ books { title stars } }");
    expect(shop.seen.headers).toEqual([]);
  });

  test("runs of a mutation what is allowed and nothing else", async () => {
    const { data, errors } = await ask(
      "analyst",
      `mutation { burn note rename(isbn: 1, title: "Dune") { title } }`,
    );
    expect(data).toEqual({ burn: null, note: null, rename: { title: "Dune" } });
    expect(errors).toEqual([unauthorized(["burn"], "Mutation.burn", "POLICY_NOT_SATISFIED")]);
  });

  test("cannot be gone round through an interface, an alias or a fragment", async () => {
    const { errors } = await ask(
      "analyst",
      `{ item(id: "b1") { id ... on Book { isbn: cost ...Hidden } } } fragment Hidden on Book { b: cost c: isbn }`,
    );
    expect(errors?.map(({ path }) => path?.join("/"))).toEqual(["item/isbn", "item/b"]);
  });

  test.each([
    [
      "a null that decides a condition",
      "($a: Boolean = true) { books { title margin @include(if: $a) cost } }",
    ],
    ["a null that decides what is denied", "($a: Boolean = true) { books { title cost @skip(if: $a) } }"],
    ["a null where nothing is left", "($a: Boolean = true) { vault @skip(if: $a) { code } }"],
    [
      "one that only a denied field uses and that is missing",
      "($a: Boolean!) { books { title cost @skip(if: $a) } }",
    ],
  ])("refuses wrong variables whatever is denied: %s", async (_title, operation) => {
    const variables = operation.includes("Boolean!") ? {} : { a: null };
    const authorization = `Bearer ${tokens.analyst}`;
    const query = `query ${operation}`;
    const { status, data, errors } = await postGraphql(
      gateway.graphql,
      { query, variables },
      { authorization },
    );
    expect([status, data, errors?.map(({ extensions }) => extensions?.code)]).toEqual([
      400,
      undefined,
      ["BAD_USER_INPUT"],
    ]);
    expect(shop.seen.headers).toEqual([]);
  });

  test("refuses a subscription whose root is denied", async () => {
    const client = createClient({
      url: gateway.socket,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${tokens.analyst}` },
    });
    const events = client.iterate({ query: "subscription { burned { title } }" });
    expect((await events.next()).value).toMatchObject({
      data: null,
      errors: [{ extensions: { code: "UNAUTHORIZED_FIELD_OR_TYPE" } }],
    });
    expect(shop.subscribers()).toBe(0);
    await client.dispose();
  });

  test("tells the subgraph who asks, in a context that is good for it alone", async () => {
    await ask("analyst", "{ books { stars } }");
    const signed = shop.seen.headers.map((headers) => String(headers["atlas-context"]));
    const verify = (subgraph: string) =>
      createContextVerifier(deriveContextKey(contextSecret, subgraph), subgraph);
    expect(await verify("books")(signed[0])).toMatchObject({
      subject: "analyst",
      tenant: "acme",
      jurisdiction: "us",
    });
    expect(await verify("reviews")(signed[1])).toMatchObject({ subject: "analyst" });
    await expect(verify("reviews")(signed[0])).rejects.toMatchObject({ code: "CONTEXT_REFUSED" });
    expect(shop.seen.headers.some((headers) => "authorization" in headers)).toBe(false);
  });

  test("names the same decision to the client and to the subgraph", async () => {
    const { errors } = await ask("phone", "{ books { title margin } }");
    const [headers] = shop.seen.headers;
    const context = await createContextVerifier(
      deriveContextKey(contextSecret, "books"),
      "books",
    )(String(headers?.["atlas-context"]));
    expect(errors?.[0]?.extensions?.decisionId).toBe(context.decisionId);
  });

  test("shows anonymous callers of production no schema", async () => {
    const { data, errors } = await ask("anonymous", "{ __schema { types { name } } }");
    expect(data).toBeNull();
    expect(errors).toEqual([unauthorized(["__schema"], "Query.__schema", "NOT_GRANTED_TO_ANONYMOUS")]);
  });

  test("logs no token and no text of an operation", () => {
    const log = gateway.log.join("\n");
    for (const token of Object.values(tokens)) expect(log).not.toContain(token.split(".")[1]);
    expect(log).not.toContain("worth");
  });
});
