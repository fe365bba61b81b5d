-- Tables of the compliance subgraph. Ids are UUIDs made by the application, so that regions can write apart;
-- no foreign keys: a parent may live where residency keeps it, and references then read as null.

CREATE TABLE compliance.control (
  id uuid NOT NULL PRIMARY KEY,
  code text NOT NULL UNIQUE,
  framework text NOT NULL,
  reference text NOT NULL,
  title text NOT NULL,
  description text NOT NULL,
  position integer NOT NULL
);
COMMENT ON TABLE compliance.control IS 'What laws and standards ask.';
CREATE INDEX ON compliance.control (framework, position);

CREATE TABLE compliance.scan (
  id uuid NOT NULL PRIMARY KEY,
  region_code text NOT NULL,
  scanner text NOT NULL,
  status text NOT NULL CHECK (status IN ('RUNNING', 'COMPLETED', 'FAILED')),
  passed integer NOT NULL DEFAULT 0,
  failed integer NOT NULL DEFAULT 0,
  errored integer NOT NULL DEFAULT 0,
  not_applicable integer NOT NULL DEFAULT 0,
  started_at timestamptz(3) NOT NULL,
  finished_at timestamptz(3)
);
COMMENT ON TABLE compliance.scan IS 'Looks at a region.';
CREATE INDEX ON compliance.scan (region_code, started_at);

CREATE TABLE compliance.violation (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  control_id uuid NOT NULL,
  region_code text NOT NULL,
  scan_id uuid,
  subject text NOT NULL,
  fingerprint text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
  status text NOT NULL CHECK (status IN ('OPEN', 'IN_REMEDIATION', 'WAIVED', 'RESOLVED')),
  detected_at timestamptz(3) NOT NULL,
  due_at timestamptz(3) NOT NULL,
  resolved_at timestamptz(3),
  waived_until timestamptz(3),
  waiver_reason text,
  UNIQUE (tenant, fingerprint),
  CHECK ((status = 'WAIVED') = (waived_until IS NOT NULL AND waiver_reason IS NOT NULL)),
  CHECK ((status = 'RESOLVED') = (resolved_at IS NOT NULL))
);
COMMENT ON TABLE compliance.violation IS 'Controls that are not kept.';
CREATE INDEX ON compliance.violation (tenant, detected_at, id);
CREATE INDEX ON compliance.violation (control_id, status);
CREATE INDEX ON compliance.violation (region_code, status);
CREATE INDEX ON compliance.violation (scan_id);

CREATE TABLE compliance.remediation (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  violation_id uuid NOT NULL,
  action text NOT NULL,
  status text NOT NULL CHECK (status IN ('RUNNING', 'COMPLETED', 'FAILED')),
  started_at timestamptz(3) NOT NULL DEFAULT now(),
  finished_at timestamptz(3)
);
COMMENT ON TABLE compliance.remediation IS 'What is done about violations.';
CREATE INDEX ON compliance.remediation (violation_id, started_at);

CREATE TABLE compliance.evidence (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  control_id uuid,
  scan_id uuid,
  sha256 text NOT NULL,
  collector text NOT NULL,
  window_start timestamptz(3) NOT NULL,
  window_end timestamptz(3) NOT NULL,
  collected_at timestamptz(3) NOT NULL
);
COMMENT ON TABLE compliance.evidence IS 'Proof that controls were kept or not.';
CREATE INDEX ON compliance.evidence (tenant, collected_at, id);

CREATE TABLE compliance.decision_record (
  decision_id text NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  bundle_digest text NOT NULL,
  input_hash text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('ALLOWED', 'PARTLY_DENIED', 'DENIED')),
  denied text[] NOT NULL,
  decided_at timestamptz(3) NOT NULL
);
COMMENT ON TABLE compliance.decision_record IS 'What policies decided; insert-only.';
CREATE INDEX ON compliance.decision_record (tenant, decided_at);

CREATE TABLE compliance.retention_rule (
  id uuid NOT NULL PRIMARY KEY,
  data_class text NOT NULL CHECK (data_class IN ('PERSONAL', 'SENSITIVE', 'LOCATION', 'SOURCE_IDENTITY')),
  jurisdiction_code text NOT NULL,
  keep_days integer NOT NULL,
  basis text NOT NULL,
  UNIQUE (data_class, jurisdiction_code)
);
COMMENT ON TABLE compliance.retention_rule IS 'How long data is kept.';

CREATE TABLE compliance.lineage_step (
  assessment_id uuid NOT NULL,
  position integer NOT NULL,
  tenant text NOT NULL,
  step text NOT NULL,
  actor text NOT NULL,
  inputs text[] NOT NULL,
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (assessment_id, position)
);
COMMENT ON TABLE compliance.lineage_step IS 'How assessments came to be; insert-only.';

CREATE TABLE compliance.erasure_request (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  subject_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('REQUESTED', 'RUNNING', 'COMPLETED', 'REFUSED')),
  requested_at timestamptz(3) NOT NULL DEFAULT now(),
  due_at timestamptz(3) NOT NULL,
  completed_at timestamptz(3)
);
COMMENT ON TABLE compliance.erasure_request IS 'Requests to erase a person''s data.';
CREATE INDEX ON compliance.erasure_request (subject_id, requested_at);

CREATE TABLE compliance.idempotency (
  tenant text NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  result jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant, key)
);
COMMENT ON TABLE compliance.idempotency IS 'Answers already given, by the caller''s idempotency key, so that a retry changes nothing.';
CREATE INDEX ON compliance.idempotency (created_at);
