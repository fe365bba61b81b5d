/** Access explained over the graph: to officers about others, and to callers about themselves. */
import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { SignJWT } from "jose";
import { deriveContextKey } from "../../../gateway/stages/signContext.ts";
import { insertSignals } from "../../support/insertSignals.ts";
import type { Region } from "../../support/startRegion.ts";

export const officer = {
  sub: "test-officer",
  roles: ["compliance_officer"],
  scope: "compliance:read compliance:write",
};

export function describeAccessExplained(getRegion: () => Region): void {
  describe("access explained", () => {
    const query: Region["query"] = (...asked) => getRegion().query(...asked);

    const operation = '{ mine: violations { totalCount } country(code: "US") { name } }';
    type Explained = { allowed: boolean; fields: { coordinate: string; allowed: boolean }[] };
    const fields =
      "{ allowed bundleRevision fields { coordinate allowed reason rule paths demands places } }";
    const asAnalyst = { roles: ["analyst"], clearance: "amber", purpose: "research" };

    test("says what another caller may not see, by which rule and where, to an officer", async () => {
      const { data, errors } = await query<{ explainAccess: Explained }>(
        `query ($operation: String!, $as: AccessFactsInput!) { explainAccess(operation: $operation, as: $as) ${fields} }`,
        { operation, as: { anonymous: true } },
        officer,
      );
      expect(errors).toBeUndefined();
      expect(data?.explainAccess.fields).toContainEqual({
        coordinate: "Country.name",
        allowed: true,
        reason: "ALLOWED",
        rule: "",
        paths: [],
        demands: [],
        places: ["country.name"],
      });
      expect(data?.explainAccess.allowed).toBe(false);
      const denied = await query(
        `query ($operation: String!, $as: AccessFactsInput!) { explainAccess(operation: $operation, as: $as) ${fields} }`,
        { operation, as: asAnalyst },
        {},
      );
      expect(denied.errors?.[0]?.extensions).toMatchObject({ coordinate: "Query.explainAccess" });
    });

    test("says to callers what they may not see themselves", async () => {
      const { data, errors } = await query<{ explainMyAccess: Explained }>(
        `query ($operation: String!) { explainMyAccess(operation: $operation) ${fields} }`,
        { operation: "{ mine: verifyDecisionChain(id: 1) { lost } }" },
        {},
      );
      expect(errors).toBeUndefined();
      expect(data?.explainMyAccess.fields).toContainEqual({
        coordinate: "Query.verifyDecisionChain",
        allowed: false,
        reason: "POLICY_NOT_SATISFIED",
        rule: "access.labels",
        paths: ["mine"],
        demands: ['@policy(policies: [["compliance"]])'],
        places: ["mine"],
      });
      const run = await query("{ mine: verifyDecisionChain(id: 1) { lost } }", {}, {});
      expect(run.errors?.[0]).toMatchObject({
        path: ["mine"],
        extensions: { coordinate: "Query.verifyDecisionChain" },
      });
    });

    test("looks at the values of variables, as rules do", async () => {
      const asked = "query ($first: Int!) { people: dataSubjects(first: $first) { totalCount } }";
      const explain = async (first: number) => {
        const { data, errors } = await query<{ explainAccess: Explained }>(
          `query ($operation: String!, $as: AccessFactsInput!, $variables: JSON) {
            explainAccess(operation: $operation, as: $as, variables: $variables) ${fields}
          }`,
          { operation: asked, as: { roles: ["compliance_officer"] }, variables: { first } },
          officer,
        );
        expect(errors).toBeUndefined();
        return data?.explainAccess.fields.find(({ coordinate }) => coordinate === "Query.dataSubjects");
      };
      expect(await explain(50)).toMatchObject({ allowed: true, paths: [], places: ["people"] });
      expect(await explain(51)).toMatchObject({
        allowed: false,
        reason: "TOO_MANY_AT_ONCE",
        rule: "access.bulk",
        paths: ["people"],
      });
    });

    test("is for callers without a token too, where GraphiQL is", async () => {
      const { data, errors } = await query<{ explainMyAccess: Explained & { caller: unknown } }>(
        "query ($operation: String!) { explainMyAccess(operation: $operation) { allowed caller { anonymous roles purpose } } }",
        { operation },
        "anonymous",
      );
      expect(errors).toBeUndefined();
      expect(data?.explainMyAccess).toEqual({
        allowed: false,
        caller: { anonymous: true, roles: [], purpose: null },
      });
    });

    describe("with rows", () => {
      const tenant = "explained";
      const signals = "{ signals(first: 10) { edges { node { id } } } }";
      const ask = `query ($operation: String!, $as: AccessFactsInput!, $rows: Boolean) {
        explainAccess(operation: $operation, as: $as, rows: $rows) {
          types { type rules lists rule condition places }
          rows { type path id outcome reason rule masked { field as } }
          rowsComplete
        }
      }`;
      type WithRows = {
        explainAccess: { types: unknown[]; rows: { id: string; type: string }[]; rowsComplete: boolean };
      };
      const explain = async (clearance: string, asked = signals, as: object = asAnalyst) =>
        query<WithRows>(ask, { operation: asked, as, rows: true }, { ...officer, tenant, clearance });
      let ids: string[];

      beforeAll(async () => {
        const stored = await insertSignals(getRegion().database, [
          { tenant, marking: "GREEN" },
          { tenant, marking: "RED" },
          { tenant, marking: "CLEAR", residency: "eu" },
        ]);
        ids = ["global", "global", "eu"].map((prefix, at) => `${prefix}-signal-${stored[at]?.id}`);
      });

      /** By id, of those rows alone that this suite has stored. */
      const outcomesOf = (answer: Awaited<ReturnType<typeof explain>>) =>
        ids.map((id) => answer.data?.explainAccess.rows.find((row) => row.id === id));

      test("says what becomes of each for somebody, also of those that lists do not have", async () => {
        const answer = await explain("red");
        expect(answer.errors).toBeUndefined();
        expect(answer.data?.explainAccess.rowsComplete).toBe(true);
        const [green, red, elsewhere] = outcomesOf(answer);
        expect(green).toMatchObject({ type: "Signal", outcome: "ALLOW", rule: "", masked: [] });
        expect(red).toMatchObject({ outcome: "DROP", reason: "CLEARANCE_TOO_LOW", rule: "access.clearance" });
        expect(elsewhere).toMatchObject({ path: expect.stringMatching(/^signals\.edges\.\d\.node$/) });
      });

      test("says nothing of rows that the officer may not know of", async () => {
        const [green, red] = outcomesOf(await explain("green"));
        expect(green).toMatchObject({ outcome: "ALLOW" });
        expect(red).toBeUndefined();
      });

      test("says which rows lists have, and by which condition", async () => {
        const { data } = await explain("red");
        expect(data?.explainAccess.types).toContainEqual(
          expect.objectContaining({
            type: "Signal",
            rules: expect.arrayContaining(["access.clearance", "residency.crossing"]),
            lists: "SOME",
            rule: "access.clearance",
            places: ["signals.edges.@.node"],
            condition: expect.objectContaining({
              operator: "and",
              value: expect.arrayContaining([
                { type: "field", operator: "in", field: "marking", value: ["CLEAR", "GREEN", "AMBER"] },
              ]),
            }),
          }),
        );
      });

      test("runs nothing that changes something", async () => {
        const { errors } = await explain(
          "red",
          'mutation { requestErasure(input: { subjectId: "x", idempotencyKey: "x" }) { __typename } }',
        );
        expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
      });

      test("does not explain an explanation, each of which would run another twice", async () => {
        const nested = `{ explainMyAccess(operation: "{ __typename }") { allowed } ${signals.slice(1)}`;
        const { data } = await explain("red", nested);
        expect(data?.explainAccess.rowsComplete).toBe(false);
      });
    });

    test.each([
      ["an operation that does not fit the graph", "{ nothing }", {}, 'Cannot query field "nothing"'],
      ["a clearance that there is not", operation, { clearance: "purple" }, "as.clearance"],
    ])("says what is wrong with %s", async (_, asked, as, text) => {
      const { errors } = await query(
        `query ($operation: String!, $as: AccessFactsInput!) { explainAccess(operation: $operation, as: $as) ${fields} }`,
        { operation: asked, as },
        officer,
      );
      expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
      expect(errors?.[0]?.message).toContain(text);
    });

    test.each([
      ["without a signature", undefined, "{}"],
      ["with the signature of another subgraph", "ml", "{}"],
      ["with a signature for another request", "compliance", "{ }"],
    ] as const)("is told to nobody who asks the gateway %s", async (_, signer, signed) => {
      const { status } = await fetch(getRegion().url.replace("/graphql", "/access/explain"), {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(signer && { "atlas-access-request": await signRequest(signed, signer) }),
        },
        body: "{}",
      });
      expect(status).toBe(401);
    });

    /** As compliance signs; what is not valid but signed well is 400. */
    test("is asked of the gateway with the key of compliance", async () => {
      const { status } = await fetch(getRegion().url.replace("/graphql", "/access/explain"), {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "atlas-access-request": await signRequest("{}", "compliance"),
        },
        body: "{}",
      });
      expect(status).toBe(400);
    });

    async function signRequest(body: string, signer: "compliance" | "ml"): Promise<string> {
      return new SignJWT({ sha256: createHash("sha256").update(body).digest("hex") })
        .setProtectedHeader({ alg: "HS256", typ: "atlas-access+jwt" })
        .setIssuer("compliance")
        .setAudience("atlas-gateway")
        .setExpirationTime("60s")
        .sign(deriveContextKey(getRegion().settings.contextSecret, signer));
    }
  });
}
