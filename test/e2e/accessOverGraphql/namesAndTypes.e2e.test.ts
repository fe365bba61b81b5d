/**
 * Rules that are easily gone round, over a gateway that runs: directives under other names, rules of a type, an interface and
 * an implementer at once, computed fields; and what each caller is shown of the schema.
 */
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { createDisposer } from "../../support/createDisposer.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { signPolicies } from "../../support/signPolicies.ts";
import { startBookshop } from "../../support/startBookshop.ts";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";
import { startTestIssuer, type TestIssuer } from "../../support/startTestIssuer.ts";

jest.setTimeout(120_000);

const imports = `"@key", "@external", "@requires", { name: "@authenticated", as: "@signedIn" },
  { name: "@requiresScopes", as: "@wants" }, { name: "@policy", as: "@rego" }`;
/** `@policy` here is the subgraph's own, and demands nothing. */
const extraSdl = `
  directive @policy(policies: [[String!]!]!) on FIELD_DEFINITION
  extend type Query {
    open: String @policy(policies: [["administration"]])
    mine: String @signedIn
    scoped: String @wants(scopes: [["compliance:read"]])
    closed: String @rego(policies: [["administration"]])
    thing: Thing
    memo: Memo
    note: Note
  }
  interface Thing { id: ID name: String }
  type Memo implements Thing @rego(policies: [["compliance"]]) { id: ID name: String }
  type Note implements Thing { id: ID name: String @rego(policies: [["administration"]]) }
  extend type Book { cost: Int @rego(policies: [["administration"]]) }
`;
const extraReviewsSdl = `extend type Book { cost: Int @external margin: Int @requires(fields: "cost") @rego(policies: [["administration"]]) }`;

/**
 * As composition made it before 2.11: with a rule of the interface's own, beside what it has from implementers, and none on a
 * field for what it is computed from. Today's refuses both, and gateways are given what others have composed.
 */
const asComposedBefore = (sdl: string) =>
  sdl
    .replace(/(interface Thing\s+@join__type\(graph: BOOKS\)\s+)/, '$1@wants(scopes: [["compliance:read"]]) ')
    .replace(/(margin: Int[^\n]*) @rego\(policies: \[\["administration"\]\]\)/, "$1");

const disposer = createDisposer();
let gateway: TestGateway;
let issuer: TestIssuer;

const callers = {
  analyst: {},
  officer: { roles: ["compliance_officer"], scope: "compliance:read" },
  administrator: { roles: ["administrator"], scope: "compliance:read", clearance: "red" },
};
type CallerName = keyof typeof callers | "anonymous";

async function ask(query: string, as: CallerName) {
  const headers = as === "anonymous" ? {} : { authorization: `Bearer ${await issuer.tokenFor(callers[as])}` };
  return postGraphql<{ __schema?: { types: { name: string; fields: { name: string }[] | null }[] } }>(
    gateway.graphql,
    { query },
    headers,
  );
}
const deniedTo = async (query: string, as: CallerName) =>
  (await ask(query, as)).errors?.map(
    ({ path, extensions }) => `${path?.join("/")} ${extensions?.coordinate}`,
  ) ?? [];

beforeAll(async () => {
  issuer = disposer.use(await startTestIssuer());
  const shop = disposer.use(await startBookshop({ imports, extraSdl, extraReviewsSdl }));
  const policies = disposer.use(await signPolicies());
  const sdl = asComposedBefore(shop.sdl);
  expect(sdl).toMatch(/interface Thing[^{]+@wants/);
  expect(sdl).not.toMatch(/margin: Int[^\n]*@rego/);
  gateway = disposer.use(
    await startGateway(sdl, {
      ...policies.environment,
      ATLAS_ISSUER: issuer.identity.issuer,
      ATLAS_AUDIENCE: issuer.identity.audience,
      ATLAS_JWKS_URL: issuer.identity.jwksUrl,
    }),
  );
});
afterAll(async () => disposer[Symbol.asyncDispose]());

describe("directives under other names", () => {
  test.each<[CallerName, string[]]>([
    ["anonymous", ["open Query.open", "mine Query.mine", "scoped Query.scoped", "closed Query.closed"]],
    ["analyst", ["scoped Query.scoped", "closed Query.closed"]],
    ["officer", ["closed Query.closed"]],
    ["administrator", []],
  ])("hold for %s by their specification, and one of the same name does not", async (as, denied) => {
    expect(await deniedTo("{ open mine scoped closed }", as)).toEqual(denied);
  });
});

describe("rules of types", () => {
  test.each<[CallerName, string, boolean]>([
    // An implementer alone: its own rule and its interface's.
    ["analyst", "{ memo { id } }", false],
    ["officer", "{ memo { id } }", true],
    ["analyst", "{ note { id } }", false],
    ["officer", "{ note { id } }", true],
    ["officer", "{ note { name } }", false],
    ["administrator", "{ note { name } memo { name } }", true],
    // Through the interface: all that any implementer asks.
    ["analyst", "{ thing { id } }", false],
    ["officer", "{ thing { id } }", true],
    ["officer", "{ thing { name } }", false],
    ["officer", "{ thing { ... on Memo { name } } }", true],
    ["officer", "{ thing { ...N } } fragment N on Note { hidden: name }", false],
    ["administrator", "{ thing { id name } }", true],
  ])("all hold: %s asks %s", async (as, query, isAllowed) => {
    expect((await deniedTo(query, as)).length === 0).toBe(isAllowed);
  });

  test("hold for a field that is computed from a denied one (@requires)", async () => {
    expect(await deniedTo('{ book(isbn: "1") { title margin } }', "analyst")).toEqual([
      "book/margin Book.margin",
    ]);
    expect(await deniedTo('{ book(isbn: "1") { title margin cost } }', "administrator")).toEqual([]);
  });
});

test("introspection shows each caller what the rules let them select", async () => {
  const query = "{ __schema { types { name fields { name } } } }";
  const shownTo = async (as: CallerName) => {
    const types = (await ask(query, as)).data?.__schema?.types ?? [];
    const fieldsOf = (wanted: string) =>
      types
        .find(({ name }) => name === wanted)
        ?.fields?.map(({ name }) => name)
        .sort() ?? [];
    return {
      query: fieldsOf("Query").filter((name) =>
        ["open", "mine", "scoped", "closed", "memo", "note"].includes(name),
      ),
      book: fieldsOf("Book"),
      memo: fieldsOf("Memo"),
    };
  };
  expect(await shownTo("anonymous")).toEqual({ query: [], book: [], memo: [] });
  expect(await shownTo("analyst")).toEqual({
    query: ["mine", "open"],
    book: ["id", "isbn", "stars", "title"],
    memo: [],
  });
  expect(await shownTo("administrator")).toEqual({
    query: ["closed", "memo", "mine", "note", "open", "scoped"],
    book: ["cost", "id", "isbn", "margin", "stars", "title"],
    memo: ["id", "name"],
  });
});
