-- Appending finds what was sent before by the unique index itself instead of looking for each message first. That look was
-- planned once for a session, on a log that was almost empty, as a scan of the whole table: until the table was analyzed,
-- each batch cost its size times the log's (measured: 500 ms for 600 messages on a log of 20,000).
CREATE OR REPLACE FUNCTION event_log.append(
  to_topic text, from_producer text,
  partitions integer[], sequences bigint[], keys bytea[], "values" bytea[], headers jsonb[]
) RETURNS TABLE ("offset" bigint) LANGUAGE plpgsql
-- Planned for the log as it is now.
SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
  wanted bigint[];
  given bigint[];
  added bigint;
BEGIN
  -- In one order, so senders cannot wait for one another in a circle; what follows sees all that was committed before.
  PERFORM FROM event_log.partition p
    WHERE p.topic = to_topic AND p.partition = ANY (partitions) ORDER BY p.partition FOR UPDATE;
  SELECT array_agg(placed."offset" ORDER BY placed.position) INTO wanted FROM (
    SELECT sent.position,
      p.next_offset - 1 + row_number() OVER (PARTITION BY sent.partition ORDER BY sent.position) AS "offset"
    FROM unnest(partitions) WITH ORDINALITY AS sent (partition, position)
    JOIN event_log.partition p ON p.topic = to_topic AND p.partition = sent.partition
  ) placed;
  INSERT INTO event_log.record (topic, partition, "offset", key, value, headers, producer_id, sequence)
    SELECT to_topic, m.partition, m."offset", m.key, m.value, m.headers, from_producer, m.sequence
    FROM unnest(partitions, wanted, sequences, keys, "values", headers)
      AS m (partition, "offset", sequence, key, value, headers)
    ON CONFLICT (topic, partition, producer_id, sequence) DO NOTHING;
  GET DIAGNOSTICS added = ROW_COUNT;
  given := wanted;
  IF added < cardinality(wanted) THEN
    -- A producer repeats itself: those have their places already, and leave gaps between the new ones.
    SELECT array_agg(r."offset" ORDER BY sent.position) INTO given
    FROM unnest(partitions, sequences) WITH ORDINALITY AS sent (partition, sequence, position)
    JOIN event_log.record r ON r.topic = to_topic AND r.partition = sent.partition
      AND r.producer_id = from_producer AND r.sequence = sent.sequence;
  END IF;
  UPDATE event_log.partition p SET next_offset = taken.next_offset
    FROM (
      SELECT placed.partition, max(placed."offset") + 1 AS next_offset
      FROM unnest(partitions, given) AS placed (partition, "offset") GROUP BY placed.partition
    ) taken
    WHERE p.topic = to_topic AND p.partition = taken.partition AND p.next_offset < taken.next_offset;
  -- A wake-up, not the message: readers also look by themselves.
  PERFORM pg_notify('event_log', to_topic);
  RETURN QUERY SELECT unnest(given);
END
$$;
