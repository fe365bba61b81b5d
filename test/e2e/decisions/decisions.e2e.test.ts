/** "Why was this denied?": from the error that a caller sees to the rule, the proof, and the same question asked again. */
import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { compiled } from "../../../infra/local/paths.ts";
import { grantToAnonymous } from "../../support/grantToAnonymous.ts";
import { type Region, startRegion } from "../../support/startRegion.ts";
import { describeAccessExplained, officer } from "./accessExplained.ts";

let region: Region;

beforeAll(async () => {
  region = await startRegion("seeded", { hasShadow: true });
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

const replay = (...args: string[]) =>
  promisify(execFile)(process.execPath, [compiled("infra/policies/replayCommand.js"), ...args], {
    env: { ...process.env, DATABASE_URL: region.database.adminUrl },
  }).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: "" }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  );

describe("a shadow", () => {
  type Shadow = {
    bundleRevision: string | null;
    problem: string | null;
    decisions: { result: string; count: number }[];
    differences: { operationName: string | null; coordinate: string; inForce: string; shadow: string }[];
  };
  const find = async () => {
    const { data, errors } = await region.query<{ policyShadow: Shadow }>(
      `{ policyShadow {
        bundleRevision problem decisions { result count }
        differences { operationName coordinate inForce shadow decisions }
      } }`,
      {},
      officer,
    );
    expect(errors).toBeUndefined();
    return data?.policyShadow;
  };
  const waitForShadow = async (holds: (shadow: Shadow | undefined) => boolean) => {
    for (let attempt = 0; attempt < 600; attempt += 1) {
      const shadow = await find();
      if (holds(shadow)) return shadow;
      await sleep(100);
    }
    throw new Error(`came ${JSON.stringify(await find())}`);
  };

  test("is told in the graph: what it would decide otherwise, where and how often, while nothing changes", async () => {
    expect(await find()).toMatchObject({
      bundleRevision: null,
      problem: null,
      differences: [],
    });
    await region.policies.shadow.release(
      "2026-05-01T00:00:00Z",
      await grantToAnonymous({ Country: ["code"] }),
    );
    await waitForShadow((shadow) => shadow?.bundleRevision === "2026-05-01T00:00:00Z");
    const { data, errors } = await region.query('query Land { country(code: "US") { name } }');
    expect([data, errors]).toEqual([{ country: { name: expect.any(String) } }, undefined]);
    const shadow = await waitForShadow((found) => (found?.differences.length ?? 0) > 0);
    expect(shadow?.differences).toContainEqual({
      operationName: "Land",
      coordinate: "Country.name",
      inForce: "allow",
      shadow: "deny NOT_GRANTED_TO_ANONYMOUS access.anonymous",
      decisions: 1,
    });
    expect(shadow?.decisions).toContainEqual({ result: "STRICTER", count: 1 });
  });

  test("is told to officers and engineers alone", async () => {
    const { errors } = await region.query("{ policyShadow { problem } }", {}, {});
    expect(errors?.[0]?.extensions).toMatchObject({ coordinate: "Query.policyShadow" });
  });
});

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

describe("npm run policy:replay", () => {
  test("asks the bundle of the time again, and says what was denied by which rule", async () => {
    const { decisionId } = await findDecision(
      await beDenied('query Why { country(code: "US") { name } violations { totalCount } }'),
    );
    const { code, stdout } = await replay(decisionId);
    expect(stdout).toContain("FIELDS PARTLY_DENIED: query Why");
    expect(stdout).toMatch(/asked again of bundle 2026-0\d-01T00:00:00Z \([0-9a-f]{12}\): SAME/);
    expect(code).toBe(0);
  });

  test.each([
    ["nothing", [], "Expected npm run policy:replay -- <decision id>"],
    ["an id that is not on record", ["nothing"], "nothing is not on record"],
  ])("says what is wrong with %s", async (_, args, text) => {
    const { code, stderr } = await replay(...args);
    expect(stderr).toContain(text);
    expect(code).toBe(1);
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

// Last, since the chain proves no more afterwards.
test("a replay finds a record that was changed, and so does the chain", async () => {
  const { decisionId, chain } = await findDecision(
    await beDenied("query Tampered { violations { totalCount } }"),
  );
  await region.database.query(
    `UPDATE compliance.decision_question SET verdicts = replace(verdicts::text, '"deny"', '"allow"')::jsonb
     WHERE id IN (SELECT question_id FROM compliance.decision_record WHERE decision_id = $1)`,
    [decisionId],
  );
  const { code, stdout } = await replay(decisionId);
  expect(stdout).toMatch(
    /: DIFFERENT\n {4}Query\.violations {4}allow POLICY_NOT_SATISFIED access\.labels {2}→ {2}deny/,
  );
  expect(code).toBe(2);
  const { data } = await region.query(
    "query ($id: ID!) { verifyDecisionChain(id: $id) { status faults { reason } } }",
    { id: chain.id },
    officer,
  );
  expect(data).toEqual({
    verifyDecisionChain: { status: "BROKEN", faults: [{ reason: "VERDICTS_DIFFER" }] },
  });
});
