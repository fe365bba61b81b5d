-- The event log: topics cut into partitions, each an append-only sequence of records with 64-bit offsets.
-- Semantics are Kafka's, so that both adapters of the EventLog port pass one suite. Offsets are taken from the row
-- of the partition in the transaction of the insert, so they follow commit order; a bare sequence would let a
-- reader skip a late commit (measured: shared research, "Kafka for tests").
CREATE SCHEMA event_log;

CREATE TABLE event_log.topic (
  name text PRIMARY KEY,
  partitions integer NOT NULL CHECK (partitions BETWEEN 1 AND 256),
  created_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE TABLE event_log.partition (
  topic text NOT NULL REFERENCES event_log.topic (name) ON DELETE CASCADE,
  partition integer NOT NULL,
  next_offset bigint NOT NULL DEFAULT 0,
  first_offset bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, partition)
);
COMMENT ON COLUMN event_log.partition.first_offset IS 'Everything below was deleted by retention.';

CREATE TABLE event_log.record (
  topic text NOT NULL,
  partition integer NOT NULL,
  "offset" bigint NOT NULL,
  key bytea,
  value bytea,
  headers jsonb NOT NULL DEFAULT '{}',
  appended_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (topic, partition, "offset")
);

CREATE TABLE event_log.committed_offset (
  group_id text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  "offset" bigint NOT NULL,
  committed_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (group_id, topic, partition)
);

GRANT USAGE ON SCHEMA event_log TO atlas_regions, atlas_intelligence, atlas_ml, atlas_compliance, atlas_mobile;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA event_log
  TO atlas_regions, atlas_intelligence, atlas_ml, atlas_compliance, atlas_mobile;
GRANT DELETE ON event_log.record TO atlas_intelligence;

-- The outbox: whatever stores a signal also leaves a row here in the same transaction, and a relay
-- (subgraphs/intelligence/jobs/relayOutbox.ts) moves it to the event log. A trigger writes it, so that a signal
-- inserted by any hand, an importer's, a mutation's or an operator's in SQL, reaches those who watch.
CREATE TABLE intelligence.outbox (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic text NOT NULL,
  key text NOT NULL,
  value jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE FUNCTION intelligence.signal_to_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO intelligence.outbox (topic, key, value)
  VALUES (
    'signals.' || NEW.residency || '.v1',
    NEW.residency || '|' || coalesce(NEW.country_code, NEW.source_code),
    jsonb_build_object(
      'id', NEW.id, 'tenant', NEW.tenant, 'residency', NEW.residency, 'sourceCode', NEW.source_code,
      'domain', NEW.domain, 'countryCode', NEW.country_code, 'severity', NEW.severity,
      'observedAt', to_char(NEW.observed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    )
  );
  RETURN NULL;
END
$$;

CREATE TRIGGER signal_to_outbox AFTER INSERT ON intelligence.signal
  FOR EACH ROW EXECUTE FUNCTION intelligence.signal_to_outbox();

-- A wake-up, not the message: the relay also looks by itself, so a lost notification delays and loses nothing.
CREATE FUNCTION intelligence.notify_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NOTIFY intelligence_outbox;
  RETURN NULL;
END
$$;

CREATE TRIGGER notify_outbox AFTER INSERT ON intelligence.outbox
  FOR EACH STATEMENT EXECUTE FUNCTION intelligence.notify_outbox();
