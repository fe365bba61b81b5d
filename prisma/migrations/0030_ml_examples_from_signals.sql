-- Models learn from signals: what the event log tells of them becomes facts, facts become examples, and examples say when
-- their label was known, so that they can be split by time.

-- Corrections, revocations and deletions of signals, for those who keep something that was made of them. Insertions are
-- told by signal_to_outbox; both are keyed so that what concerns one signal stays in order.
CREATE FUNCTION intelligence.signal_change_to_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO intelligence.outbox (topic, key, value)
    SELECT 'signal-changes.' || o.residency || '.v1', o.id::text, jsonb_build_object('id', o.id, 'gone', true)
    FROM old_rows o;
  ELSE
    INSERT INTO intelligence.outbox (topic, key, value)
    SELECT
      'signal-changes.' || n.residency || '.v1', n.id::text,
      CASE WHEN n.revoked THEN jsonb_build_object('id', n.id, 'gone', true) ELSE jsonb_build_object(
        'id', n.id, 'gone', false, 'tenant', n.tenant, 'residency', n.residency, 'domain', n.domain,
        'countryCode', n.country_code, 'severity', n.severity,
        'observedAt', to_char(n.observed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      ) END
    FROM new_rows n JOIN old_rows o ON o.id = n.id
    WHERE (o.domain, o.country_code, o.severity, o.observed_at, o.revoked)
      IS DISTINCT FROM (n.domain, n.country_code, n.severity, n.observed_at, n.revoked);
  END IF;
  IF FOUND THEN
    NOTIFY intelligence_outbox;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER signal_change_to_outbox AFTER UPDATE ON intelligence.signal
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION intelligence.signal_change_to_outbox();
CREATE TRIGGER signal_deletion_to_outbox AFTER DELETE ON intelligence.signal
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION intelligence.signal_change_to_outbox();
-- Also for what another region changed.
ALTER TABLE intelligence.signal ENABLE ALWAYS TRIGGER signal_change_to_outbox;
ALTER TABLE intelligence.signal ENABLE ALWAYS TRIGGER signal_deletion_to_outbox;

-- The consumer group of the ml subgraph; it sends nothing.
GRANT USAGE ON SCHEMA event_log TO atlas_ml;
GRANT SELECT, INSERT ON event_log.topic, event_log.partition TO atlas_ml;
GRANT SELECT ON event_log.record TO atlas_ml;
GRANT SELECT, INSERT, UPDATE, DELETE
  ON event_log.consumer_group, event_log.member, event_log.claim, event_log.committed_offset TO atlas_ml;

CREATE TABLE ml.signal_fact (
  id uuid NOT NULL PRIMARY KEY,
  residency text NOT NULL CHECK (residency IN ('global', 'us', 'eu', 'br', 'ap')),
  country_code text,
  domain text,
  severity double precision,
  observed_at timestamptz(3),
  gone boolean NOT NULL DEFAULT false,
  CHECK (gone = (observed_at IS NULL))
);
COMMENT ON TABLE ml.signal_fact IS 'What models learn from and nothing more: when something how severe was observed about which country. Only of signals that belong to everybody.';
COMMENT ON COLUMN ml.signal_fact.gone IS 'Taken back or deleted: nothing is kept of it but that a late record must not bring it back.';
CREATE INDEX ON ml.signal_fact (country_code, observed_at) WHERE NOT gone;
CREATE INDEX ON ml.signal_fact (observed_at) WHERE NOT gone;

CREATE TABLE ml.country_window (
  country_code text NOT NULL PRIMARY KEY,
  stale_from timestamptz(3),
  built_until timestamptz(3),
  as_of timestamptz(3),
  features real[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE ml.country_window IS 'How far the examples of a country are built, and the features of its newest window, from which predictions are made. Of global signals only.';
COMMENT ON COLUMN ml.country_window.stale_from IS 'The oldest observation that came, changed or went since examples were built; null when none did.';
CREATE INDEX ON ml.country_window (stale_from) WHERE stale_from IS NOT NULL;

-- BY_TIME: learned from or held out, as a run splits.
ALTER TABLE ml.training_example
  DROP CONSTRAINT training_example_part_check,
  ADD CONSTRAINT training_example_part_check CHECK (part IN ('TRAIN', 'HOLD_OUT', 'BY_TIME')),
  ADD COLUMN subject_key text,
  ADD COLUMN home_region text,
  ADD COLUMN label_at timestamptz(3);
COMMENT ON COLUMN ml.training_example.subject_key IS 'What the example is about, such as a country code; examples are built anew by it.';
COMMENT ON COLUMN ml.training_example.home_region IS 'The one region that learns from a global example, since every region holds it.';
COMMENT ON COLUMN ml.training_example.label_at IS 'When the label was known; null where examples are not split by time.';
CREATE INDEX ON ml.training_example (dataset, subject_key) WHERE subject_key IS NOT NULL;

-- What a trainer learned from, as it was offered; the lineage of a version sums it up.
ALTER TABLE ml.participant ADD COLUMN data_from timestamptz(3), ADD COLUMN data_to timestamptz(3);
ALTER TABLE ml.round_participant ADD COLUMN data_from timestamptz(3), ADD COLUMN data_to timestamptz(3);
