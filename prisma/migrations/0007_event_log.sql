-- The event log: topics cut into partitions, each an append-only sequence of records with 64-bit offsets.
-- Semantics are Kafka's, so that both adapters of the EventLog port pass one suite. Offsets are taken from the row
-- of the partition in the transaction of the insert, so they follow commit order; a bare sequence would let a
-- reader skip a late commit (measured: shared research, "Kafka for tests").
CREATE SCHEMA event_log;

CREATE TABLE event_log.topic (
  name text PRIMARY KEY CHECK (name ~ '^[a-zA-Z0-9._-]{1,249}$'),
  partitions integer NOT NULL CHECK (partitions BETWEEN 1 AND 256),
  retention_ms bigint CHECK (retention_ms > 0),
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON COLUMN event_log.topic.retention_ms IS 'Older records may be deleted; null keeps them for ever.';

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
  producer_id text NOT NULL,
  sequence bigint NOT NULL,
  appended_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (topic, partition, "offset"),
  -- A message that its producer sends again, not knowing whether it arrived, is found and not added.
  UNIQUE (topic, partition, producer_id, sequence)
);

-- Appends the messages and answers the offset of each, in the order given. Partition rows are locked in one order, so
-- senders cannot wait for one another in a circle; the statement after that sees all that was committed before.
CREATE FUNCTION event_log.append(
  to_topic text, from_producer text,
  partitions integer[], sequences bigint[], keys bytea[], "values" bytea[], headers jsonb[]
) RETURNS TABLE ("offset" bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM FROM event_log.partition p
    WHERE p.topic = to_topic AND p.partition = ANY (partitions) ORDER BY p.partition FOR UPDATE;
  RETURN QUERY
    WITH sent AS (
      SELECT * FROM unnest(partitions, sequences, keys, "values", headers)
        WITH ORDINALITY AS message (partition, sequence, key, value, headers, position)
    ),
    -- A look into the index for each message: LIMIT keeps the planner from reading all that the producer ever sent.
    known AS (
      SELECT sent.position, earlier."offset"
      FROM sent CROSS JOIN LATERAL (
        SELECT r."offset" FROM event_log.record r
        WHERE r.topic = to_topic AND r.partition = sent.partition
          AND r.producer_id = from_producer AND r.sequence = sent.sequence
        LIMIT 1
      ) earlier
    ),
    fresh AS (
      SELECT sent.*, p.next_offset - 1 + row_number() OVER (PARTITION BY sent.partition ORDER BY sent.position) AS "offset"
      FROM sent JOIN event_log.partition p ON p.topic = to_topic AND p.partition = sent.partition
      WHERE NOT EXISTS (SELECT FROM known WHERE known.position = sent.position)
    ),
    inserted AS (
      INSERT INTO event_log.record (topic, partition, "offset", key, value, headers, producer_id, sequence)
      SELECT to_topic, f.partition, f."offset", f.key, f.value, f.headers, from_producer, f.sequence FROM fresh f
    ),
    advanced AS (
      UPDATE event_log.partition p SET next_offset = taken.next_offset
      FROM (SELECT f.partition, max(f."offset") + 1 AS next_offset FROM fresh f GROUP BY f.partition) taken
      WHERE p.topic = to_topic AND p.partition = taken.partition
    )
    SELECT placed."offset"
    FROM (SELECT k.position, k."offset" FROM known k UNION ALL SELECT f.position, f."offset" FROM fresh f) placed
    ORDER BY placed.position;
  -- A wake-up, not the message: readers also look by themselves.
  PERFORM pg_notify('event_log', to_topic);
END
$$;

-- Deletes what is older than its topic's retention_ms, from the beginning of each partition and at most 10,000 records
-- of it, so that senders never wait long for the partition's row. Answers how many went: call it until none do.
CREATE FUNCTION event_log.delete_expired() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  place record;
  last bigint;
  deleted bigint := 0;
  went bigint;
BEGIN
  FOR place IN
    SELECT p.topic, p.partition, clock_timestamp() - t.retention_ms * interval '1 millisecond' AS kept_from
    FROM event_log.topic t JOIN event_log.partition p ON p.topic = t.name
    WHERE t.retention_ms IS NOT NULL ORDER BY p.topic, p.partition
  LOOP
    SELECT max(oldest."offset") INTO last FROM (
      SELECT r."offset", r.appended_at FROM event_log.record r
      WHERE r.topic = place.topic AND r.partition = place.partition ORDER BY r."offset" LIMIT 10000
    ) oldest WHERE oldest.appended_at < place.kept_from;
    CONTINUE WHEN last IS NULL;
    UPDATE event_log.partition p SET first_offset = last + 1
      WHERE p.topic = place.topic AND p.partition = place.partition;
    DELETE FROM event_log.record r
      WHERE r.topic = place.topic AND r.partition = place.partition AND r."offset" <= last;
    GET DIAGNOSTICS went = ROW_COUNT;
    deleted := deleted + went;
  END LOOP;
  RETURN deleted;
END
$$;

-- Groups: the members alive share the partitions; a claim says whose a partition is. The generation grows with every
-- change of membership, and whoever commits names the one of its claim, so a member that was thought dead cannot
-- move a place that is another's by now.
CREATE TABLE event_log.consumer_group (
  group_id text PRIMARY KEY,
  generation bigint NOT NULL DEFAULT 0
);

CREATE TABLE event_log.member (
  group_id text NOT NULL REFERENCES event_log.consumer_group (group_id) ON DELETE CASCADE,
  member_id uuid NOT NULL,
  topics text[] NOT NULL,
  session_timeout_ms integer NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (group_id, member_id)
);

CREATE TABLE event_log.claim (
  group_id text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  member_id uuid NOT NULL,
  generation bigint NOT NULL,
  PRIMARY KEY (group_id, topic, partition),
  FOREIGN KEY (group_id, member_id) REFERENCES event_log.member (group_id, member_id) ON DELETE CASCADE
);

CREATE TABLE event_log.committed_offset (
  group_id text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  "offset" bigint NOT NULL,
  committed_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (group_id, topic, partition)
);

-- Only the subgraph that uses the log reaches it: records carry rows of all tenants.
GRANT USAGE ON SCHEMA event_log TO atlas_intelligence;
GRANT SELECT, INSERT ON event_log.topic TO atlas_intelligence;
GRANT SELECT, INSERT, UPDATE ON event_log.partition TO atlas_intelligence;
GRANT SELECT, INSERT, DELETE ON event_log.record TO atlas_intelligence;
GRANT SELECT, INSERT, UPDATE, DELETE
  ON event_log.consumer_group, event_log.member, event_log.claim, event_log.committed_offset TO atlas_intelligence;

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

-- Once for a statement, not for each row: importers insert thousands at a time. Rows that ON CONFLICT turned into
-- updates are not among the inserted.
CREATE FUNCTION intelligence.signal_to_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO intelligence.outbox (topic, key, value)
  SELECT
    'signals.' || s.residency || '.v1',
    s.residency || '|' || coalesce(s.country_code, s.source_code),
    jsonb_build_object(
      'id', s.id, 'tenant', s.tenant, 'residency', s.residency, 'sourceCode', s.source_code,
      'domain', s.domain, 'countryCode', s.country_code, 'severity', s.severity,
      'observedAt', to_char(s.observed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    )
  FROM inserted s;
  IF FOUND THEN
    -- A wake-up, not the message: the relay also looks by itself, so a lost notification delays and loses nothing.
    NOTIFY intelligence_outbox;
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER signal_to_outbox AFTER INSERT ON intelligence.signal
  REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION intelligence.signal_to_outbox();
