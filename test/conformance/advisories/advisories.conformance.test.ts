/**
 * What was published as a way round, or to bring down, a federation gateway, tried on a running one. Each is named by its
 * identifier; what it was stands above it. Supergraphs are edited where today's composition would not write them so.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createDisposer } from "../../support/createDisposer.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { type SignedPolicies, signPolicies } from "../../support/signPolicies.ts";
import { type Bookshop, startBookshop } from "../../support/startBookshop.ts";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";
import { startTestIssuer, type TestIssuer } from "../../support/startTestIssuer.ts";

const administration = '@policy(policies: [["administration"]])';
const booksRules = `
  extend type Query { rating: Secret grade: Grade record: Record records: [Record] }
  extend type Book { cost: Int ${administration} }
  scalar Secret ${administration}
  enum Grade ${administration} { A B }
  interface Record { code: ID }
  type Open implements Record { code: ID }
  type Closed implements Record ${administration} { code: ID }
`;
const reviewsRules = `extend type Book { cost: Int @external worth: Int @requires(fields: "cost") ${administration} }`;

const disposer = createDisposer();
let shop: Bookshop;
let issuer: TestIssuer;
let policies: SignedPolicies;
let gateway: TestGateway;
let analyst: Readonly<Record<string, string>>;

beforeAll(async () => {
  shop = disposer.use(await startBookshop({ extraSdl: booksRules, extraReviewsSdl: reviewsRules }));
  issuer = disposer.use(await startTestIssuer());
  policies = disposer.use(await signPolicies());
  gateway = await start(shop.sdl);
  analyst = { authorization: `Bearer ${await issuer.tokenFor()}` };
});
afterAll(async () => disposer[Symbol.asyncDispose]());
beforeEach(() => {
  shop.seen.headers.length = 0;
});

const start = async (sdl: string, environment: Readonly<Record<string, string>> = identity()) =>
  disposer.use(await startGateway(sdl, { ...policies.environment, ...environment }));

function identity(): Readonly<Record<string, string>> {
  const { issuer: url, audience, jwksUrl } = issuer.identity;
  return { ATLAS_ISSUER: url, ATLAS_AUDIENCE: audience, ATLAS_JWKS_URL: jwksUrl };
}

/** Fails when there is nothing to edit, so that no test passes over a supergraph that is as it was. */
function edit(pattern: string | RegExp, replacement: string): string {
  const edited = shop.sdl.replace(pattern, replacement);
  if (edited === shop.sdl) throw new Error(`Expected ${pattern} in the supergraph:\n${shop.sdl}`);
  return edited;
}

const ask = (query: string, to = gateway) => postGraphql(to.graphql, { query }, analyst);

/** `coordinate` is refused at `path`, and no subgraph was asked for anything. */
async function expectDenied(query: string, path: string, coordinate: string, to = gateway): Promise<void> {
  const { errors } = await ask(query, to);
  expect(
    errors?.map((error) => [error.path?.join("/"), error.extensions?.code, error.extensions?.coordinate]),
  ).toEqual([[path, "UNAUTHORIZED_FIELD_OR_TYPE", coordinate]]);
  expect(shop.seen.headers).toEqual([]);
}

