-- Replication between regions carries versions, never rows: every write of a replicated table leaves a row in an
-- insert-only change log, and only that log is published. Why, with measurements: docs/decisions (replication by a
-- change log) and docs/guides/multi-region.md. Nothing here works before replication.join(): a region alone pays nothing.

DO $$
BEGIN
  -- Owns the schema and runs the functions; nobody logs in as it. Roles belong to the cluster, schemas to the database.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'atlas_replication') THEN
    CREATE ROLE atlas_replication NOLOGIN;
  END IF;
END
$$;
-- Who replicates to us, which synchronous peers there are: pg_stat_replication.
GRANT pg_read_all_stats TO atlas_replication;
-- What is applied must not be captured as ours.
GRANT SET ON PARAMETER session_replication_role TO atlas_replication;
ALTER DEFAULT PRIVILEGES FOR ROLE atlas_replication REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
CREATE SCHEMA replication AUTHORIZATION atlas_replication;

-- Applying a change writes the tables of all five subgraphs, and fires the triggers that are to see remote rows.
DO $$
DECLARE
  subgraph text;
BEGIN
  FOREACH subgraph IN ARRAY ARRAY['regions', 'intelligence', 'ml', 'compliance', 'mobile'] LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO atlas_replication', subgraph);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO atlas_replication', subgraph);
    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO atlas_replication', subgraph);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO atlas_replication', subgraph);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT USAGE ON SEQUENCES TO atlas_replication', subgraph);
  END LOOP;
END
$$;

SET ROLE atlas_replication;

