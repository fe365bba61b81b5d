/** The record of decisions, from a gateway's log to the graph: nothing is lost unseen, and nothing is changed unseen. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { createDecisionLog, type DecisionLog } from "../../gateway/decisionLog/createDecisionLog.ts";
import { createSendDecisions, type SendDecisions } from "../../gateway/decisionLog/sendDecisions.ts";
import { createLog } from "../../gateway/observability/log.ts";
import { createMetrics } from "../../gateway/observability/metrics.ts";
import { deriveContextKey } from "../../gateway/stages/signContext.ts";
import { builtBundle } from "../../infra/policies/signLocalPolicies.ts";
import type { DecisionBatch } from "../../policies/runtime/decisionChain.ts";
import { loadPolicyBundle, type PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";
import { deriveSubjectKey } from "../../policies/runtime/subjectHash.ts";
import { denied, makeDecision } from "../../test/support/makeDecisions.ts";
import { startDatabase, type TestDatabase } from "../../test/support/startDatabase.ts";
import { type RunningSubgraph, startSubgraph } from "../../test/support/startSubgraph.ts";
import { openDb } from "./db.ts";
import { reportGaps } from "./jobs/reportGaps.ts";
import { reportSilentChains } from "./jobs/watchChains.ts";

let database: TestDatabase;
let compliance: RunningSubgraph;
let bundle: PolicyBundle;
let contextKey: Uint8Array;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  compliance = await startSubgraph("compliance", database);
  // Every decision is kept here; what the policies sample is another test's.
  bundle = {
    ...(await loadPolicyBundle(builtBundle, { trust: { kind: "unsigned" } })),
    decideRecording: async () => ({ share: 1, masks: { "caller.subject": "hash" } }),
  };
  contextKey = deriveContextKey(compliance.contextSecret, "compliance");
}, 180_000);
afterAll(async () => {
  await compliance?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

const intake = () => compliance.url.replace("/graphql", "/decisions");
const silent = createLog("silent", "us-east");

function startLog(send: SendDecisions, queueMax = 10_000): DecisionLog {
  return createDecisionLog({
    region: "us-east",
    subjectKey: deriveSubjectKey(contextKey),
    send,
    queueMax,
    log: silent,
    metrics: createMetrics(),
  });
}

const toCompliance = (): SendDecisions => createSendDecisions({ url: intake(), contextKey });

async function ask<Result>(query: string, variables: Record<string, unknown> = {}): Promise<Result> {
  const { data, errors } = await compliance.query<{ result: Result }>(query, variables);
  expect(errors).toBeUndefined();
  if (!data) throw new Error("no data");
  return data.result;
}

async function waitFor<Result>(
  look: () => Promise<Result>,
  holds: (result: Result) => boolean,
): Promise<Result> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const result = await look();
    if (holds(result)) return result;
    await sleep(50);
  }
  throw new Error("did not come to hold");
}

type Chain = {
  id: string;
  endedAt: string | null;
  entries: number;
  gaps: { reason: string; decisions: number }[];
};

const findChain = async (id: string): Promise<Chain | undefined> =>
  (
    await ask<Chain[]>(
      "{ result: decisionChains(first: 100) { id endedAt entries gaps { reason decisions } } }",
    )
  ).find((chain) => chain.id === id);

const stored = (id: string, entries: number) =>
  waitFor(
    () => findChain(id),
    (chain) => (chain?.entries ?? 0) >= entries,
  );

type Verification = { status: string; entries: number; decisions: number; lost: number; faults: unknown[] };
const verify = (id: string) =>
  ask<Verification>(
    `query ($id: ID!) { result: verifyDecisionChain(id: $id) { status entries decisions lost skipped faults { position reason } } }`,
    { id },
  );

/** A chain of five decisions and its beginning, which is on record. */
async function recordFive(): Promise<{ readonly id: string; readonly decisions: readonly string[] }> {
  const log = startLog(toCompliance());
  const decisions = Array.from({ length: 5 }, () => makeDecision(bundle));
  log.record(decisions);
  await log.close();
  const { chain: id } = log.health();
  await stored(id, 7);
  return { id, decisions: decisions.map((decision) => decision.id) };
}

/** A chain of one decision whose gateway says nothing any more. */
async function recordWithoutEnd(): Promise<string> {
  const sent: DecisionBatch[] = [];
  const log = startLog(async (batch) => void sent.push(batch));
  log.record([makeDecision(bundle)]);
  while (sent.length < 2) await sleep(10);
  const send = toCompliance();
  for (const batch of sent) await send(batch);
  await log.close();
  const { chain: id } = log.health();
  await stored(id, 2);
  return id;
}