describe("access rules hold", () => {
  // Rules written on an interface were not asked for when its objects were read by themselves.
  test("GHSA-mx7m-j9xf-62hw: an interface's own rule, for its objects", async () => {
    const old = await start(edit(/interface Item[^{]*\{\s*id: ID!/, `$& ${administration}`));
    await expectDenied('{ book(isbn: "1") { id } }', "book/id", "Item.id", old);
    await expectDenied('{ item(id: "b1") { ... on Book { id } } }', "item/id", "Item.id", old);
  });

  // A protected field could be read through one that is computed from it with @requires and is not protected itself.
  test("GHSA-m8jr-fxqx-8xx6: for what a field is computed from", async () => {
    await expect(
      startBookshop({
        extraSdl: booksRules,
        extraReviewsSdl: reviewsRules.replace(`fields: "cost") ${administration}`, 'fields: "cost")'),
      }),
    ).rejects.toThrow(/worth/);
    const old = await start(edit(/(worth: Int @join__field\(.*?\)) @policy\(.*?\)/, "$1"));
    await expectDenied("{ books { worth } }", "books/@/worth", "Book.worth", old);
  });

  // What one implementer protects could be read through the interface, which had no rule.
  test("GHSA-x33c-7c2v-mrj9: an implementer's rule, through its interface", async () => {
    await expectDenied("{ record { code } }", "record/code", "Record");
    await expectDenied("{ records { ... on Record { code } } }", "records/@/code", "Record");
    expect((await ask("{ record { ... on Open { code } } }")).errors).toBeUndefined();
  });

  // A directive imported under another name was taken for none.
  test("GHSA-g8jh-vg5j-4h3f: under whatever name the directive was imported", async () => {
    const renamed = await start(edit(/policy\/v0\.1",/, '$& as: "rego",').replaceAll("@policy(", "@rego("));
    await expectDenied("{ books { cost } }", "books/@/cost", "Book.cost", renamed);
  });

  // The rule was looked for under the name in the answer, so an alias went round it.
  test("wundergraph/cosmo#1815: whatever alias a field has", async () => {
    await expectDenied("{ books { title: cost } }", "books/@/title", "Book.cost");
  });

  // Only the parent's and the field's rules were asked for, not those of a scalar or an enum that it returns.
  test("generic-auth: of the scalar or enum that a field returns", async () => {
    await expectDenied("{ rating }", "rating", "Secret");
    await expectDenied("{ grade }", "grade", "Grade");
  });

  // With the checking of tokens off, the rules were off as well.
  test("Hive Router, jwt off: without an issuer too, whatever a caller says to be", async () => {
    const open = await start(shop.sdl, {});
    for (const headers of [{}, analyst]) {
      const { data, errors } = await postGraphql(open.graphql, { query: "{ books { cost } }" }, headers);
      expect(data ?? null).toBeNull();
      expect(errors).not.toEqual([]);
    }
    expect(shop.seen.headers).toEqual([]);
  });

  // A list of no policies is read as one that everybody satisfies.
  test("empty []: a rule that names nothing is no rule that holds, so the supergraph is not served", async () => {
    const empty = edit(/(cost: Int.*?@policy\(policies: )\[\["administration"\]\]/, "$1[]");
    await expect(start(empty)).rejects.toThrow("Book.cost has an empty list in @policy");
  });
});

describe("the gateway stays what it was", () => {
  // Names that are special to JavaScript, as aliases, in variables or in a subgraph's answer, wrote to Object.prototype.
  // What a subgraph answers is test/e2e/badSubgraph's.
  test("GHSA-pfjj-6f4p-rvmh: after aliases and variables that are special to JavaScript", async () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    const query = `query ($isbn: ID!) {
      __proto__: book(isbn: $isbn) { __proto__: title constructor: stars prototype: isbn }
      constructor: book(isbn: $isbn) { prototype: title }
    }`;
    const body = `{"query": ${JSON.stringify(query)}, "variables": {"isbn": "1", "__proto__": {"owned": 1}, "constructor": {"prototype": {"owned": 1}}}}`;
    const response = await fetch(gateway.graphql, {
      method: "POST",
      headers: { "content-type": "application/json", ...analyst },
      body,
    });
    expect(await response.text()).toBe(
      '{"data":{"__proto__":{"__proto__":"Dune","constructor":5,"prototype":"1"},"constructor":{"prototype":"Dune"}}}',
    );
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect(Reflect.get({}, "owned")).toBeUndefined();
    expect((await ask('{ book(isbn: "1") { title } }')).data).toEqual({ book: { title: "Dune" } });
  });

  const rungs = (count: number, rung: (next: string) => string) => {
    const fragments = Array.from(
      { length: count },
      (_, at) => `fragment F${at} on Item { ${rung(`...F${at + 1}`)} }`,
    );
    return `${fragments.join(" ")} fragment F${count} on Item { id }`;
  };
  const climb = (fragments: string) => ask(`{ item(id: "b1") { ...F0 } } ${fragments}`);

  // Named fragments were written out once for each spread, so a small text took all memory and time.
  test("GHSA-q2f9-x4p4-7xmh: when fragments double again and again", async () => {
    const double = (next: string) => `${next} ${next}`;
    expect(await climb(rungs(40, double))).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: "OPERATION_TOO_LARGE" } }],
    });
    expect((await climb(rungs(5, double))).data).toEqual({ item: { id: "b1" } });
  });

  // Nested type conditions went round the planner's short cut, and planning had no end.
  test("GHSA-p2q6-pwh5-m6jr: when type conditions branch again and again", async () => {
    const branch = (next: string) => `... on Book { ${next} } ... on Disc { ${next} }`;
    expect(await climb(rungs(40, branch))).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: "OPERATION_TOO_LARGE" } }],
    });
    expect((await climb(rungs(5, branch))).data).toEqual({ item: { id: "b1" } });
  });

  // A page could have a browser send a GET without asking first, by a content type that was taken for a sign of a program.
  test("GHSA-hff2-gcpx-8f4p: when another site's page sends a GET with an odd content type", async () => {
    const url = `${gateway.graphql}?query=${encodeURIComponent("{ books { title } }")}`;
    const page = { "user-agent": "Mozilla/5.0", "sec-fetch-site": "cross-site" };
    for (const type of ["application/json", "message/x; a=b", "text/plain"]) {
      const response = await fetch(url, { headers: { ...page, "content-type": type } });
      expect([response.status, await response.json()]).toMatchObject([
        403,
        { errors: [{ extensions: { code: "CSRF_PREVENTED" } }] },
      ]);
    }
    expect(shop.seen.headers).toEqual([]);
  });
});
