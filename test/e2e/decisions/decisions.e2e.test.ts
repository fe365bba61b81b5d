/** "Why was this denied?": from the error that a caller sees to the rule, the proof, and the same question asked again. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { grantToAnonymous } from "../../support/grantToAnonymous.ts";
import { type Region, startRegion } from "../../support/startRegion.ts";
import { describeAccessExplained, officer } from "./accessExplained.ts";

let region: Region;

beforeAll(async () => {
  region = await startRegion();
}, 180_000);
afterAll(async () => region?.[Symbol.asyncDispose]());

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

describeAccessExplained(() => region);

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
