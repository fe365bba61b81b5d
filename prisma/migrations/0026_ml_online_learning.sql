-- Models go on learning after they were promoted: what the learner of a region is at, and what it remembers.

CREATE TABLE ml.online_learner (
  model_id uuid NOT NULL PRIMARY KEY,
  version_id uuid NOT NULL,
  content_hash text NOT NULL,
  vector bytea NOT NULL,
  detectors jsonb NOT NULL,
  cursor_at timestamptz(3) NOT NULL,
  cursor_id uuid NOT NULL,
  seen integer NOT NULL CHECK (seen >= 0),
  seen_by_label jsonb NOT NULL,
  comparison jsonb NOT NULL,
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON TABLE ml.online_learner IS 'Predict, then learn: one row for each model that learns in this region, with all that a restart needs.';
COMMENT ON COLUMN ml.online_learner.comparison IS 'How often the learner was right where the version that it started from was wrong, and the other way round, since the last drift.';

CREATE TABLE ml.replay_sample (
  model_id uuid NOT NULL,
  example_id uuid NOT NULL REFERENCES ml.training_example (id) ON DELETE CASCADE,
  PRIMARY KEY (model_id, example_id)
);
COMMENT ON TABLE ml.replay_sample IS 'What a learner remembers: which examples, never a copy of them, so that whoever erases an example erases the memory of it.';
CREATE INDEX ON ml.replay_sample (example_id);

ALTER TABLE ml.model_version DROP CONSTRAINT model_version_origin_check;
ALTER TABLE ml.model_version ADD CONSTRAINT model_version_origin_check
  CHECK (origin IN ('seed', 'federated', 'continual'));
COMMENT ON COLUMN ml.model_version.origin IS 'continual: learned online, from examples that came after another version was promoted.';
