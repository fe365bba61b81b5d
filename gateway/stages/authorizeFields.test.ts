import { composeServices } from "@apollo/composition";
import { beforeAll, describe, expect, test } from "@jest/globals";
import {
  buildSchema,
  type DocumentNode,
  type GraphQLSchema,
  parse,
  print,
  stripIgnoredCharacters,
  validate,
} from "graphql";
import { recordNothing } from "../../policies/runtime/decision.ts";
import { loadPolicyBundle, type PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";
import { parseSupergraph } from "../supergraph/parseSupergraph.ts";
import { readSecurityRules, type SecurityRules } from "../supergraph/securityRules.ts";
import { type AuthorizedFields, type AuthorizeFields, createAuthorizeFields } from "./authorizeFields.ts";
import { type Caller, createAnonymousCaller } from "./identifyCaller.ts";

/** Renamed on purpose: rules are found by the identity of their specification (GHSA-g8jh-vg5j-4h3f). */
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", { name: "@authenticated", as: "@signedIn" }, "@requiresScopes", { name: "@policy", as: "@rego" }
])`;

const sdl = `
  type Query {
    country(code: ID!): Country
    countries: [Country!]!
    me: User @signedIn
    users(active: Boolean): [User!]
    search(text: String): [Hit!]!
    feed: [[Item]]
    items: [Item!]!
    rating: Secret
    grade: Grade
    open: String
    strict: Vault!
  }
  type Mutation {
    publish(text: String): User @requiresScopes(scopes: [["assessments:write"]])
    purge: Boolean @rego(policies: [["administration"]])
  }
  type Subscription {
    published: User @requiresScopes(scopes: [["assessments:read"]])
    purged: User @rego(policies: [["administration"]])
  }
  type Country @key(fields: "code") { code: ID! name: String! risk: Int @rego(policies: [["analysis"]]) }
  type User @key(fields: "id") {
    id: ID!
    name: String
    email: String @requiresScopes(scopes: [["compliance:read"]])
    notes(limit: Int): [Note!]! @rego(policies: [["clearance:red"]])
    vault: Vault
    country: Country
  }
  type Note { text: String! }
  type Vault @rego(policies: [["administration"]]) { code: String! owner: User }
  union Hit = User | Vault | Country
  interface Item { id: ID! title: String }
  type Post implements Item @key(fields: "id") { id: ID! title: String }
  type Draft implements Item @key(fields: "id") { id: ID! title: String @rego(policies: [["administration"]]) }
  type Memo implements Item @key(fields: "id") @rego(policies: [["compliance"]]) { id: ID! title: String }
  scalar Secret @rego(policies: [["administration"]])
  enum Grade @rego(policies: [["administration"]]) { A B }
