/**
 * The statements of ingestion, through pg rather than Prisma: each is one round trip for hundreds of rows. Rows travel as
 * one JSON parameter; statements are named, so that PostgreSQL reads them once for each connection.
 */
import pg from "pg";
import type { IngestSignal } from "../ingest/ingestSignal.ts";
import type { Webhook } from "../ingest/serveWebhook.ts";

export type OutboxMessage = { readonly topic: string; readonly key: string; readonly value: string };

export type QuarantinedSignal = {
  readonly id: string;
  readonly tenant: string;
  readonly sourceCode: string | null;
  readonly reason: string;
  readonly message: string;
  readonly record: string;
};

/** How many records of a source went which way. `reason` is empty where the outcome says it all. */
export type Tally = {
  readonly tenant: string;
  /** Empty for records of no known source. */
  readonly sourceCode: string;
  readonly outcome: IngestOutcome;
  readonly reason: string;
  readonly count: number;
};

export type IngestOutcome =
  /** New. */
  | "stored"
  /** Newer than what was stored. */
  | "updated"
  /** Stored before, the same. */
  | "duplicate"
  /** Older than what is stored. */
  | "outdated"
  /** As old as what is stored, and says something else. */
  | "contradictory"
  /** Refused at the door, and kept for its sender to see. */
  | "quarantined"
  /** Refused because its source sends too much. */
  | "capped"
  /** Refused on the way to the table, and kept in the parking topic. */
  | "parked"
  /** Sent once more from the parking topic. */
  | "replayed";

export type OutcomeCount = { readonly outcome: string; readonly reason: string; readonly count: number };

export type NewWebhook = Pick<Webhook, "tenant" | "sourceCode"> & { readonly code: string };

export type IngestDb = ReturnType<typeof openIngestDb>;

export type Upserted = { readonly id: string; readonly outcome: UpsertOutcome };
export type UpsertOutcome =
  | "stored"
  | "updated"
  | "duplicate"
  | "outdated"
  | "contradictory"
  | "residency-changed";

