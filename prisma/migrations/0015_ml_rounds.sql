-- Federated rounds as a durable state machine: what a run trains, who was chosen, what came, what it became. Everything a
-- coordinator knows is here, so another one goes on where the last one died.

CREATE TABLE ml.lease (
  name text NOT NULL PRIMARY KEY,
  holder text NOT NULL,
  epoch bigint NOT NULL,
  expires_at timestamptz(3) NOT NULL
);
COMMENT ON TABLE ml.lease IS 'Who coordinates; the epoch counts holders and fences off the ones before.';

CREATE TABLE ml.parameter_set (
  content_hash text NOT NULL PRIMARY KEY,
  manifest jsonb NOT NULL,
  vector bytea NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON TABLE ml.parameter_set IS 'Weights by the hash of their content: 32-bit floats, little-endian; insert-only.';

CREATE TABLE ml.participant (
  name text NOT NULL PRIMARY KEY,
  region_code text NOT NULL,
  jurisdiction text NOT NULL,
  dataset text NOT NULL,
  samples integer NOT NULL CHECK (samples >= 0),
  seen_at timestamptz(3) NOT NULL
);
COMMENT ON TABLE ml.participant IS 'Trainers that offered themselves; one that was not seen for a while is not chosen.';

CREATE TABLE ml.training_example (
  id uuid NOT NULL PRIMARY KEY,
  dataset text NOT NULL,
  tenant text NOT NULL,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  subject_id text,
  subject_group text NOT NULL,
  part text NOT NULL CHECK (part IN ('TRAIN', 'HOLD_OUT')),
  features real[] NOT NULL,
  label integer NOT NULL CHECK (label >= 0),
  observed_at timestamptz(3) NOT NULL
);
COMMENT ON TABLE ml.training_example IS 'What models learn from; a trainer reads those of its own region only.';
CREATE INDEX ON ml.training_example (dataset, part, residency);
CREATE INDEX ON ml.training_example (subject_id) WHERE subject_id IS NOT NULL;

-- A run before this migration trained nothing, so it has no task.
ALTER TABLE ml.federated_run
  ADD COLUMN coordinated_by text,
  ADD COLUMN task jsonb,
  ADD COLUMN base_hash text,
  ADD COLUMN state_hash text,
  ADD COLUMN stop_reason text;

ALTER TABLE ml.round
  ADD COLUMN base_hash text,
  ADD COLUMN result_hash text,
  ADD COLUMN state_hash text,
  ADD COLUMN stage text,
  ADD COLUMN deadline_at timestamptz(3),
  ADD COLUMN abort_code text,
  ADD COLUMN abort_reason text,
  ADD COLUMN epoch bigint;

CREATE TABLE ml.round_participant (
  round_id uuid NOT NULL,
  participant text NOT NULL,
  region_code text NOT NULL,
  samples integer NOT NULL,
  PRIMARY KEY (round_id, participant)
);
COMMENT ON TABLE ml.round_participant IS 'Who was chosen for a round, with the samples that each had offered.';

CREATE TABLE ml.submitted_update (
  round_id uuid NOT NULL,
  participant text NOT NULL,
  attempt integer NOT NULL,
  region_code text NOT NULL,
  accepted boolean NOT NULL,
  code text,
  reason text,
  samples integer NOT NULL,
  base_hash text NOT NULL,
  payload_hash text,
  vector bytea,
  norm double precision,
  is_clipped boolean NOT NULL DEFAULT false,
  received_at timestamptz(3) NOT NULL,
  PRIMARY KEY (round_id, participant, attempt)
);
COMMENT ON TABLE ml.submitted_update IS 'What participants sent to this coordinator, refused ones with their reason; ml.round_update sums it up for each region.';
CREATE INDEX ON ml.submitted_update (payload_hash) WHERE payload_hash IS NOT NULL;

CREATE TABLE ml.round_answer (
  round_id uuid NOT NULL,
  stage text NOT NULL,
  participant text NOT NULL,
  parts jsonb NOT NULL,
  received_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (round_id, stage, participant)
);
COMMENT ON TABLE ml.round_answer IS 'Answers of a secure sum, by stage; masked or encrypted, the coordinator cannot read them.';

CREATE TABLE ml.privacy_entry (
  round_id uuid NOT NULL,
  subject_group text NOT NULL,
  sampling_rate double precision NOT NULL CHECK (sampling_rate > 0 AND sampling_rate <= 1),
  noise_multiplier double precision NOT NULL CHECK (noise_multiplier > 0),
  steps integer NOT NULL CHECK (steps > 0),
  reserved_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (round_id, subject_group)
);
COMMENT ON TABLE ml.privacy_entry IS 'What rounds spend of the privacy of a group of data subjects; reserved before training, insert-only.';
CREATE INDEX ON ml.privacy_entry (subject_group);