`;

const callerOf = (facts: Partial<Caller>): Caller =>
  ({
    ...createAnonymousCaller("us-east"),
    kind: "identified",
    subject: "u",
    tenant: "acme",
    expiresAt: 1,
    ...facts,
  }) as Caller;
const operationId = "op";
const environment = { profile: "production", region: "us-east" } as const;
const anonymous = createAnonymousCaller("us-east");
const analyst = callerOf({ roles: ["analyst"], scopes: ["assessments:read"], clearance: "amber" });
const officer = callerOf({ roles: ["compliance_officer"], scopes: ["compliance:read"] });
const administrator = callerOf({ roles: ["administrator"], scopes: ["compliance:read"], clearance: "red" });

function compose(typeDefs: string): { schema: GraphQLSchema; rules: SecurityRules } {
  const { supergraphSdl, errors } = composeServices([
    { name: "test", url: "http://test.invalid", typeDefs: parse(typeDefs) },
  ]);
  if (!supergraphSdl) throw new AggregateError(errors ?? []);
  return {
    schema: parseSupergraph(supergraphSdl).parsed.apiSchema().toGraphQLJSSchema(),
    rules: readSecurityRules(parseSupergraph(supergraphSdl)),
  };
}

const textOf = (document: DocumentNode) => stripIgnoredCharacters(print(document));
const placesOf = ({ errors }: AuthorizedFields) => errors.map(({ path }) => path?.join("/"));

describe("authorizeFields", () => {
  const { schema, rules } = compose(`${link}\n${sdl}`);
  let policies: PolicyBundle;
  let authorize: AuthorizeFields;

  beforeAll(async () => {
    policies = await loadPolicyBundle(new URL("../../policies/bundle/atlas.tar.gz", import.meta.url), {
      trust: { kind: "unsigned" },
    });
    authorize = createAuthorizeFields({
      schema,
      rules,
      policies: () => policies,
      environment,
      recordDecisions: recordNothing,
    });
  });

  const ask = async (
    caller: Caller,
    text: string,
    variables: Record<string, unknown> = {},
    operationName?: string,
  ) => {
    const document = parse(text);
    expect(validate(schema, document)).toEqual([]);
    const authorized = await authorize({ document, operationName, variables, caller, operationId });
    expect(validate(schema, authorized.document)).toEqual([]);
    return { ...authorized, text: textOf(authorized.document) };
  };

  test("hands on the same document when all of it is allowed", async () => {
    const document = parse("{ users { id name } }");
    const authorized = await authorize({
      document,
      operationName: undefined,
      variables: {},
      caller: analyst,
      operationId,
    });
    expect(authorized.document).toBe(document);
    expect(authorized).toMatchObject({ errors: [], nothingLeft: false });
    expect(authorized.decisionId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("takes denied fields out and reports each in the form of Apollo Router", async () => {
    const { text, errors, decisionId } = await ask(
      analyst,
      "{ users { id email } me { notes { text } name } }",
    );
    expect(text).toBe("{users{id}me{name}}");
    expect(errors.map((error) => error.toJSON())).toEqual([
      {
        message: "Unauthorized field or type",
        path: ["users", "@", "email"],
        extensions: {
          code: "UNAUTHORIZED_FIELD_OR_TYPE",
          coordinate: "User.email",
          reason: "SCOPE_MISSING",
          decisionId,
        },
      },
      {
        message: "Unauthorized field or type",
        path: ["me", "notes"],
        extensions: {
          code: "UNAUTHORIZED_FIELD_OR_TYPE",
          coordinate: "User.notes",
          reason: "POLICY_NOT_SATISFIED",
          decisionId,
        },
      },
    ]);
  });

  test("stands one @ for each level of a list", async () => {
    expect(placesOf(await ask(analyst, "{ feed { ... on Memo { title } ... on Post { id } } }"))).toEqual([
      "feed/@/@/title",
    ]);
  });

  test("shows anonymous callers only what is granted by name, with or without a directive", async () => {
    const { text, errors } = await ask(
      anonymous,
      `{ country(code: "DE") { code name risk } open users { id } }`,
    );
    expect(text).toBe(`{country(code:"DE"){code name}}`);
    expect(errors.map(({ extensions }) => extensions.reason)).toEqual([
      "NOT_GRANTED_TO_ANONYMOUS",
      "NOT_GRANTED_TO_ANONYMOUS",
      "NOT_GRANTED_TO_ANONYMOUS",
    ]);
  });

  test("does not fetch an object of which nothing is left, and says so when that is everything", async () => {
    expect(await ask(analyst, "{ open users { email } }")).toMatchObject({
      text: "{open}",
      nothingLeft: false,
    });
    const nothing = await ask(analyst, "{ users { email } me { notes { text } } }");
    expect(nothing).toMatchObject({ text: "{__typename}", nothingLeft: true });
    expect(placesOf(nothing)).toEqual(["users/@/email", "me/notes"]);
  });

  describe("cannot be gone round", () => {
    test("by an alias (cosmo#1815)", async () => {
      const authorized = await ask(analyst, "{ users { name: email id: country { code: risk } } }");
      expect(authorized.text).toBe("{users{id:country{code:risk}}}");
      expect(placesOf(authorized)).toEqual(["users/@/name"]);
      expect(placesOf(await ask(anonymous, "{ countries { name: risk code } }"))).toEqual([
        "countries/@/name",
      ]);
    });

    test("by a named fragment, nested or used twice, and drops fragments that are left empty or unused", async () => {
      const authorized = await ask(
        analyst,
        `query { users { ...A ...B } me { ...A ...C } }
         fragment A on User { ...B id } fragment B on User { email ...C } fragment C on User { notes { text } }`,
      );
      expect(authorized.text).toBe("{users{...A}me{...A}}fragment A on User{id}");
      expect(placesOf(authorized)).toEqual(["users/@/email", "users/@/notes", "me/email", "me/notes"]);
    });

    test("by an inline fragment, with or without a type", async () => {
      const authorized = await ask(
        analyst,
        "{ users { id ... { email } ... on User { email ... on User { notes { text } } } } }",
      );
      expect(authorized.text).toBe("{users{id}}");
      expect(placesOf(authorized)).toEqual(["users/@/email", "users/@/notes"]);
    });

    test("through an interface, by any field that one implementer guards (GHSA-x33c-7c2v-mrj9)", async () => {
      expect(await ask(officer, "{ items { id title } }")).toMatchObject({ text: "{items{id}}" });
      expect(await ask(analyst, "{ open items { id title } }")).toMatchObject({ text: "{open}" });
      expect(
        (
          await ask(
            analyst,
            "{ items { __typename ... on Post { title } ... on Memo { title } ... on Draft { title id } } }",
          )
        ).text,
      ).toBe("{items{__typename ...on Post{title}...on Draft{id}}}");
    });

    test("through an interface fragment inside an allowed type", async () => {
      expect((await ask(analyst, "{ open items { ... on Post { ... on Item { title } } } }")).text).toBe(
        "{open}",
      );
    });

    test("through a union", async () => {
      const authorized = await ask(
        analyst,
        "{ search { __typename ... on Vault { __typename code } ... on User { id email } } }",
      );
      expect(authorized.text).toBe("{search{__typename ...on User{id}}}");
      expect(placesOf(authorized)).toEqual(["search/@/__typename", "search/@/code", "search/@/email"]);
    });

    test("by a field that returns a guarded object, scalar or enum", async () => {
      const authorized = await ask(
        analyst,
        "{ rating grade strict { code } users { vault { owner { id } } name } }",
      );
      expect(authorized.text).toBe("{users{name}}");
      expect(placesOf(authorized)).toEqual(["rating", "grade", "strict", "users/@/vault"]);
      expect((await ask(administrator, "{ rating grade strict { code } }")).errors).toEqual([]);
    });

    test("by introspection", async () => {
      expect(
        (
          await ask(
            anonymous,
            '{ __schema { types { name } } __type(name: "User") { name } countries { code } }',
          )
        ).text,
      ).toBe("{countries{code}}");
      expect((await ask(analyst, "{ __schema { types { name } } }")).errors).toEqual([]);
    });

    test("by another operation of the same document", async () => {
      const text = "query A { users { id } } query B { users { id email } }";
      expect((await ask(analyst, text, {}, "A")).errors).toEqual([]);
      expect(await ask(analyst, text, {}, "B")).toMatchObject({ text: "query B{users{id}}" });
    });

    test("by another caller's cached decision", async () => {
      const document = parse("{ users { id email } }");
      const of = (caller: Caller) =>
        authorize({ document, operationName: undefined, variables: {}, caller, operationId });
      expect((await of(officer)).errors).toHaveLength(0);
      expect((await of(analyst)).errors).toHaveLength(1);
      expect((await of(anonymous)).nothingLeft).toBe(true);
      expect((await of(officer)).errors).toHaveLength(0);
    });

    test("by conditions: a denied field is never executed, whatever its variable says", async () => {
      const text = `query ($x: Boolean! = false, $y: Boolean!) {
        users { id email @include(if: $x) notes @skip(if: $y) { text } name @skip(if: $y) }
      }`;
      const hidden = await ask(analyst, text, { y: true });
      expect(hidden.text).toBe("query($y:Boolean!){users{id name@skip(if:$y)}}");
      expect(placesOf(hidden)).toEqual([]);
      expect(placesOf(await ask(analyst, text, { x: true, y: false }))).toEqual([
        "users/@/email",
        "users/@/notes",
      ]);
    });

    test("by a denied field in a mutation: it does not run, the others do", async () => {
      const authorized = await ask(
        administrator,
        `mutation ($t: String) { purge publish(text: $t) { id } again: purge }`,
      );
      expect(authorized.text).toBe("mutation{purge again:purge}");
      expect(placesOf(authorized)).toEqual(["publish"]);
      expect(await ask(analyst, "mutation { purge }")).toMatchObject({ nothingLeft: true });
    });

    test("by a subscription whose root is denied", async () => {
      expect(await ask(analyst, "subscription { purged { id } }")).toMatchObject({ nothingLeft: true });
      expect((await ask(analyst, "subscription { published { id email } }")).text).toBe(
        "subscription{published{id}}",
      );
      expect(await ask(anonymous, "subscription { published { id } }")).toMatchObject({ nothingLeft: true });
    });
  });

  test("keeps variables that what is left still uses, and only those", async () => {
    const text =
      "query Q($a: Boolean, $n: Int, $t: String) { users(active: $a) { ...F } search(text: $t) { __typename } } fragment F on User { name notes(limit: $n) { text } }";
    expect((await ask(analyst, text)).text).toBe(
      "query Q($a:Boolean$t:String){users(active:$a){...F}search(text:$t){__typename}}fragment F on User{name}",
    );
  });

  test("holds an interface's own rule for its implementers (GHSA-mx7m-j9xf-62hw)", async () => {
    const old = buildSchema(
      "type Query { item: Item thing: Thing } interface Item { id: ID secret: String } type Thing implements Item { id: ID secret: String }",
    );
    const guarded: SecurityRules = new Map([
      ["Item.secret", { authenticated: false, scopes: undefined, policies: [["administration"]] }],
    ]);
    const authorizeOld = createAuthorizeFields({
      schema: old,
      rules: guarded,
      policies: () => policies,
      environment,
      recordDecisions: recordNothing,
    });
    const of = async (text: string) =>
      textOf(
        (
          await authorizeOld({
            document: parse(text),
            operationName: undefined,
            variables: {},
            caller: analyst,
            operationId,
          })
        ).document,
      );
    expect(await of("{ thing { id secret } item { id secret ... on Thing { secret } } }")).toBe(
      "{thing{id}item{id}}",
    );
  });

  test("is not slowed down by fragments that reach the same field along exponentially many ways", async () => {
    const rungs = Array.from(
      { length: 24 },
      (_, at) =>
        `fragment F${at} on User { vault { owner { ...F${at + 1} } } country { code } x: vault { owner { ...F${at + 1} } } }`,
    );
    const text = `{ users { ...F0 } } ${rungs.join(" ")} fragment F24 on User { email id }`;
    const startedAt = performance.now();
    const { errors, nothingLeft } = await ask(callerOf({ roles: ["administrator"] }), text);
    expect(errors.length).toBeLessThanOrEqual(1_000);
    expect(nothingLeft).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  describe("fails closed", () => {
    const request = {
      document: parse("{ users { id } }"),
      operationName: undefined,
      variables: {},
      caller: analyst,
      operationId,
    };
    const refused = { code: "POLICY_UNAVAILABLE", status: 503 };
    const withPolicies = (decideFields: PolicyBundle["decideFields"]) => {
      const changed = { ...policies, decideFields };
      return createAuthorizeFields({
        schema,
        rules,
        policies: () => changed,
        environment,
        recordDecisions: recordNothing,
        deadlineMs: 20,
      });
    };

    test("when the policy errs, and asks it again the next time", async () => {
      let asked = 0;
      const authorizeOnce = withPolicies((question) => {
        asked += 1;
        return asked === 1 ? Promise.reject(new Error("no memory")) : policies.decideFields(question);
      });
      await expect(authorizeOnce(request)).rejects.toMatchObject({
        ...refused,
        cause: new Error("no memory"),
      });
      expect((await authorizeOnce(request)).errors).toEqual([]);
    });

    test("when the policy takes too long", async () => {
      const never = withPolicies(() => new Promise(() => {}));
      await expect(never(request)).rejects.toMatchObject({
        ...refused,
        cause: new Error("no decision within 20 ms"),
      });
    });

    test("when there are fewer decisions than coordinates", async () => {
      const short = withPolicies(async (question) => {
        const answered = await policies.decideFields(question);
        return { ...answered, decisions: answered.decisions.slice(1) };
      });
      await expect(short(request)).rejects.toMatchObject(refused);
    });

    test("when the supergraph has rules and there is no policy, naming them", () => {
      expect(() =>
        createAuthorizeFields({
          schema,
          rules,
          policies: undefined,
          environment,
          recordDecisions: recordNothing,
        }),
      ).toThrow("The supergraph restricts Country.risk, Draft.title, ");
    });

    test("and is open without policies only where there are no rules", async () => {
      const open = createAuthorizeFields({
        schema,
        rules: new Map(),
        policies: undefined,
        environment,
        recordDecisions: recordNothing,
      });
      expect(await open({ ...request, caller: anonymous })).toMatchObject({
        document: request.document,
        errors: [],
      });
    });
  });

  test("asks once for each operation and each set of facts", async () => {
    const asked: string[] = [];
    const counted: PolicyBundle = {
      ...policies,
      decideFields: (question) => {
        asked.push(String(Object(question.facts.caller).roles));
        return policies.decideFields(question);
      },
    };
    const counting = createAuthorizeFields({
      schema,
      rules,
      policies: () => counted,
      environment,
      recordDecisions: recordNothing,
    });
    const document = parse("{ users { id email } }");
    const of = (caller: Caller) =>
      counting({ document, operationName: undefined, variables: {}, caller, operationId });
    const [first, second] = await Promise.all([
      of(analyst),
      of({ ...analyst, subject: "another" } as Caller),
      of(officer),
    ]);
    expect(asked).toEqual(["analyst", "compliance_officer"]);
    // Whoever differs in one fact alone gets a decision of their own.
    const others: readonly Partial<Caller>[] = [
      { scopes: [] },
      { clearance: "red" },
      { purpose: "operations" },
      { kind: "anonymous" } as Partial<Caller>,
    ];
    for (const fact of others) await of({ ...analyst, ...fact } as Caller);
    expect(asked).toHaveLength(2 + others.length);
    expect(second.document).toBe(first.document);
    expect(second.decisionId).not.toBe(first.decisionId);
  });
});
