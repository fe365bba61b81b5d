-- How far behind everybody is, and below which transaction nothing can be missing any more.
SET ROLE atlas_replication;

CREATE FUNCTION replication.receive_heartbeat() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  me replication.self;
BEGIN
  SELECT * INTO STRICT me FROM replication.self;
  -- While the first copy of the log is under way, "everything below has arrived" is not true yet.
  IF EXISTS (
    SELECT FROM pg_subscription s JOIN pg_subscription_rel r ON r.srsubid = s.oid
    WHERE s.subname = replication.subscription_name(split_part(NEW.origin, '#', 1), me.region) AND r.srsubstate <> 'r'
  ) THEN RETURN NULL; END IF;
  INSERT INTO replication.horizon AS known (origin, horizon, schema_version, sent_at, received_at)
  VALUES (NEW.origin, NEW.horizon, NEW.schema_version, NEW.sent_at, to_timestamp(replication.clock_ms(me) / 1000.0))
  ON CONFLICT (origin) DO UPDATE SET horizon = excluded.horizon, schema_version = excluded.schema_version,
    sent_at = excluded.sent_at, received_at = excluded.received_at
    WHERE known.sent_at <= excluded.sent_at;
  INSERT INTO replication.link AS known
  SELECT l.* FROM jsonb_populate_recordset(NULL::replication.link, NEW.inbound) l WHERE l.to_region <> me.region
  ON CONFLICT (from_region, to_region) DO UPDATE SET
    lag_ms = excluded.lag_ms, heard_at = excluded.heard_at, measured_at = excluded.measured_at
    WHERE known.measured_at <= excluded.measured_at;
  RETURN NULL;
END
$$;
CREATE TRIGGER receive BEFORE INSERT ON replication.heartbeat
  FOR EACH ROW EXECUTE FUNCTION replication.receive_heartbeat();
ALTER TABLE replication.heartbeat ENABLE REPLICA TRIGGER receive;

CREATE FUNCTION replication.subscription_name(from_region text, to_region text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT translate(to_region || '_from_' || from_region, '-', '_')
$$;

-- What this region hears of the others, measured now. The newest life of each region counts.
CREATE FUNCTION replication.inbound(me replication.self) RETURNS SETOF replication.link LANGUAGE sql AS $$
  SELECT DISTINCT ON (split_part(h.origin, '#', 1))
    split_part(h.origin, '#', 1), me.region,
    -- While heartbeats come, how long the last one travelled; when they stay away, how long ago the last was sent.
    greatest(0, extract(epoch FROM CASE WHEN t.now - h.received_at < interval '3 seconds'
      THEN h.received_at - h.sent_at ELSE t.now - h.sent_at END) * 1000)::integer,
    h.received_at, t.now
  FROM replication.horizon h, (SELECT to_timestamp(replication.clock_ms(me) / 1000.0) AS now) t
  WHERE h.origin <> me.origin AND split_part(h.origin, '#', 1) <> me.region
  ORDER BY split_part(h.origin, '#', 1), split_part(h.origin, '#', 2)::bigint DESC
$$;

-- Every link that this region knows of: its own as they are now, the others' as their receivers last told.
CREATE FUNCTION replication.links() RETURNS SETOF replication.link
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  me replication.self;
BEGIN
  SELECT * INTO me FROM replication.self;
  IF NOT FOUND THEN RETURN; END IF;
  RETURN QUERY SELECT * FROM replication.inbound(me);
  RETURN QUERY SELECT * FROM replication.link l WHERE l.to_region <> me.region;
END
$$;

-- To be called about twice a second in every region that has joined; false where none has.
CREATE FUNCTION replication.beat() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  me replication.self;
  sent timestamptz;
BEGIN
  SELECT * INTO me FROM replication.self;
  IF NOT FOUND THEN RETURN false; END IF;
  -- A heartbeat that waited for the others would tell nothing of them.
  PERFORM set_config('synchronous_commit', 'local', true);
  sent := to_timestamp(replication.clock_ms(me) / 1000.0);
  INSERT INTO replication.heartbeat (origin, horizon, sent_at, schema_version, inbound)
  VALUES (me.origin, pg_snapshot_xmin(pg_current_snapshot()), sent, me.schema_version,
    coalesce((SELECT jsonb_agg(to_jsonb(i)) FROM replication.inbound(me) i), '[]'));
  INSERT INTO replication.horizon (origin, horizon, schema_version, sent_at, received_at)
  SELECT h.origin, h.horizon, h.schema_version, h.sent_at, h.sent_at FROM replication.heartbeat h WHERE h.origin = me.origin
  ON CONFLICT (origin) DO UPDATE SET
    horizon = excluded.horizon, schema_version = excluded.schema_version, sent_at = excluded.sent_at, received_at = excluded.received_at;
  DELETE FROM replication.heartbeat;
  PERFORM replication.replay(q.id) FROM (
    SELECT id FROM replication.quarantine
    WHERE replayed_at IS NULL AND reason = 'CLOCK' AND hlc >> 16 <= replication.clock_ms(me) + me.skew_ms_max
    ORDER BY quarantined_at LIMIT 100
  ) q;
  RETURN true;
END
$$;

RESET ROLE;
