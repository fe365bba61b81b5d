-- Tables of the ml subgraph. Ids are UUIDs made by the application, so that regions can write apart;
-- no foreign keys: a parent may live where residency keeps it, and references then read as null.

CREATE TABLE ml.model (
  id uuid NOT NULL PRIMARY KEY,
  code text NOT NULL UNIQUE,
  name text NOT NULL,
  task text NOT NULL
);
COMMENT ON TABLE ml.model IS 'What predicts.';

CREATE TABLE ml.model_version (
  id uuid NOT NULL PRIMARY KEY,
  model_id uuid NOT NULL,
  version integer NOT NULL,
  content_hash text NOT NULL,
  origin text NOT NULL CHECK (origin IN ('seed', 'federated')),
  federated_run_id uuid,
  parameters jsonb NOT NULL,
  data_from timestamptz(3),
  data_to timestamptz(3),
  metrics jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL,
  UNIQUE (model_id, version)
);
COMMENT ON TABLE ml.model_version IS 'Models at one time; insert-only.';

CREATE TABLE ml.model_alias (
  model_id uuid NOT NULL,
  alias text NOT NULL,
  version_id uuid NOT NULL,
  set_at timestamptz(3) NOT NULL DEFAULT now(),
  set_by text NOT NULL,
  PRIMARY KEY (model_id, alias)
);
COMMENT ON TABLE ml.model_alias IS 'Which version answers under which name.';

CREATE TABLE ml.promotion (
  id uuid NOT NULL PRIMARY KEY,
  model_id uuid NOT NULL,
  alias text NOT NULL,
  version_id uuid NOT NULL,
  previous_version_id uuid,
  promoted_at timestamptz(3) NOT NULL DEFAULT now(),
  promoted_by text NOT NULL
);
COMMENT ON TABLE ml.promotion IS 'Every time that an alias moved; insert-only.';
CREATE INDEX ON ml.promotion (model_id, alias, promoted_at);

CREATE TABLE ml.federated_run (
  id uuid NOT NULL PRIMARY KEY,
  model_id uuid NOT NULL,
  strategy text NOT NULL,
  status text NOT NULL CHECK (status IN ('RUNNING', 'COMPLETED', 'ABORTED')),
  region_codes text[] NOT NULL,
  started_at timestamptz(3) NOT NULL,
  finished_at timestamptz(3)
);
COMMENT ON TABLE ml.federated_run IS 'Trainings over several regions.';
CREATE INDEX ON ml.federated_run (started_at);

CREATE TABLE ml.round (
  id uuid NOT NULL PRIMARY KEY,
  run_id uuid NOT NULL,
  number integer NOT NULL,
  status text NOT NULL CHECK (status IN ('OPEN', 'SELECTED', 'TRAINING', 'AGGREGATING', 'VALIDATING', 'COMMITTED', 'ABORTED')),
  loss double precision,
  accuracy double precision,
  started_at timestamptz(3) NOT NULL,
  finished_at timestamptz(3),
  UNIQUE (run_id, number)
);
COMMENT ON TABLE ml.round IS 'Turns of a run.';

CREATE TABLE ml.round_update (
  round_id uuid NOT NULL,
  region_code text NOT NULL,
  accepted boolean NOT NULL,
  reason text,
  samples integer NOT NULL,
  received_at timestamptz(3) NOT NULL,
  PRIMARY KEY (round_id, region_code)
);
COMMENT ON TABLE ml.round_update IS 'What one region sent for one round.';
CREATE INDEX ON ml.round_update (region_code);

CREATE TABLE ml.experiment (
  id uuid NOT NULL PRIMARY KEY,
  name text NOT NULL,
  control_version_id uuid NOT NULL,
  treatment_version_id uuid NOT NULL,
  share double precision NOT NULL CHECK (share BETWEEN 0 AND 1),
  status text NOT NULL CHECK (status IN ('RUNNING', 'ADOPTED', 'REJECTED')),
  started_at timestamptz(3) NOT NULL,
  finished_at timestamptz(3)
);
COMMENT ON TABLE ml.experiment IS 'Two versions that answer side by side.';

CREATE TABLE ml.drift_report (
  id uuid NOT NULL PRIMARY KEY,
  model_version_id uuid NOT NULL,
  detector text NOT NULL,
  statistic double precision NOT NULL,
  threshold double precision NOT NULL,
  drifted boolean NOT NULL,
  measured_at timestamptz(3) NOT NULL
);
COMMENT ON TABLE ml.drift_report IS 'Checks whether the world has moved away.';
CREATE INDEX ON ml.drift_report (model_version_id, measured_at);

CREATE TABLE ml.prediction (
  id uuid NOT NULL PRIMARY KEY,
  tenant text NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  subject_kind text NOT NULL CHECK (subject_kind IN ('RiskAssessment', 'FusionResult', 'Country')),
  subject_key text NOT NULL,
  model_version_id uuid NOT NULL,
  probability double precision NOT NULL CHECK (probability BETWEEN 0 AND 1),
  horizon_days integer NOT NULL,
  contributions jsonb NOT NULL,
  predicted_at timestamptz(3) NOT NULL
);
COMMENT ON TABLE ml.prediction IS 'What a model says about one subject.';
CREATE INDEX ON ml.prediction (subject_kind, subject_key, predicted_at);

CREATE TABLE ml.idempotency (
  tenant text NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  result jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant, key)
);
COMMENT ON TABLE ml.idempotency IS 'Answers already given, by the caller''s idempotency key, so that a retry changes nothing.';
CREATE INDEX ON ml.idempotency (created_at);
