-- Tables of the intelligence subgraph. Ids are UUIDs made by the application, so that regions can write apart;
-- no foreign keys: a parent may live where residency keeps it, and references then read as null.

CREATE TABLE intelligence.source (
  id uuid NOT NULL PRIMARY KEY,
  code text NOT NULL UNIQUE,
  name text NOT NULL,
  publisher text NOT NULL,
  domain text NOT NULL CHECK (domain IN ('GEOPOLITICAL', 'ECONOMIC', 'CYBER', 'INFRASTRUCTURE', 'SOCIAL')),
  licence text NOT NULL,
  reliability text NOT NULL CHECK (reliability IN ('A', 'B', 'C', 'D', 'E', 'F')),
  url text NOT NULL
);
COMMENT ON TABLE intelligence.source IS 'Who reports signals, and on what terms.';

CREATE TABLE intelligence.signal (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  source_code text NOT NULL,
  source_id text NOT NULL,
  domain text NOT NULL CHECK (domain IN ('GEOPOLITICAL', 'ECONOMIC', 'CYBER', 'INFRASTRUCTURE', 'SOCIAL')),
  kind text NOT NULL,
  title text NOT NULL,
  summary text,
  severity double precision NOT NULL CHECK (severity BETWEEN 0 AND 1),
  confidence double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
  marking text NOT NULL CHECK (marking IN ('CLEAR', 'GREEN', 'AMBER', 'AMBER_STRICT', 'RED')),
  url text,
  country_code text,
  latitude double precision,
  longitude double precision,
  observed_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  ingested_at timestamptz(3) NOT NULL DEFAULT now(),
  ingest_region_code text NOT NULL,
  attributes jsonb NOT NULL DEFAULT '{}',
  UNIQUE (tenant, source_code, source_id)
);
COMMENT ON TABLE intelligence.signal IS 'What was observed, once for each (source, source''s own id).';
CREATE INDEX ON intelligence.signal (observed_at, id);
CREATE INDEX ON intelligence.signal (country_code, observed_at, id);
CREATE INDEX ON intelligence.signal (domain, observed_at, id);
CREATE INDEX ON intelligence.signal (source_code, observed_at, id);
CREATE INDEX ON intelligence.signal (ingest_region_code, ingested_at);

CREATE TABLE intelligence.entity (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  kind text NOT NULL CHECK (kind IN ('ACTOR', 'ORGANISATION', 'ASSET', 'VULNERABILITY', 'PLACE', 'TECHNIQUE', 'MALWARE')),
  name text NOT NULL,
  aliases text[] NOT NULL,
  description text,
  source_code text NOT NULL,
  source_id text NOT NULL,
  country_code text,
  latitude double precision,
  longitude double precision,
  attributes jsonb NOT NULL DEFAULT '{}',
  updated_at timestamptz(3) NOT NULL,
  UNIQUE (tenant, source_code, source_id)
);
COMMENT ON TABLE intelligence.entity IS 'What signals and assessments are about.';
CREATE INDEX ON intelligence.entity (name, id);
CREATE INDEX ON intelligence.entity (kind, name, id);

CREATE TABLE intelligence.signal_entity (
  signal_id uuid NOT NULL,
  entity_id uuid NOT NULL,
  PRIMARY KEY (signal_id, entity_id)
);
COMMENT ON TABLE intelligence.signal_entity IS 'Which signal involves which entity.';
CREATE INDEX ON intelligence.signal_entity (entity_id);

CREATE TABLE intelligence.entity_relation (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  source_code text NOT NULL,
  source_id text NOT NULL,
  kind text NOT NULL,
  from_entity_id uuid NOT NULL,
  to_entity_id uuid NOT NULL,
  description text,
  updated_at timestamptz(3) NOT NULL,
  UNIQUE (tenant, source_code, source_id)
);
COMMENT ON TABLE intelligence.entity_relation IS 'What entities have to do with one another.';
CREATE INDEX ON intelligence.entity_relation (from_entity_id, kind);
CREATE INDEX ON intelligence.entity_relation (to_entity_id, kind);

CREATE TABLE intelligence.stix_object (
  id uuid NOT NULL PRIMARY KEY,
  source_code text NOT NULL,
  source_id text NOT NULL,
  type text NOT NULL,
  name text,
  body jsonb NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  UNIQUE (source_code, source_id)
);
COMMENT ON TABLE intelligence.stix_object IS 'Objects of STIX bundles that are neither entities nor relations (tactics, matrices, analytics): kept whole so that nothing read is lost.';

