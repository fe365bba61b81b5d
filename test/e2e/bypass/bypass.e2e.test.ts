/**
 * Attacks on the policies over the running graph (`npm run test:bypass`): forged tokens, ways round rules on fields, ways
 * to rows, and side channels. Each is one that was published of a gateway, or that this one could have.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { createDisposer } from "../../support/createDisposer.ts";
import { insertSignals } from "../../support/insertSignals.ts";
import { type Region, startRegion } from "../../support/startRegion.ts";
import { fieldAttacks, rowAttacks, type Send, type Target } from "./attacks.ts";
import { forgeTokens } from "./tokens.ts";

const tenant = "attacked";
const secret = `secret-${randomUUID()}`;
const severity = 0.987;
const attacker = { sub: "attacker", tenant, clearance: "amber", region: "us-east" };
const callers = {
  attacker,
  phone: { ...attacker, sub: "phone", roles: ["mobile_user"], clearance: "green" },
  insider: { ...attacker, sub: "insider", roles: ["administrator", "compliance_officer"], clearance: "red" },
};

const disposer = createDisposer();
let region: Region;
let target: Target;
let attacks = 0;
const succeeded: string[] = [];

const send: Send = async (body, as = "attacker") => {
  const authorization =
    as === "anonymous" ? {} : { authorization: `Bearer ${await region.issuer.tokenFor(callers[as])}` };
  const response = await fetch(region.url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json",
      ...authorization,
    },
    body: JSON.stringify(body),
  });
  return response.text();
};

/** Everything that was stored where the attacker may not look says `secret`, and is severe like nothing else. */
function isLeak(text: string): boolean {
  return text.includes(secret) || text.includes(String(severity));
}

function judge(name: string, text: string): void {
  attacks += 1;
  if (isLeak(text)) succeeded.push(name);
  expect(isLeak(text) ? text : "").toBe("");
}

beforeAll(async () => {
  region = disposer.use(await startRegion());
  const { database } = region;
  const [red, allied] = await insertSignals(
    database,
    [{ marking: "RED" }, { marking: "AMBER_STRICT" }].map((row) => ({
      ...row,
      tenant,
      title: secret,
      severity,
    })),
  );
  const [entity] = await database.query<{ id: string; kind: string }>(
    "SELECT id, kind FROM intelligence.entity WHERE kind IN ('VULNERABILITY', 'ORGANISATION') ORDER BY id LIMIT 1",
  );
  const [assessment, person] = [randomUUID(), randomUUID()];
  await database.query(
    `INSERT INTO intelligence.signal_entity (signal_id, entity_id) SELECT unnest($1::uuid[]), $2`,
    [[red?.id, allied?.id], entity?.id],
  );
  await database.query(
    `INSERT INTO intelligence.risk_assessment (id, tenant, residency, title, score, horizon_days, rationale, marking,
       revision, created_at, updated_at) VALUES ($1, $2, 'global', $3, $4, 30, $3, 'RED', 1, now(), now())`,
    [assessment, tenant, secret, severity],
  );
  await database.query(
    `INSERT INTO regions.data_subject (id, tenant, residency, pseudonym, jurisdiction_code) VALUES ($1, $2, 'eu', $3, 'EU')`,
    [person, tenant, secret],
  );
  target = {
    redSignal: `global-signal-${red?.id}`,
    redAssessment: `global-riskassessment-${assessment}`,
    person: `eu-datasubject-${person}`,
    entity: `global-${entity?.kind.toLowerCase()}-${entity?.id}`,
  };
}, 300_000);

afterAll(async () => {
  console.info(
    `${attacks} attacks, ${succeeded.length} successes${succeeded.map((name) => `\n  ${name}`).join("")}`,
  );
  await disposer[Symbol.asyncDispose]();
});

test("what is attacked is there, for who may see it", async () => {
  const found = await send(
    {
      query: `{ signal(id: "${target.redSignal}") { title } riskAssessment(id: "${target.redAssessment}") { title } entity(id: "${target.entity}") { signals(first: 100) { title } } }`,
    },
    "insider",
  );
  expect(found.split(secret)).toHaveLength(5);
});

test("no forged token is believed", async () => {
  for (const { name, token } of await forgeTokens(region.issuer)) {
    attacks += 1;
    const response = await fetch(region.url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: `{ signal(id: "${target.redSignal}") { title } regions { code } }` }),
    });
    const text = await response.text();
    if (response.status !== 401 || isLeak(text)) succeeded.push(name);
    expect([name, response.status, JSON.parse(text)]).toEqual([
      name,
      401,
      { errors: [expect.objectContaining({ extensions: { code: "UNAUTHENTICATED" } })] },
    ]);
  }
});