export function openIngestDb(options: { readonly url: string; readonly regionCode: string }) {
  const { url, regionCode } = options;
  const pool = new pg.Pool({
    connectionString: url,
    application_name: "atlas-ingest",
    max: 4,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
    // A plan that was made for an empty table scans it as a whole, and would be kept while the table grows.
    options: "-c plan_cache_mode=force_custom_plan",
  });
  // Connections that break while idle; whoever asks next gets a new one.
  pool.on("error", () => undefined);

  return {
    findSourceCodes: async (): Promise<readonly string[]> => {
      const { rows } = await pool.query<{ code: string }>("SELECT code FROM intelligence.source");
      return rows.map(({ code }) => code);
    },

    findWebhook: async (code: string): Promise<Webhook | null> => {
      // PostgreSQL stores no text with this character and would refuse the question.
      if (code.includes("\0")) return null;
      const { rows } = await pool.query<Webhook>(
        `SELECT tenant, source_code AS "sourceCode", key_version AS "keyVersion", old_key_until AS "oldKeyUntil"
         FROM intelligence.webhook WHERE code = $1`,
        [code],
      );
      return rows[0] ?? null;
    },

    /** Answers the version of its key: the next one when `rotates`. Null, with nothing changed, for another tenant's. */
    storeWebhook: async (
      { code, tenant, sourceCode }: NewWebhook,
      rotates: boolean,
    ): Promise<number | null> => {
      const { rows } = await pool.query<{ version: number }>(
        `INSERT INTO intelligence.webhook AS stored (code, tenant, source_code) VALUES ($1, $2, $3)
         ON CONFLICT (code) DO UPDATE SET source_code = EXCLUDED.source_code,
           key_version = stored.key_version + $4::boolean::int,
           old_key_until = CASE WHEN $4 THEN now() + interval '1 day' ELSE stored.old_key_until END
           WHERE stored.tenant = EXCLUDED.tenant
         RETURNING key_version AS version`,
        [code, tenant, sourceCode, rotates],
      );
      return rows[0]?.version ?? null;
    },

    /** Durable when it resolves: outbox, quarantine and counts in one transaction. */
    accept: async (
      messages: readonly OutboxMessage[],
      quarantined: readonly QuarantinedSignal[] = [],
      tallies: readonly Tally[] = [],
    ): Promise<void> => {
      const others = quarantined.length + tallies.length > 0;
      await pool.query({
        name: others ? "ingest-accept-all" : "ingest-accept",
        text: others ? acceptAll : acceptMessages,
        values: [
          messages.map(({ topic }) => topic),
          messages.map(({ key }) => key),
          messages.map(({ value }) => value),
          ...(others ? [JSON.stringify(quarantined), JSON.stringify(tallies), regionCode] : []),
        ],
      });
    },

    /**
     * Writes what is newer and counts what became of all, in one statement. The ids must be different ones; `others` are
     * counted with them.
     */
    upsert: async (
      signals: readonly IngestSignal[],
      others: readonly Tally[],
    ): Promise<readonly Upserted[]> => {
      const { rows } = await pool.query<Upserted>({
        name: "ingest-upsert",
        text: upsertSignals,
        values: [JSON.stringify(signals), regionCode, JSON.stringify(others)],
      });
      return rows;
    },

    tally: async (tallies: readonly Tally[]): Promise<void> => {
      await pool.query({
        name: "ingest-tally",
        text: addTallies,
        values: [JSON.stringify(tallies), regionCode],
      });
    },

    /** Of this region, all tenants and sources together. */
    findTallies: async (): Promise<readonly OutcomeCount[]> => {
      const { rows } = await pool.query<OutcomeCount>(
        `SELECT outcome, reason, sum(count)::float8 AS count FROM intelligence.ingest_tally
         WHERE region_code = $1 GROUP BY 1, 2`,
        [regionCode],
      );
      return rows;
    },

    /** Rows that wait for the relay, counted up to `max`. */
    countOutbox: async (max: number): Promise<number> => {
      const { rows } = await pool.query<{ count: number }>(
        "SELECT count(*)::int AS count FROM (SELECT FROM intelligence.outbox LIMIT $1) waiting",
        [max],
      );
      return rows[0]?.count ?? 0;
    },

    close: () => pool.end(),
  };
}

/** SQLSTATE classes 22 (data exception) and 23 (integrity): no second attempt would change it. */
export function isDataFault(error: unknown): boolean {
  return error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? "");
}

const acceptMessages = `
  WITH accepted AS (
    INSERT INTO intelligence.outbox (topic, key, value)
    SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[])
  )
  SELECT pg_notify('intelligence_outbox', '')`;

/** Sorted by the key of the count, so that two transactions wait for each other instead of dying in each other's arms. */
const countRows = (rows: string, region: string): string => `
  INSERT INTO intelligence.ingest_tally AS stored (region_code, tenant, source_code, outcome, reason, count)
  SELECT ${region}, given.tenant, given."sourceCode", given.outcome, given.reason, sum(given.count)
  FROM (${rows}) given GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (region_code, tenant, source_code, outcome, reason)
    DO UPDATE SET count = stored.count + EXCLUDED.count, last_at = now()`;

const talliesOf = (parameter: string): string => `
  SELECT * FROM json_to_recordset(${parameter}::json)
    AS told(tenant text, "sourceCode" text, outcome text, reason text, count bigint)`;

const addTallies = countRows(talliesOf("$1"), "$2");

const acceptAll = `
  WITH accepted AS (
    INSERT INTO intelligence.outbox (topic, key, value)
    SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[])
  ), quarantined AS (
    INSERT INTO intelligence.quarantined_signal (id, region_code, tenant, source_code, reason, message, record)
    SELECT given.id, $6, given.tenant, given."sourceCode", given.reason, given.message, given.record
    FROM json_to_recordset($4::json)
      AS given(id uuid, tenant text, "sourceCode" text, reason text, message text, record text)
  ), counted AS (${countRows(talliesOf("$5"), "$6")})
  SELECT pg_notify('intelligence_outbox', '')`;