async function findViolations(chain: string) {
  type Found = { edges: { node: { subject: string } }[] };
  const { edges } = await ask<Found>(
    "{ result: violations(first: 100) { edges { node { subject status severity control { code } } } } }",
  );
  return edges.map(({ node }) => node).filter(({ subject }) => subject.includes(chain));
}

async function readMetric(name: string): Promise<number> {
  const text = await (await fetch(compliance.url.replace("/graphql", "/metrics"))).text();
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${name} `));
  return Number(line?.split(" ").at(-1));
}

describe("a decision", () => {
  test("is found by its id, with what was decided, by which rule, and by whom it was asked only hashed", async () => {
    const log = startLog(toCompliance());
    const decision = makeDecision(bundle, {
      outcome: "partly-denied",
      verdicts: denied,
      crossesJurisdiction: true,
      input: '{"caller":{"subject":"test-analyst"},"of":"this test"}',
    });
    const further = makeDecision(bundle, {
      id: decision.id,
      sequence: 1,
      question: "objects",
      operation: decision.operation,
    });
    log.record([decision, further]);
    const found = await waitFor(
      () =>
        ask<{ others: { question: string }[]; subjectHash: string } | null>(
          `query ($id: ID!) { result: decision(decisionId: $id) {
            decisionId sequence question outcome denied bundleDigest inputHash operationName latencyMs masked
            crossesJurisdiction regionCode subjectHash verdicts { coordinate outcome reason rule count }
            chain { id } position others { question sequence }
          } }`,
          { id: decision.id },
        ),
      (result) => result !== null,
    );
    expect(found).toMatchObject({
      decisionId: decision.id,
      question: "FIELDS",
      outcome: "PARTLY_DENIED",
      denied: ["Signal.source"],
      bundleDigest: bundle.digest,
      inputHash: decision.inputHash,
      operationName: "FirstLook",
      latencyMs: 0.25,
      masked: ["caller.subject"],
      crossesJurisdiction: true,
      regionCode: "us-east",
      verdicts: [
        { coordinate: "Query.country", outcome: "ALLOW", reason: "ALLOWED", rule: "", count: 1 },
        {
          coordinate: "Signal.source",
          outcome: "DENY",
          reason: "POLICY_NOT_SATISFIED",
          rule: "access.labels",
          count: 1,
        },
      ],
      chain: { id: log.health().chain },
      position: 2,
      others: [{ question: "OBJECTS", sequence: 1 }],
    });
    expect(found?.subjectHash).toMatch(/^[\w-]{43}$/);
    const everything = await database.query<{ text: string }>(
      "SELECT (SELECT string_agg(entry, '') FROM compliance.decision_entry) || (SELECT string_agg(input, '') FROM compliance.decision_question) AS text",
    );
    expect(everything[0]?.text).not.toContain("test-analyst");
    await log.close();
  });

  test("is listed by what it denied, whom it is about, and page by page", async () => {
    const log = startLog(toCompliance());
    const subject = `person ${randomUUID()}`;
    const caller = { subject, tenant: "acme", region: "eu-west" };
    const made = Array.from({ length: 5 }, (_, at) =>
      makeDecision(bundle, {
        caller,
        decidedAt: Date.parse("2026-03-03T12:00:00Z") + at,
        ...(at % 2 === 0 && { outcome: "denied", verdicts: denied, input: `{"denied":true}` }),
      }),
    );
    log.record(made);
    log.record([makeDecision(bundle, { caller: { ...caller, tenant: "umbrella" } })]);
    await log.close();
    await stored(log.health().chain, 8);
    type Page = {
      totalCount: number;
      pageInfo: { hasNextPage: boolean; endCursor: string };
      edges: { node: { decisionId: string } }[];
    };
    const list = (filter: object, after?: string) =>
      ask<Page>(
        `query ($filter: DecisionFilter, $after: String) { result: decisions(filter: $filter, first: 2, after: $after) {
          totalCount pageInfo { hasNextPage endCursor } edges { node { decisionId } } } }`,
        { filter, after },
      );
    const ids = made.map(({ id }) => id).reverse();
    const first = await list({ subject });
    expect(first.totalCount).toBe(5);
    const second = await list({ subject }, first.pageInfo.endCursor);
    const third = await list({ subject }, second.pageInfo.endCursor);
    expect([first, second, third].flatMap(({ edges }) => edges.map(({ node }) => node.decisionId))).toEqual(
      ids,
    );
    expect(third.pageInfo.hasNextPage).toBe(false);
    const denials = await list({
      subject,
      coordinate: "Signal.source",
      reason: "POLICY_NOT_SATISFIED",
      outcomes: ["DENIED"],
    });
    expect(denials.totalCount).toBe(3);
    expect((await list({ subject, since: "2026-03-03T12:00:00.003Z" })).totalCount).toBe(2);
    expect((await list({ subject: "somebody else" })).totalCount).toBe(0);
  });
});

describe("a chain", () => {
  test("is verified from its beginning to its end", async () => {
    const { id } = await recordFive();
    expect(await verify(id)).toEqual({
      status: "VERIFIED",
      entries: 7,
      decisions: 5,
      lost: 0,
      skipped: 0,
      faults: [],
    });
    expect(await findChain(id)).toMatchObject({ endedAt: expect.any(String), gaps: [] });
    expect(await ask('{ result: verifyDecisionChain(id: "nothing") { status } }')).toBeNull();
  });

  test.each<[string, string, object[]]>([
    [
      "a decision was taken out",
      "DELETE FROM compliance.decision_entry WHERE chain_id = $1 AND seq = 4",
      [{ position: 4, reason: "ENTRY_MISSING" }],
    ],
    [
      "an entry was changed",
      `UPDATE compliance.decision_entry SET entry = replace(entry, '"allowed"', '"denied"') WHERE chain_id = $1 AND seq = 3`,
      [
        { position: 3, reason: "HASH_MISMATCH" },
        { position: 3, reason: "RECORD_DIFFERS" },
      ],
    ],
    [
      "the row of a decision was changed",
      "UPDATE compliance.decision_record SET outcome = 'DENIED' WHERE chain_id = $1 AND seq = 5",
      [{ position: 5, reason: "RECORD_DIFFERS" }],
    ],
    [
      "the row of a decision was taken out",
      "DELETE FROM compliance.decision_record WHERE chain_id = $1 AND seq = 2",
      [{ position: 2, reason: "RECORD_DIFFERS" }],
    ],
    [
      "two entries were exchanged",
      `UPDATE compliance.decision_entry e SET entry = o.entry FROM compliance.decision_entry o
       WHERE e.chain_id = $1 AND o.chain_id = $1 AND e.seq + o.seq = 7 AND e.seq IN (3, 4)`,
      [{ position: 3, reason: "HASH_MISMATCH" }],
    ],
  ])("is broken where %s", async (_, sql, faults) => {
    const { id } = await recordFive();
    await database.query(sql, [id]);
    const verification = await verify(id);
    expect(verification.status).toBe("BROKEN");
    expect(verification.faults).toEqual(expect.arrayContaining(faults));
  });

  test("is broken where the verdicts of a question were changed", async () => {
    const log = startLog(toCompliance());
    const input = JSON.stringify({ once: randomUUID() });
    const decision = makeDecision(bundle, { input, verdicts: denied, outcome: "partly-denied" });
    log.record([decision]);
    await log.close();
    const { chain: id } = log.health();
    await stored(id, 3);
    await database.query(
      `UPDATE compliance.decision_question q SET verdicts = jsonb_set(q.verdicts, '{1,outcome}', '"allow"')
       FROM compliance.decision_record r WHERE r.question_id = q.id AND r.decision_id = $1`,
      [decision.id],
    );
    expect(await verify(id)).toMatchObject({
      status: "BROKEN",
      faults: [{ position: 2, reason: "VERDICTS_DIFFER" }],
    });
  });

  test("cannot be changed by the subgraph itself", async () => {
    const { id } = await recordFive();
    const role = database.urlOf("compliance");
    const { Client } = (await import("pg")).default;
    const client = new Client({ connectionString: role });
    await client.connect();
    for (const table of ["decision_entry", "decision_record"]) {
      await expect(client.query(`DELETE FROM compliance.${table} WHERE chain_id = $1`, [id])).rejects.toThrow(
        "permission denied",
      );
    }
    await client.end();
  });

  test("is told once, though its batches come twice, and its gap is told when one does not come", async () => {
    const sent: DecisionBatch[] = [];
    const log = startLog(async (batch) => void sent.push(batch));
    for (let at = 0; at < 3; at += 1) {
      log.record([makeDecision(bundle), makeDecision(bundle)]);
      const count = sent.length;
      while (sent.length === count) await sleep(10);
    }
    await log.close();
    const send = toCompliance();
    const [first, second, lost, ...rest] = sent;
    if (!first || !second || !lost) throw new Error("expected more batches");
    for (const batch of [first, first, second, second, ...rest, first]) await send(batch);
    const { chain: id } = log.health();
    const chain = await stored(id, 8);
    expect(chain?.gaps).toEqual([{ reason: "ENTRIES_MISSING", decisions: lost.entries.length }]);
    const verification = await verify(id);
    expect(verification).toMatchObject({ status: "BROKEN", decisions: 4 });
    expect(verification.faults).toEqual([expect.objectContaining({ reason: "ENTRY_MISSING" })]);
    expect(await findViolations(id)).toEqual([
      {
        status: "OPEN",
        severity: "HIGH",
        control: { code: "GDPR-5" },
        subject: expect.stringContaining("ENTRIES_MISSING at entry"),
      },
    ]);
    expect(await readMetric('atlas_decision_gaps{reason="ENTRIES_MISSING"}')).toBeGreaterThan(0);
    expect(await readMetric('atlas_decisions_missing{reason="ENTRIES_MISSING"}')).toBeGreaterThan(0);
  });

  test("of a gateway that died has a gap, told once and to those who look for violations", async () => {
    await recordFive();
    const id = await recordWithoutEnd();
    const db = openDb({ url: database.urlOf("compliance"), applicationName: "test" });
    const log = pino({ level: "silent" });
    await reportSilentChains({ db, log }, new Date(0));
    expect((await findChain(id))?.gaps).toEqual([]);
    for (let at = 0; at < 2; at += 1) await reportSilentChains({ db, log }, new Date(Date.now() + 60_000));
    await db.close();
    expect((await findChain(id))?.gaps).toEqual([{ reason: "NOT_ENDED", decisions: 0 }]);
    expect(await findViolations(id)).toMatchObject([
      { status: "OPEN", subject: expect.stringContaining("NOT_ENDED") },
    ]);
    expect(await readMetric('atlas_decision_gaps{reason="NOT_ENDED"}')).toBe(1);
  });

  test("that was found whole again, and then not, opens its violation anew", async () => {
    const id = await recordWithoutEnd();
    const db = openDb({ url: database.urlOf("compliance"), applicationName: "test" });
    const report = (seq: bigint) =>
      db.inTransaction((queries) =>
        reportGaps(queries, { id, regionCode: "us-east" }, [{ seq, reason: "ENTRIES_MISSING" }], new Date()),
      );
    await report(2n);
    await database.query(
      "UPDATE compliance.violation SET status = 'RESOLVED', resolved_at = now() WHERE subject LIKE $1",
      [`%${id}%`],
    );
    await report(9n);
    await db.close();
    expect(await findViolations(id)).toMatchObject([
      { status: "OPEN", subject: expect.stringContaining("entry 9") },
    ]);
  });
});

describe("a gateway whose record does not answer", () => {
  test("keeps what it can, tells how much it could not, and lets nothing in when there is no room", async () => {
    let isAway = true;
    const send = toCompliance();
    const log = startLog(async (batch) => {
      if (isAway) throw new Error("away");
      await send(batch);
    }, 100);
    while (log.health().problem === undefined) await sleep(10);
    const denial = () => makeDecision(bundle, { outcome: "denied", verdicts: denied, input: "{}" });
    log.record(Array.from({ length: 120 }, () => makeDecision(bundle)));
    expect(log.health().queued).toBe(90);
    expect(() => log.assertRoom()).not.toThrow();
    log.record(Array.from({ length: 12 }, denial));
    expect(log.health().queued).toBe(100);
    expect(() => log.assertRoom()).toThrow("Too many decisions wait to be put on record");
    isAway = false;
    await waitFor(
      async () => log.health(),
      ({ queued, problem }) => queued === 0 && problem === undefined,
    );
    expect(() => log.assertRoom()).not.toThrow();
    await log.close();
    const { chain: id } = log.health();
    const chain = await stored(id, 103);
    expect(chain?.gaps).toEqual([{ reason: "QUEUE_FULL", decisions: 32 }]);
    expect(await verify(id)).toMatchObject({ status: "INCOMPLETE", decisions: 100, lost: 32 });
  });
});

describe("the intake", () => {
  const post = (headers: Record<string, string>, body = "{}") =>
    fetch(intake(), { method: "POST", headers: { "content-type": "application/json", ...headers }, body });

  test("takes nothing that the gateway has not signed", async () => {
    expect((await post({})).status).toBe(401);
    expect((await post({ "atlas-decisions": "nonsense" })).status).toBe(401);
    const log: DecisionBatch[] = [];
    const keeping = startLog(async (batch) => void log.push(batch));
    await keeping.close();
    const other = createSendDecisions({
      url: intake(),
      contextKey: deriveContextKey(compliance.contextSecret, "ml"),
    });
    await expect(other(log[0] as DecisionBatch)).rejects.toThrow("came 401");
  });
});