test.each(fieldAttacks)("a denied field is not reached: $name", async ({ name, run }) => {
  judge(name, await run(send, target));
});

test.each(rowAttacks)("a row that is not for the caller is not reached: $name", async ({ name, run }) => {
  judge(name, await run(send, target));
});

describe("side channels", () => {
  const nobody = randomUUID();
  const pairs: readonly (readonly [string, (id: string) => string, (target: Target) => string])[] = [
    [
      "of a signal",
      (id) => `{ signal(id: "global-signal-${id}") { title country { name } } }`,
      ({ redSignal }) => redSignal.slice("global-signal-".length),
    ],
    [
      "of a node",
      (id) => `{ node(id: "global-signal-${id}") { id __typename } }`,
      ({ redSignal }) => redSignal.slice("global-signal-".length),
    ],
    [
      "of an assessment",
      (id) =>
        `{ riskAssessment(id: "global-riskassessment-${id}") { title prediction { probability } lineage { step } } }`,
      ({ redAssessment }) => redAssessment.slice("global-riskassessment-".length),
    ],
    [
      "of a revision",
      (id) =>
        `mutation { reviseRiskAssessment(input: { id: "global-riskassessment-${id}", expectedRevision: 1, score: 0.1, rationale: "x", idempotencyKey: "${id}" }) { __typename ... on IntelligenceRefusal { reason message } } }`,
      ({ redAssessment }) => redAssessment.slice("global-riskassessment-".length),
    ],
  ];
  test.each(pairs)("the answer %s is the same whether it is there or not", async (name, text, find) => {
    attacks += 1;
    const id = find(target);
    const there = (await send({ query: text(id) }))
      .replaceAll(id, "ID")
      .replaceAll(/"decisionId":"[^"]*"/g, "");
    const absent = (await send({ query: text(nobody) }))
      .replaceAll(nobody, "ID")
      .replaceAll(/"decisionId":"[^"]*"/g, "");
    if (there !== absent) succeeded.push(name);
    expect(there).toBe(absent);
  });

  const counts: readonly (readonly [string, string])[] = [
    ["a total", "{ signals(first: 1) { totalCount } }"],
    ["a total of a country", `{ country(code: "DE") { signals(first: 1) { totalCount } } }`],
    ["what a source has", `{ source(code: "analyst") { signalCount } }`],
    ["what a region took in", `{ region(code: "us-east") { ingestion { signalCount lastSignalAt } } }`],
    ["a total of assessments", "{ riskAssessments(first: 1) { totalCount } }"],
    [
      "a page that goes on",
      `{ signals(first: 1, filter: { minSeverity: 0.98 }) { pageInfo { hasNextPage endCursor } } }`,
    ],
  ];
  test.each(counts)("%s does not change with rows that are not the caller's to see", async (name, query) => {
    attacks += 1;
    const before = await send({ query });
    await insertSignals(region.database, [{ marking: "RED", tenant, title: secret, severity }]);
    await region.database.query(
      `INSERT INTO intelligence.risk_assessment (id, tenant, residency, title, score, horizon_days, rationale, marking,
         revision, created_at, updated_at) VALUES (gen_random_uuid(), $1, 'global', 'x', 0.5, 30, 'x', 'RED', 1, now(), now())`,
      [tenant],
    );
    const after = await send({ query });
    if (before !== after) succeeded.push(name);
    expect(after).toBe(before);
  });
});

test("a subscription tells of no signal above the caller's clearance", async () => {
  attacks += 1;
  const token = await region.issuer.tokenFor(callers.attacker);
  const client = createClient({
    url: region.url.replace("http", "ws"),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
  });
  try {
    const events = client.iterate({ query: "subscription { signalReceived { title severity marking } }" });
    const first = events.next();
    // Until the subscription stands; whatever comes first, it is not one of these.
    const insert = async () => {
      await insertSignals(region.database, [
        { marking: "RED", tenant, title: secret, severity },
        { marking: "AMBER", tenant, title: "may be read", severity: 0.5 },
      ]);
    };
    const timer = setInterval(() => void insert(), 500);
    const { value } = await first.finally(() => clearInterval(timer));
    const told = JSON.stringify(value);
    if (isLeak(told)) succeeded.push("a subscription");
    expect(value).toEqual({
      data: { signalReceived: { title: "may be read", severity: 0.5, marking: "AMBER" } },
    });
  } finally {
    await client.dispose();
  }
}, 60_000);

test("every attack was made, and none succeeded", () => {
  expect(attacks).toBeGreaterThan(60);
  expect(succeeded).toEqual([]);
});
