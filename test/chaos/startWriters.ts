/** Clients in every region that write until they are stopped: hot rows of everybody, rows of one jurisdiction, signals. */
import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { DatabaseNode } from "../support/mesh/startNode.ts";
import type { History, Write } from "./history.ts";
import { createRandom, type Random, toUuid } from "./random.ts";

/** Rows that all regions write at the same time. */
const hotRows = 30;
/** A client that hears nothing for so long goes away, as a gateway does; what became of its commit it does not know. */
const patienceMs = 4_000;

export type Writers = { readonly stop: () => Promise<void> };

export function startWriters(
  nodes: readonly DatabaseNode[],
  history: History,
  { seed, isServing }: { readonly seed: number; readonly isServing: (region: string) => boolean },
): Writers {
  const stopping = new AbortController();
  // Every writer listens while it pauses.
  setMaxListeners(0, stopping.signal);
  const shared = createRandom(seed);
  const hot = Array.from({ length: hotRows }, () => toUuid(shared));
  const loops = nodes.flatMap((node, index) => {
    const resident = node.member.holds[1] ?? "global";
    const own = Array.from({ length: 10 }, () => toUuid(shared));
    const kinds = [
      (random: Random) => writeAssessment("hot", "global", random.pick(hot), random),
      (random: Random) => writeAssessment("resident", resident, random.pick(own), random),
      (random: Random) => writeConsent(random.pick(["global", resident]), toUuid(random), toUuid(random)),
      (random: Random) => writeSignal(random.pick(["global", resident]), toUuid(random), node.member.region),
    ];
    return kinds.map((make, kind) => write(node, createRandom(seed * 100 + index * 10 + kind), make));
  });

  async function write(
    node: DatabaseNode,
    random: Random,
    make: (random: Random) => Statement,
  ): Promise<void> {
    const { signal } = stopping;
    let client: pg.Client | undefined;
    for (
      ;
      !signal.aborted;
      await delay(random.between(5, 30), undefined, { signal }).catch(() => undefined)
    ) {
      if (!isServing(node.member.region)) {
        await client?.end().catch(() => undefined);
        client = undefined;
        continue;
      }
      const statement = make(random);
      try {
        client ??= await open(node);
      } catch {
        history.refused.set("connect", (history.refused.get("connect") ?? 0) + 1);
        continue;
      }
      if (!(await writeOne(client, node.member.region, statement, history))) {
        await client.end().catch(() => undefined);
        client = undefined;
      }
    }
    await client?.end().catch(() => undefined);
  }

  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

type Statement = Pick<Write, "kind" | "durability" | "residency" | "pk"> & {
  readonly role: string;
  readonly sql: string;
  readonly values: readonly unknown[];
};

/** False when the connection is of no more use. */
async function writeOne(
  client: pg.Client,
  region: string,
  { role, sql, values, ...told }: Statement,
  history: History,
): Promise<boolean> {
  const startedAtMs = performance.now();
  let isCommitting = false;
  try {
    await client.query("BEGIN");
    // The rights of the subgraph that owns the table; the checker's look into the log needs more.
    await client.query(`SET LOCAL ROLE ${role}`);
    if (told.durability === "wait") await client.query("SELECT replication.wait_for_peers()");
    const { rowCount } = await client.query(sql, [...values]);
    await client.query("RESET ROLE");
    const { rows } = await client.query<Pick<Write, "origin" | "seq" | "hlc">>(
      "SELECT origin, seq, hlc FROM replication.change JOIN replication.self USING (origin) WHERE pk = $1 AND tx = pg_current_xact_id()",
      [told.pk],
    );
    isCommitting = true;
    await client.query("COMMIT");
    const [change] = rows;
    if (change !== undefined && (rowCount ?? 0) > 0)
      history.acknowledged.push({ ...told, ...change, region, startedAtMs, endedAtMs: performance.now() });
    return true;
  } catch (error) {
    const code = error instanceof pg.DatabaseError ? (error.code ?? "") : "";
    if (isCommitting) {
      history.unknown += 1;
      return false;
    }
    history.refused.set(code, (history.refused.get(code) ?? 0) + 1);
    return client.query("ROLLBACK").then(
      () => true,
      () => false,
    );
  }
}

async function open(node: DatabaseNode): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: node.adminUrl,
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
  });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

let written = 0;

function writeAssessment(kind: "hot" | "resident", residency: string, id: string, random: Random): Statement {
  const told = { kind, durability: "wait", residency, pk: id, role: "atlas_intelligence" } as const;
  if (random.next() < 0.15)
    return { ...told, sql: "DELETE FROM intelligence.risk_assessment WHERE id = $1", values: [id] };
  written += 1;
  const title = `${random.next() < 0.05 ? "poison" : "write"} ${written}`;
  return {
    ...told,
    sql: `INSERT INTO intelligence.risk_assessment (id, tenant, residency, title, score, horizon_days, rationale, marking, revision, created_at, updated_at)
      VALUES ($1, 'acme', $2, $3, $4, 30, 'why', 'GREEN', 1, now(), now())
      ON CONFLICT (id) DO UPDATE SET title = excluded.title, score = excluded.score, updated_at = now()`,
    values: [id, residency, title, random.next()],
  };
}

function writeConsent(residency: string, id: string, subject: string): Statement {
  return {
    kind: "consent",
    durability: "wait",
    residency,
    pk: id,
    role: "atlas_regions",
    sql: "INSERT INTO regions.consent (id, tenant, residency, subject_id, purpose, decision, version, recorded_by) VALUES ($1, 'acme', $2, $3, 'research', 'GRANTED', 1, 'chaos')",
    values: [id, residency, subject],
  };
}

function writeSignal(residency: string, id: string, region: string): Statement {
  return {
    kind: "signal",
    durability: "local",
    residency,
    pk: id,
    role: "atlas_intelligence",
    sql: `INSERT INTO intelligence.signal (id, tenant, residency, source_code, source_id, domain, kind, title, severity, confidence, marking, observed_at, updated_at, ingest_region_code)
      VALUES ($1, 'acme', $2, 'chaos', $1::uuid::text, 'CYBER', 'x', 't', 0.5, 0.5, 'CLEAR', now(), now(), $3)`,
    values: [id, residency, region],
  };
}