-- Who we are. No row: this region is alone and captures nothing.
CREATE TABLE replication.self (
  is_only boolean NOT NULL DEFAULT true PRIMARY KEY CHECK (is_only),
  region text NOT NULL,
  -- The life of the region's disk, by the second in which it began: a rebuilt region starts its sequence again, and a
  -- repeated (origin, seq) would be taken for a duplicate and swallowed.
  incarnation bigint NOT NULL CHECK (incarnation > 0),
  origin text NOT NULL GENERATED ALWAYS AS (region || '#' || incarnation) STORED,
  -- Residencies whose rows may be stored here.
  holds text[] NOT NULL CHECK ('global' = ANY (holds)),
  -- Migrations applied here: a receiver that is behind keeps the whole row and applies the rest once it has the columns.
  schema_version integer NOT NULL,
  -- Stamps further ahead of our clock than this are refused (ours) or set aside (others'): they would win for ever.
  skew_ms_max bigint NOT NULL DEFAULT 60000,
  -- Added to the machine's clock. Zero, except where a test turns the clock.
  clock_offset_ms bigint NOT NULL DEFAULT 0,
  -- application_name of the standby inside the jurisdiction; null when there is none.
  resident_standby text,
  joined_at timestamptz NOT NULL DEFAULT now()
);

-- The replicated tables; filled from prisma/replication/replicatedTables.ts.
CREATE TABLE replication.relation (
  tbl text PRIMARY KEY,
  -- Parents come first: rows that have no residency of their own have their parent's.
  position integer NOT NULL UNIQUE,
  key text[] NOT NULL,
  -- 'row': column residency; 'parent': that of the row `parent_key` points at, or 'here' while there is none, which
  -- no publication sends; else the residency itself.
  residency_of text NOT NULL,
  parent text,
  parent_key text,
  CHECK ((residency_of = 'parent') = (parent IS NOT NULL AND parent_key IS NOT NULL))
);

-- One row for each entity ever written: the register that decides which version won, and the tombstone.
-- (hlc, origin) orders all versions of an entity; `base` is the version that its writer had before it.
CREATE TABLE replication.head (
  tbl text NOT NULL,
  pk uuid NOT NULL,
  hlc bigint NOT NULL,
  origin text NOT NULL,
  base_hlc bigint,
  base_origin text,
  residency text NOT NULL,
  share text[] NOT NULL DEFAULT '{}',
  deleted boolean NOT NULL,
  PRIMARY KEY (tbl, pk)
) WITH (fillfactor = 80);

CREATE SEQUENCE replication.change_seq;

CREATE TABLE replication.change (
  origin text NOT NULL,
  seq bigint NOT NULL,
  -- By the origin's clock; partitions are cut by it, so it is part of a change's name everywhere.
  at timestamptz NOT NULL,
  -- Of the origin. With the horizons that heartbeats bring, a reader knows what can no longer be missing.
  tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
  tbl text NOT NULL,
  -- The row's uuid; for other keys the first 128 bits of their SHA-256.
  pk uuid NOT NULL,
  -- Inserted, updated, deleted; P purges what the regions in `share` hold of the row.
  op text NOT NULL CHECK (op IN ('I', 'U', 'D', 'P')),
  hlc bigint NOT NULL,
  base_hlc bigint,
  base_origin text,
  residency text NOT NULL,
  -- Regions that may hold the row besides those of its residency.
  share text[] NOT NULL DEFAULT '{}',
  schema_version integer NOT NULL,
  -- The whole row; of a deleted one its key; null once purged.
  content jsonb,
  PRIMARY KEY (origin, seq, at)
) PARTITION BY RANGE (at);
CREATE INDEX ON replication.change (pk, hlc);
CREATE INDEX ON replication.change (origin, at);
CREATE TABLE replication.change_default PARTITION OF replication.change DEFAULT;

-- Changes that could not be applied, each with its reason. They never stop the stream.
CREATE TABLE replication.quarantine (
  id uuid NOT NULL DEFAULT uuidv7() PRIMARY KEY,
  origin text NOT NULL,
  seq bigint NOT NULL,
  at timestamptz NOT NULL,
  tbl text NOT NULL,
  pk uuid NOT NULL,
  hlc bigint NOT NULL,
  -- ROW: the table refused it. CLOCK: stamped in our future. RESIDENCY: must not be here, so its row was not kept.
  reason text NOT NULL CHECK (reason IN ('ROW', 'CLOCK', 'RESIDENCY')),
  message text NOT NULL,
  quarantined_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  replayed_at timestamptz(3),
  UNIQUE (origin, seq, at)
);
CREATE INDEX ON replication.quarantine (quarantined_at) WHERE replayed_at IS NULL;

-- Two versions written without knowledge of each other: which was kept. Both stay in replication.change.
CREATE TABLE replication.conflict (
  id uuid NOT NULL DEFAULT uuidv7() PRIMARY KEY,
  tbl text NOT NULL,
  pk uuid NOT NULL,
  residency text NOT NULL,
  kept_hlc bigint NOT NULL,
  kept_origin text NOT NULL,
  lost_hlc bigint NOT NULL,
  lost_origin text NOT NULL,
  detected_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (tbl, pk, kept_hlc, kept_origin, lost_hlc, lost_origin)
);
CREATE INDEX ON replication.conflict (detected_at);

-- Heartbeats travel in the same stream as changes. The sender deletes each at once and only inserts are published;
-- the receiver's trigger keeps the last in replication.horizon: neither table grows.
CREATE TABLE replication.heartbeat (
  origin text NOT NULL,
  -- Every transaction of the origin below has ended, and what it wrote came before this heartbeat.
  horizon xid8 NOT NULL,
  sent_at timestamptz NOT NULL,
  schema_version integer NOT NULL,
  -- What the origin hears of the others, so that every region knows of every link.
  inbound jsonb NOT NULL
);
CREATE TABLE replication.horizon (
  origin text PRIMARY KEY,
  horizon xid8 NOT NULL,
  schema_version integer NOT NULL,
  sent_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL
);
CREATE TABLE replication.link (
  from_region text NOT NULL,
  to_region text NOT NULL,
  lag_ms integer NOT NULL,
  -- When the receiver last heard the sender, by the receiver's clock.
  heard_at timestamptz(3) NOT NULL,
  measured_at timestamptz(3) NOT NULL,
  PRIMARY KEY (from_region, to_region)
);

-- What was purged here at another region's word. replication.beat() tells the others.
CREATE TABLE replication.purged (
  origin text NOT NULL,
  seq bigint NOT NULL,
  tbl text NOT NULL,
  pk uuid NOT NULL,
  was_here boolean NOT NULL,
  purged_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  reported_at timestamptz(3),
  PRIMARY KEY (origin, seq)
);

-- Promises that were given up on purpose: who decided, why, since when, signed. No open waiver: no peer, no write.
CREATE TABLE replication.waiver (
  id uuid NOT NULL DEFAULT uuidv7() PRIMARY KEY,
  region text NOT NULL,
  -- GLOBAL: no synchronous peer in another region. RESIDENT: no standby inside the jurisdiction.
  class text NOT NULL CHECK (class IN ('GLOBAL', 'RESIDENT')),
  reason text NOT NULL,
  started_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  -- HMAC-SHA256 over (id, region, class, reason, started_at), base64url, by a key that no database role has.
  signature text NOT NULL
);

-- Peers read the log filtered: publications have filters of their own, and this holds for everything else that a peer's
-- role could ask for, the first copy among it. Policies for each peer are made when it is admitted.
ALTER TABLE replication.change ENABLE ROW LEVEL SECURITY;

RESET ROLE;
