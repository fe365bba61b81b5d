/** A rule's mode, policy by policy, over the running graph: `reject` refuses the operation as a whole, `dry-run` only tells. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { builtBundle } from "../../../infra/policies/signLocalPolicies.ts";
import { changePolicyData } from "../../support/changePolicyData.ts";
import { createDisposer } from "../../support/createDisposer.ts";
import { eventually } from "../../support/eventually.ts";
import { insertSignals } from "../../support/insertSignals.ts";
import { type Region, startRegion } from "../../support/startRegion.ts";
import { type PoliciesWatch, watchPolicies } from "../../support/watchPolicies.ts";

jest.setTimeout(180_000);

const disposer = createDisposer();
const tenant = "modes";
let region: Region;
let watch: PoliciesWatch;
let built: Buffer;
let red: string;

const withModes = (modes: Readonly<Record<string, string>>) =>
  changePolicyData(built, (data) => ({ ...data, modes }));
const enforceAllBut = async (modes: Readonly<Record<string, string>>) =>
  watch.swap(region.policies, await withModes(modes));
const as = { sub: "somebody", tenant, clearance: "amber" };

beforeAll(async () => {
  built = await readFile(builtBundle);
  region = disposer.use(await startRegion());
  watch = watchPolicies(new URL(region.url).origin);
  const [signal] = await insertSignals(region.database, [
    { tenant, marking: "RED", title: "Not for everybody" },
  ]);
  red = `global-signal-${signal?.id}`;
});
afterAll(async () => disposer[Symbol.asyncDispose]());

const signal = { query: "query ($id: ID!) { signal(id: $id) { title } regions { code } }" };
const askSignal = (claims: object = as) =>
  region.query<{ signal: { title: string } | null; regions: { code: string }[] }>(
    signal.query,
    { id: red },
    claims,
  );
const countSignals = async () =>
  (
    await region.database.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM intelligence.signal WHERE tenant = $1",
      [tenant],
    )
  )[0]?.count;

describe("a rule on fields", () => {
  const mixed = "{ regions { code } dataSubjects(first: 1) { totalCount } }";
  const write = `mutation {
    recordSignal(input: { domain: CYBER, kind: "test", title: "Written", severity: 0.1, confidence: 1, marking: CLEAR,
      observedAt: "2026-03-03T12:00:00Z", idempotencyKey: "mode" }) { __typename }
    recordConsent(input: { subjectId: "eu-datasubject-00000000-0000-4000-8000-000000000000", purpose: "research",
      decision: GRANTED, idempotencyKey: "mode" }) { __typename }
  }`;

  test("of mode enforce takes its field and leaves the rest", async () => {
    const { data, errors } = await region.query<{ regions: unknown[] }>(mixed, {}, as);
    expect(data).toEqual({ regions: expect.anything(), dataSubjects: null });
    expect(errors).toMatchObject([
      { path: ["dataSubjects"], extensions: { reason: "POLICY_NOT_SATISFIED" } },
    ]);
  });

  test("of mode reject refuses the operation: nothing is fetched, and a mutation does not run", async () => {
    await enforceAllBut({ "access.labels": "reject", "access.scopes": "reject" });
    const { data, errors } = await region.query(mixed, {}, as);
    expect(data ?? null).toBeNull();
    expect(errors).toMatchObject([
      {
        path: ["dataSubjects"],
        extensions: {
          code: "UNAUTHORIZED_FIELD_OR_TYPE",
          coordinate: "Query.dataSubjects",
          decisionId: expect.any(String),
        },
      },
    ]);
    const before = await countSignals();
    const refused = await region.query(write, {}, as);
    expect(refused.data ?? null).toBeNull();
    expect(refused.errors?.map(({ extensions }) => extensions?.coordinate)).toContain(
      "Mutation.recordConsent",
    );
    expect(await countSignals()).toBe(before);
    // What nobody objects to is answered as ever.
    expect((await region.query("{ regions { code } }", {}, as)).errors).toBeUndefined();
  });

  test("of mode reject leaves the others as they are", async () => {
    await enforceAllBut({ "access.scopes": "reject" });
    const { data, errors } = await region.query(mixed, {}, as);
    expect(data).toEqual({ regions: expect.anything(), dataSubjects: null });
    expect(errors).toHaveLength(1);
  });

  test("of mode dry-run denies nobody, while the others do", async () => {
    await enforceAllBut({ "access.labels": "dry-run" });
    expect((await region.query(mixed, {}, as)).errors).toBeUndefined();
    const { errors } = await region.query("{ dataSubjects(first: 100) { totalCount } }", {}, as);
    expect(errors).toMatchObject([{ extensions: { reason: "TOO_MANY_AT_ONCE" } }]);
  });
});

describe("a rule on rows", () => {
  test("of mode enforce leaves out its rows", async () => {
    await enforceAllBut({});
    expect((await askSignal()).data).toMatchObject({ signal: null });
  });

  test("of mode dry-run leaves out nothing, in lists and counts too, and the record has what it would have done", async () => {
    await enforceAllBut({ "access.clearance": "dry-run" });
    expect((await askSignal()).data).toMatchObject({ signal: { title: "Not for everybody" } });
    const { data } = await region.query(
      "{ signals(first: 100, filter: { domains: [CYBER] }) { totalCount edges { node { id } } } }",
      {},
      as,
    );
    expect(JSON.stringify(data)).toContain(red);
    await eventually(async () => {
      const told = await region.database.query(
        `SELECT 1 FROM compliance.decision_question
         WHERE verdicts @> '[{"dryRun": [{"rule": "access.clearance", "reason": "CLEARANCE_TOO_LOW"}]}]'`,
      );
      expect(told.length).toBeGreaterThan(0);
    });
  });

  test("cannot be of mode reject, since an operation is refused before it runs", async () => {
    const { revision } = await watch.health();
    await region.policies.release(watch.nextRevision(), await withModes({ "access.clearance": "reject" }));
    const health = await watch.waitFor(({ problem }) => problem !== undefined);
    expect(health).toMatchObject({
      revision,
      problem: {
        text: expect.stringContaining("access.clearance has mode reject: expected enforce or dry-run"),
      },
    });
    expect((await askSignal()).data).toMatchObject({ signal: { title: "Not for everybody" } });
  });
});