const content =
  "domain, kind, title, summary, severity, confidence, marking, url, country_code, latitude, longitude, observed_at, revoked, attributes";
const prefixed = (prefix: string): string =>
  content
    .split(", ")
    .map((column) => `${prefix}.${column}`)
    .join(", ");

/**
 * Inserts and replaces what is older, in the order of ids, and says of each row what became of it. A row that was not
 * written is compared with what is stored: the same, older, or as old and different. Entities follow the signal. Older
 * than a day when it came, a signal is late. Those that would change their residency are counted where they are parked.
 */
const upsertSignals = `
  WITH given AS MATERIALIZED (
    SELECT * FROM (
      SELECT g.id, g.tenant, g.residency, g."sourceCode" AS source_code, g."sourceId" AS source_id, g.domain, g.kind,
        g.title, g.summary, g.severity, g.confidence, g.marking, g.url, g."countryCode" AS country_code, g.latitude,
        g.longitude, date_trunc('milliseconds', g."observedAt") AS observed_at,
        date_trunc('milliseconds', g."updatedAt") AS updated_at, g.attributes, g.revoked, g."entityIds" AS entity_ids,
        g."acceptedAt" - g."observedAt" > interval '1 day' AS is_late
      FROM json_to_recordset($1::json) AS g(
        id uuid, tenant text, residency text, "sourceCode" text, "sourceId" text, domain text, kind text, title text,
        summary text, severity float8, confidence float8, marking text, url text, "countryCode" text, latitude float8,
        longitude float8, "observedAt" timestamptz, "updatedAt" timestamptz, attributes jsonb, revoked boolean,
        "entityIds" uuid[], "acceptedAt" timestamptz)
    ) g ORDER BY g.id
  ), written AS (
    INSERT INTO intelligence.signal AS stored (id, tenant, residency, source_code, source_id, ${content}, updated_at,
      ingest_region_code, ingested_at)
    SELECT id, tenant, residency, source_code, source_id, ${content}, updated_at, $2, clock_timestamp() FROM given
    ON CONFLICT (id) DO UPDATE SET (${content}, updated_at) = (${prefixed("EXCLUDED")}, EXCLUDED.updated_at)
      WHERE EXCLUDED.updated_at > stored.updated_at AND EXCLUDED.residency = stored.residency
    RETURNING id, (xmax = 0) AS is_new
  ), unlinked AS (
    DELETE FROM intelligence.signal_entity link USING given, written
    WHERE link.signal_id = written.id AND given.id = written.id AND NOT written.is_new
      AND link.entity_id <> ALL (given.entity_ids)
  ), linked AS (
    INSERT INTO intelligence.signal_entity (signal_id, entity_id)
    SELECT given.id, unnest(given.entity_ids) FROM given JOIN written USING (id)
    ON CONFLICT DO NOTHING
  ), outcomes AS (
    SELECT given.id, given.tenant, given.source_code, CASE
        WHEN written.is_new THEN 'stored'
        WHEN written.id IS NOT NULL THEN 'updated'
        WHEN earlier.residency <> given.residency THEN 'residency-changed'
        WHEN earlier.updated_at > given.updated_at THEN 'outdated'
        WHEN (${prefixed("earlier")}) IS DISTINCT FROM (${prefixed("given")}) THEN 'contradictory'
        ELSE 'duplicate' END AS outcome,
      CASE WHEN written.id IS NULL THEN '' WHEN given.revoked THEN 'REVOKED' WHEN given.is_late THEN 'LATE' ELSE '' END AS reason
    FROM given LEFT JOIN written USING (id)
    LEFT JOIN intelligence.signal earlier ON earlier.id = given.id AND written.id IS NULL
  ), counted AS (${countRows(
    `SELECT tenant, source_code AS "sourceCode", outcome, reason, 1::bigint AS count FROM outcomes
     WHERE outcome <> 'residency-changed' UNION ALL ${talliesOf("$3")}`,
    "$2",
  )})
  SELECT id, outcome FROM outcomes`;
