/** "Why was this denied?": from the error that a caller sees to the rule, the proof, and the same question asked again. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { SignJWT } from "jose";
import { deriveContextKey } from "../../../gateway/stages/signContext.ts";
import { grantToAnonymous } from "../../support/grantToAnonymous.ts";
import { type Region, startRegion } from "../../support/startRegion.ts";

let region: Region;

beforeAll(async () => {
  region = await startRegion();
}, 180_000);
afterAll(async () => region?.[Symbol.asyncDispose]());

const officer = {
  sub: "test-officer",
  roles: ["compliance_officer"],
  scope: "compliance:read compliance:write",
};

type Record = {
  decisionId: string;
  outcome: string;
  denied: string[];
  bundleRevision: string;
  verdicts: { coordinate: string; outcome: string; reason: string; rule: string }[];
  replay: { result: string; differences: unknown[]; problem: string | null };
  chain: { id: string };
};

async function findDecision(id: string): Promise<Record> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const { data, errors } = await region.query<{ decision: Record | null }>(
      `query ($id: ID!) { decision(decisionId: $id) {
        decisionId outcome denied bundleRevision chain { id }
        verdicts { coordinate outcome reason rule } replay { result differences { coordinate } problem }
      } }`,
      { id },
      officer,
    );
    expect(errors).toBeUndefined();
    if (data?.decision) return data.decision;
    await sleep(100);
  }
  throw new Error("the decision is not on record");
}

/** Is denied the controls; answers the id that the error has. */
async function beDenied(
  query = '{ violations { totalCount } country(code: "US") { name } }',
): Promise<string> {
  const { errors } = await region.query(query, {}, {});
  const id = errors?.[0]?.extensions?.decisionId;
  if (typeof id !== "string") throw new Error(`expected a denial, got ${JSON.stringify(errors)}`);
  return id;
}

describe("a denial", () => {
  test("is on record with its rule, and the same bundle says the same again", async () => {
    const record = await findDecision(await beDenied());
    expect(record).toMatchObject({
      outcome: "PARTLY_DENIED",
      denied: ["Query.violations"],
      bundleRevision: "2026-01-01T00:00:00Z",
      replay: { result: "SAME", differences: [], problem: null },
    });
    expect(record.verdicts).toContainEqual({
      coordinate: "Query.violations",
      outcome: "DENY",
      reason: "POLICY_NOT_SATISFIED",
      rule: "access.labels",
    });
    expect(record.verdicts).toContainEqual(
      expect.objectContaining({ coordinate: "Country.name", outcome: "ALLOW" }),
    );
  });

  test("is told to nobody else", async () => {
    const id = await beDenied();
    await findDecision(id);
    const query = "query ($id: ID!) { decision(decisionId: $id) { outcome } }";
    expect((await region.query(query, { id }, { ...officer, tenant: "umbrella" })).data).toEqual({
      decision: null,
    });
    const { data, errors } = await region.query(query, { id }, {});
    expect(data).toBeNull();
    expect(errors?.[0]?.extensions).toMatchObject({ coordinate: "Query.decision" });
  });

  test("is replayed by the bundle of its time after the rules have changed", async () => {
    const first = await findDecision(await beDenied());
    await region.policies.release("2026-02-01T00:00:00Z", await grantToAnonymous({ Query: ["violations"] }));
    const later = await (async () => {
      for (let attempt = 0; attempt < 300; attempt += 1) {
        const record = await findDecision(await beDenied());
        if (record.bundleRevision !== first.bundleRevision) return record;
        await sleep(100);
      }
      throw new Error("the new bundle did not come");
    })();
    expect(later).toMatchObject({ bundleRevision: "2026-02-01T00:00:00Z", replay: { result: "SAME" } });
    expect(await findDecision(first.decisionId)).toMatchObject({
      bundleRevision: "2026-01-01T00:00:00Z",
      replay: { result: "SAME" },
    });
  });
});

describe("access explained", () => {
  const operation = '{ mine: violations { totalCount } country(code: "US") { name } }';
  type Explained = { allowed: boolean; fields: { coordinate: string; allowed: boolean }[] };
  const fields = "{ allowed bundleRevision fields { coordinate allowed reason rule paths } }";
  const asAnalyst = { roles: ["analyst"], clearance: "amber", purpose: "research" };

  test("says what another caller may not see, by which rule and where, to an officer", async () => {
    const { data, errors } = await region.query<{ explainAccess: Explained }>(
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
    });
    expect(data?.explainAccess.allowed).toBe(false);
    const denied = await region.query(
      `query ($operation: String!, $as: AccessFactsInput!) { explainAccess(operation: $operation, as: $as) ${fields} }`,
      { operation, as: asAnalyst },
      {},
    );
    expect(denied.errors?.[0]?.extensions).toMatchObject({ coordinate: "Query.explainAccess" });
  });

  test("says to callers what they may not see themselves", async () => {
    const { data, errors } = await region.query<{ explainMyAccess: Explained }>(
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
    });
    const run = await region.query("{ mine: verifyDecisionChain(id: 1) { lost } }", {}, {});
    expect(run.errors?.[0]).toMatchObject({
      path: ["mine"],
      extensions: { coordinate: "Query.verifyDecisionChain" },
    });
  });

  test.each([
    ["an operation that does not fit the graph", "{ nothing }", {}, 'Cannot query field "nothing"'],
    ["a clearance that there is not", operation, { clearance: "purple" }, "as.clearance"],
  ])("says what is wrong with %s", async (_, asked, as, text) => {
    const { errors } = await region.query(
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
    const { status } = await fetch(region.url.replace("/graphql", "/access/explain"), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(signer && { "atlas-explain-request": await signRequest(signed, signer) }),
      },
      body: "{}",
    });
    expect(status).toBe(401);
  });

  /** As compliance signs; what is not valid but signed well is 400. */
  test("is asked of the gateway with the key of compliance", async () => {
    const { status } = await fetch(region.url.replace("/graphql", "/access/explain"), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "atlas-explain-request": await signRequest("{}", "compliance"),
      },
      body: "{}",
    });
    expect(status).toBe(400);
  });

  async function signRequest(body: string, signer: "compliance" | "ml"): Promise<string> {
    return new SignJWT({ sha256: createHash("sha256").update(body).digest("hex") })
      .setProtectedHeader({ alg: "HS256", typ: "atlas-explain+jwt" })
      .setIssuer("compliance")
      .setAudience("atlas-gateway")
      .setExpirationTime("60s")
      .sign(deriveContextKey(region.settings.contextSecret, signer));
  }
});

test("the chain of the gateway proves every decision of this suite", async () => {
  const { chain } = await findDecision(await beDenied());
  const { data, errors } = await region.query(
    "query ($id: ID!) { verifyDecisionChain(id: $id) { status faults { position reason } lost } decisionChains { id gaps { reason } } }",
    { id: chain.id },
    officer,
  );
  expect(errors).toBeUndefined();
  expect(data).toMatchObject({
    verifyDecisionChain: { status: "VERIFIED", faults: [], lost: 0 },
    decisionChains: [{ id: chain.id, gaps: [] }],
  });
});
