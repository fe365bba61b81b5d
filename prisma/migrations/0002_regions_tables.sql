-- Tables of the regions subgraph. Ids are UUIDs made by the application, so that regions can write apart;
-- no foreign keys: a parent may live where residency keeps it, and references then read as null.

CREATE TABLE regions.jurisdiction (
  id uuid NOT NULL PRIMARY KEY,
  code text NOT NULL UNIQUE,
  name text NOT NULL,
  laws text[] NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  allowed_regions text[] NOT NULL,
  position integer NOT NULL
);
COMMENT ON TABLE regions.jurisdiction IS 'The bodies of law whose rules Atlas keeps.';

CREATE TABLE regions.region (
  id uuid NOT NULL PRIMARY KEY,
  code text NOT NULL UNIQUE,
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('PRIMARY', 'ACTIVE')),
  status text NOT NULL CHECK (status IN ('SERVING', 'DRAINING', 'DOWN')),
  jurisdiction_code text NOT NULL,
  position integer NOT NULL
);
COMMENT ON TABLE regions.region IS 'The places from which Atlas serves.';

CREATE TABLE regions.country (
  id uuid NOT NULL PRIMARY KEY,
  code text NOT NULL UNIQUE,
  alpha3 text NOT NULL UNIQUE,
  name text NOT NULL,
  official_name text NOT NULL,
  continent text NOT NULL,
  subregion text,
  latitude double precision NOT NULL,
  longitude double precision NOT NULL,
  area_km2 double precision CHECK (area_km2 > 0),
  jurisdiction_code text NOT NULL
);
COMMENT ON TABLE regions.country IS 'Countries and territories of ISO 3166-1.';
CREATE INDEX ON regions.country (jurisdiction_code, code);

CREATE TABLE regions.account (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  subject text NOT NULL,
  display_name text NOT NULL,
  home_region_code text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE (tenant, subject)
);
COMMENT ON TABLE regions.account IS 'Those who sign in. The graph calls them User.';

CREATE TABLE regions.data_subject (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  pseudonym text NOT NULL,
  jurisdiction_code text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON TABLE regions.data_subject IS 'People about whom data is held, by pseudonym.';
CREATE INDEX ON regions.data_subject (tenant, created_at, id);

CREATE TABLE regions.consent (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  subject_id uuid NOT NULL,
  purpose text NOT NULL,
  decision text NOT NULL CHECK (decision IN ('GRANTED', 'REFUSED', 'WITHDRAWN')),
  version integer NOT NULL,
  recorded_at timestamptz(3) NOT NULL DEFAULT now(),
  recorded_by text NOT NULL,
  UNIQUE (subject_id, purpose, version)
);
COMMENT ON TABLE regions.consent IS 'What people said about the use of their data; insert-only, refusal wins.';

CREATE TABLE regions.residency_preference (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  subject_id uuid NOT NULL,
  data_type text NOT NULL,
  store_in text NOT NULL,
  version integer NOT NULL,
  set_at timestamptz(3) NOT NULL DEFAULT now(),
  set_by text NOT NULL,
  UNIQUE (subject_id, data_type, version)
);
COMMENT ON TABLE regions.residency_preference IS 'Where people want their data stored; insert-only.';

CREATE TABLE regions.replication_link (
  id uuid NOT NULL PRIMARY KEY,
  from_region_code text NOT NULL,
  to_region_code text NOT NULL,
  state text NOT NULL CHECK (state IN ('ABSENT', 'STREAMING', 'CATCHING_UP', 'BROKEN')),
  lag_ms integer,
  measured_at timestamptz(3),
  UNIQUE (from_region_code, to_region_code)
);
COMMENT ON TABLE regions.replication_link IS 'Replication from one region to another.';

CREATE TABLE regions.failover_event (
  id uuid NOT NULL PRIMARY KEY,
  region_code text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('DRAINED', 'FAILED_OVER', 'REJOINED')),
  reason text NOT NULL,
  started_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3)
);
COMMENT ON TABLE regions.failover_event IS 'Each time that a region''s work moved.';
CREATE INDEX ON regions.failover_event (started_at);

CREATE TABLE regions.idempotency (
  tenant text NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  result jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant, key)
);
COMMENT ON TABLE regions.idempotency IS 'Answers already given, by the caller''s idempotency key, so that a retry changes nothing.';
CREATE INDEX ON regions.idempotency (created_at);
