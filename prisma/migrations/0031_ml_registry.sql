-- The registry: where versions come from, who moved an alias and why, experiments with their rules and verdicts,
-- predictions with the moment they were made of and what came true.

ALTER TABLE ml.model_version
  ADD COLUMN dataset text,
  ADD COLUMN hold_out_from timestamptz(3),
  ADD COLUMN rounds integer,
  ADD COLUMN code_version text;
COMMENT ON COLUMN ml.model_version.code_version IS 'SHA-256 of the code that led its training.';
CREATE INDEX ON ml.model_version (model_id, content_hash);

ALTER TABLE ml.promotion
  ADD COLUMN kind text NOT NULL DEFAULT 'PROMOTION' CHECK (kind IN ('PROMOTION', 'ROLLBACK')),
  ADD COLUMN checks jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN ml.promotion.checks IS 'What the rules of promotion looked at, with what they expected and found.';

-- What was written stays as it was written.
REVOKE UPDATE, DELETE ON ml.model_version, ml.promotion FROM atlas_ml;

-- Names are said from now on as the field says them.
UPDATE ml.model_alias SET alias = 'champion' WHERE alias = 'production';
UPDATE ml.promotion SET alias = 'champion' WHERE alias = 'production';

ALTER TABLE ml.experiment
  DROP CONSTRAINT experiment_status_check,
  ADD CONSTRAINT experiment_status_check
    CHECK (status IN ('RUNNING', 'ADOPTED', 'REJECTED', 'STOPPED_BY_GUARDRAIL', 'STOPPED')),
  ADD COLUMN model_id uuid,
  ADD COLUMN rules jsonb,
  ADD COLUMN verdict jsonb,
  ADD COLUMN started_by text,
  ADD COLUMN stopped_by text;
COMMENT ON COLUMN ml.experiment.rules IS 'alpha, effect, countMin and guardrail of the sequential test.';
COMMENT ON COLUMN ml.experiment.verdict IS 'What the test said last.';
CREATE INDEX ON ml.experiment (model_id) WHERE status = 'RUNNING';

ALTER TABLE ml.prediction
  ADD COLUMN as_of timestamptz(3),
  ADD COLUMN outcome boolean;
COMMENT ON COLUMN ml.prediction.as_of IS 'What was observed up to then is known to it; the horizon begins there.';
COMMENT ON COLUMN ml.prediction.outcome IS 'Whether the event came; null until the horizon is over.';
CREATE INDEX ON ml.prediction (model_version_id, subject_kind, subject_key, as_of);
CREATE INDEX ON ml.prediction (as_of) WHERE outcome IS NULL;

-- Tells those who watch rounds, in every region: a round moved, or an update for it was judged. The payload is the row as
-- it was then, since two moves may follow each other faster than a reader.
CREATE FUNCTION ml.tell_round() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  moved ml.round;
BEGIN
  IF TG_TABLE_NAME = 'round' THEN
    moved := NEW;
  ELSE
    SELECT * INTO moved FROM ml.round WHERE id = NEW.round_id;
    IF NOT FOUND THEN RETURN NULL; END IF;
  END IF;
  -- A notification holds at most 8,000 bytes.
  moved.abort_reason := left(moved.abort_reason, 1000);
  PERFORM pg_notify('ml_round', row_to_json(moved)::text);
  RETURN NULL;
END
$$;
CREATE TRIGGER tell_round AFTER INSERT OR UPDATE ON ml.round FOR EACH ROW EXECUTE FUNCTION ml.tell_round();
CREATE TRIGGER tell_round AFTER INSERT OR UPDATE ON ml.round_update FOR EACH ROW EXECUTE FUNCTION ml.tell_round();
ALTER TABLE ml.round ENABLE ALWAYS TRIGGER tell_round;
ALTER TABLE ml.round_update ENABLE ALWAYS TRIGGER tell_round;