CREATE TABLE intelligence.indicator (
  code text NOT NULL PRIMARY KEY,
  name text NOT NULL,
  unit text NOT NULL,
  source_code text NOT NULL,
  country_code text
);
COMMENT ON TABLE intelligence.indicator IS 'Series of measured values.';
CREATE INDEX ON intelligence.indicator (country_code, code);

CREATE TABLE intelligence.observation (
  indicator_code text NOT NULL,
  period date NOT NULL,
  value double precision NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  PRIMARY KEY (indicator_code, period)
);
COMMENT ON TABLE intelligence.observation IS 'One measured value.';

CREATE TABLE intelligence.import_run (
  id uuid NOT NULL PRIMARY KEY,
  source_code text NOT NULL,
  location text NOT NULL,
  sha256 text,
  region_code text NOT NULL,
  started_at timestamptz(3) NOT NULL DEFAULT now(),
  finished_at timestamptz(3),
  read integer NOT NULL DEFAULT 0,
  written integer NOT NULL DEFAULT 0,
  unchanged integer NOT NULL DEFAULT 0,
  quarantined integer NOT NULL DEFAULT 0,
  failure text
);
COMMENT ON TABLE intelligence.import_run IS 'What one import did.';
CREATE INDEX ON intelligence.import_run (source_code, started_at);

CREATE TABLE intelligence.quarantined_record (
  id uuid NOT NULL PRIMARY KEY,
  import_run_id uuid NOT NULL,
  source_code text NOT NULL,
  position integer NOT NULL,
  location text NOT NULL,
  reason text NOT NULL,
  record text NOT NULL
);
COMMENT ON TABLE intelligence.quarantined_record IS 'Records that could not be imported, each with its reason.';
CREATE INDEX ON intelligence.quarantined_record (import_run_id, position);

CREATE TABLE intelligence.risk_assessment (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  title text NOT NULL,
  country_code text,
  score double precision NOT NULL CHECK (score BETWEEN 0 AND 1),
  horizon_days integer NOT NULL,
  rationale text NOT NULL,
  marking text NOT NULL CHECK (marking IN ('CLEAR', 'GREEN', 'AMBER', 'AMBER_STRICT', 'RED')),
  author_id uuid,
  author_residency text,
  fusion_result_id uuid,
  revision integer NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL
);
COMMENT ON TABLE intelligence.risk_assessment IS 'Judgements of risk; one row for the newest revision.';
CREATE INDEX ON intelligence.risk_assessment (tenant, score, id);
CREATE INDEX ON intelligence.risk_assessment (tenant, country_code, updated_at);

CREATE TABLE intelligence.risk_revision (
  assessment_id uuid NOT NULL,
  revision integer NOT NULL,
  score double precision NOT NULL,
  rationale text NOT NULL,
  written_at timestamptz(3) NOT NULL,
  PRIMARY KEY (assessment_id, revision)
);
COMMENT ON TABLE intelligence.risk_revision IS 'Earlier revisions of assessments.';

CREATE TABLE intelligence.fusion_result (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  country_code text,
  method text NOT NULL,
  score double precision NOT NULL CHECK (score BETWEEN 0 AND 1),
  coverage double precision NOT NULL CHECK (coverage BETWEEN 0 AND 1),
  contributions jsonb NOT NULL,
  signal_ids uuid[] NOT NULL,
  computed_at timestamptz(3) NOT NULL
);
COMMENT ON TABLE intelligence.fusion_result IS 'Risks computed from signals of several domains.';
CREATE INDEX ON intelligence.fusion_result (tenant, country_code, computed_at);

CREATE TABLE intelligence.scenario (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  name text NOT NULL,
  description text NOT NULL,
  version integer NOT NULL,
  inputs jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON TABLE intelligence.scenario IS 'What-ifs.';
CREATE INDEX ON intelligence.scenario (tenant, created_at);

CREATE TABLE intelligence.scenario_run (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  scenario_id uuid NOT NULL,
  seed text NOT NULL,
  status text NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'COMPLETED', 'FAILED')),
  progress double precision NOT NULL CHECK (progress BETWEEN 0 AND 1),
  result jsonb,
  started_at timestamptz(3) NOT NULL DEFAULT now(),
  finished_at timestamptz(3)
);
COMMENT ON TABLE intelligence.scenario_run IS 'Computations of scenarios.';
CREATE INDEX ON intelligence.scenario_run (scenario_id, started_at);

CREATE TABLE intelligence.idempotency (
  tenant text NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  result jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant, key)
);
COMMENT ON TABLE intelligence.idempotency IS 'Answers already given, by the caller''s idempotency key, so that a retry changes nothing.';
CREATE INDEX ON intelligence.idempotency (created_at);
