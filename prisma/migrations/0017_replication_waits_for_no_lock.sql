-- A change is confirmed when it is in the log, whatever holds its row. Otherwise two regions that write one row at the
-- same time, each commit waiting for the other region, wait for ever: the session keeps its row locked until the other
-- region confirms, which applies our changes behind its own locked row.
SET ROLE atlas_replication;

-- Changes in the log whose row was locked when they came. replication.settle_pending() takes them up again.
CREATE TABLE replication.pending (
  origin text NOT NULL,
  seq bigint NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (origin, seq, at)
);

-- A standby inside a jurisdiction holds whatever its region holds, and purges when its region must.
ALTER TABLE replication.self ADD COLUMN standby_of text;

-- SETTLED, PENDING when somebody holds the row, or SET_ASIDE. What fails because of the row is set aside; what fails
-- because of the moment (a full disk, a shutdown) is raised, and the apply worker tries again.
CREATE FUNCTION replication.try_apply(c replication.change) RETURNS text
LANGUAGE plpgsql SET lock_timeout = '20ms' AS $$
DECLARE
  relation replication.relation;
BEGIN
  SELECT * INTO relation FROM replication.relation r WHERE r.tbl = c.tbl;
  IF NOT FOUND THEN
    PERFORM replication.set_aside(c, 'ROW', format('expected a replicated table; got %L, which is none here yet', c.tbl));
    RETURN 'SET_ASIDE';
  END IF;
  BEGIN
    PERFORM replication.settle(c, relation);
    RETURN 'SETTLED';
  EXCEPTION
    WHEN lock_not_available OR deadlock_detected THEN
      INSERT INTO replication.pending (origin, seq, at) VALUES (c.origin, c.seq, c.at) ON CONFLICT DO NOTHING;
      RETURN 'PENDING';
    WHEN data_exception OR integrity_constraint_violation OR syntax_error_or_access_rule_violation
      OR raise_exception OR feature_not_supported THEN
      PERFORM replication.set_aside(c, 'ROW', SQLSTATE || ': ' || SQLERRM);
      RETURN 'SET_ASIDE';
  END;
END
$$;

-- In the order of their stamps, a few at a time: each stays locked until the end. Call it about as often as beat().
CREATE FUNCTION replication.settle_pending() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET session_replication_role = replica AS $$
DECLARE
  c replication.change;
  settled bigint := 0;
BEGIN
  FOR c IN
    SELECT n.* FROM replication.pending p JOIN replication.change n USING (origin, seq, at)
    ORDER BY n.hlc, n.origin LIMIT 50
  LOOP
    IF c.content IS NULL OR replication.try_apply(c) <> 'PENDING' THEN
      DELETE FROM replication.pending p WHERE p.origin = c.origin AND p.seq = c.seq AND p.at = c.at;
      settled := settled + 1;
    END IF;
  END LOOP;
  RETURN settled;
END
$$;

-- In a session a write would be captured and sent out as ours.
DROP FUNCTION replication.apply_as_replica(replication.change);
CREATE FUNCTION replication.apply_as_replica(c replication.change) RETURNS text
LANGUAGE plpgsql SET session_replication_role = replica AS $$
BEGIN
  RETURN replication.try_apply(c);
END
$$;

CREATE OR REPLACE FUNCTION replication.replay(quarantine_id uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  entry replication.quarantine;
  c replication.change;
  me replication.self;
BEGIN
  SELECT * INTO entry FROM replication.quarantine WHERE id = quarantine_id AND replayed_at IS NULL FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  SELECT * INTO c FROM replication.change o WHERE o.origin = entry.origin AND o.seq = entry.seq AND o.at = entry.at;
  -- A row that must not be here was never kept; one that was purged meanwhile has nothing to apply.
  IF NOT FOUND OR c.content IS NULL THEN RETURN false; END IF;
  SELECT * INTO STRICT me FROM replication.self;
  IF c.hlc >> 16 > replication.clock_ms(me) + me.skew_ms_max THEN RETURN false; END IF;
  IF replication.apply_as_replica(c) <> 'SETTLED' THEN RETURN false; END IF;
  UPDATE replication.quarantine SET replayed_at = clock_timestamp() WHERE id = quarantine_id;
  RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION replication.receive() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  me replication.self;
  relation replication.relation;
BEGIN
  -- Seen before: a region that returns is sent again what it confirmed too late.
  IF EXISTS (SELECT FROM replication.change c WHERE c.origin = NEW.origin AND c.seq = NEW.seq AND c.at = NEW.at) THEN
    RETURN NULL;
  END IF;
  SELECT * INTO STRICT me FROM replication.self;
  IF NEW.op = 'P' THEN
    IF me.region = ANY (NEW.share) OR me.standby_of = ANY (NEW.share) THEN
      SELECT * INTO STRICT relation FROM replication.relation r WHERE r.tbl = NEW.tbl;
      PERFORM replication.purge(NEW, relation);
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.residency <> ALL (me.holds) AND me.region <> ALL (NEW.share) AND me.standby_of IS NULL
    -- A region that lost its disk gets even this back from its standby.
    AND NOT (NEW.residency = 'here' AND split_part(NEW.origin, '#', 1) = me.region) THEN
    -- The sender's filter should have kept it. Only its name is stored: keeping the row would be the breach.
    PERFORM replication.set_aside(NEW, 'RESIDENCY', format(
      'expected rows with a residency among %s; got %L: the filter of the sender is wrong', array_to_string(me.holds, ', '), NEW.residency));
    RETURN NULL;
  END IF;
  IF NEW.hlc >> 16 > replication.clock_ms(me) + me.skew_ms_max THEN
    PERFORM replication.set_aside(NEW, 'CLOCK', format(
      'expected a stamp at most %s ms ahead of our clock; it is %s ms ahead', me.skew_ms_max, (NEW.hlc >> 16) - replication.clock_ms(me)));
    RETURN NEW;
  END IF;
  PERFORM replication.try_apply(NEW);
  RETURN NEW;
END
$$;
DROP FUNCTION replication.apply(replication.change);

CREATE OR REPLACE FUNCTION replication.receive_heartbeat() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  me replication.self;
BEGIN
  SELECT * INTO STRICT me FROM replication.self;
  -- While the first copy of the log is under way, or a change waits for its row, "everything below is here" is not true.
  IF EXISTS (
    SELECT FROM pg_subscription s JOIN pg_subscription_rel r ON r.srsubid = s.oid
    WHERE s.subname = replication.subscription_name(split_part(NEW.origin, '#', 1), me.region) AND r.srsubstate <> 'r'
  ) OR EXISTS (SELECT FROM replication.pending p WHERE p.origin = NEW.origin) THEN RETURN NULL; END IF;
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

RESET ROLE;
GRANT EXECUTE ON FUNCTION replication.settle_pending() TO atlas_regions;
