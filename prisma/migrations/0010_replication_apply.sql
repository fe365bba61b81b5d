-- From a version of another region to the row, or to quarantine.
SET ROLE atlas_replication;

CREATE FUNCTION replication.same_key(key text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT string_agg(format('t.%1$I = n.%1$I', part), ' AND ') FROM unnest(key) AS part
$$;

-- The columns that both the sender and this table have.
CREATE FUNCTION replication.common_columns(tbl text, content jsonb) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
  WHERE a.attrelid = tbl::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND content ? a.attname::text
$$;

-- Writes one version into its table if it is the newest. Order of locks: the table's row, then its head, as a session
-- that writes has it. Only columns that both sides know are written, so a column that the sender does not know keeps
-- its value, and one that we do not know yet stays in replication.change.
CREATE FUNCTION replication.settle(c replication.change, relation replication.relation) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  before replication.head;
  same text := replication.same_key(relation.key);
  is_inserted boolean := false;
  changed bigint;
BEGIN
  SELECT * INTO before FROM replication.head h WHERE h.tbl = c.tbl AND h.pk = c.pk;
  IF (before.hlc, before.origin) >= (c.hlc, c.origin) THEN
    PERFORM replication.note_conflict(c, before);
    RETURN;
  END IF;

  IF c.op = 'I' THEN is_inserted := replication.insert_row(c, relation); END IF;
  IF NOT is_inserted THEN
    EXECUTE format('SELECT FROM %1$s t, jsonb_populate_record(NULL::%1$s, $1) n WHERE %2$s FOR UPDATE OF t', relation.tbl, same)
      USING c.content;
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed = 0 AND c.op <> 'D' THEN is_inserted := replication.insert_row(c, relation); END IF;
  END IF;

  -- From here on no session changes the row; another may have while we waited for it.
  SELECT * INTO before FROM replication.head h WHERE h.tbl = c.tbl AND h.pk = c.pk;
  INSERT INTO replication.head AS h
    (tbl, pk, hlc, origin, base_hlc, base_origin, residency, share, deleted)
  VALUES (c.tbl, c.pk, c.hlc, c.origin, c.base_hlc, c.base_origin, c.residency, c.share, c.op = 'D')
  ON CONFLICT (tbl, pk) DO UPDATE SET
    hlc = excluded.hlc, origin = excluded.origin, base_hlc = excluded.base_hlc, base_origin = excluded.base_origin,
    residency = excluded.residency, share = excluded.share, deleted = excluded.deleted
    WHERE (h.hlc, h.origin) < (excluded.hlc, excluded.origin);
  GET DIAGNOSTICS changed = ROW_COUNT;

  IF before.tbl IS NOT NULL THEN PERFORM replication.note_conflict(c, before); END IF;
  IF changed = 0 AND is_inserted OR changed = 1 AND c.op = 'D' THEN
    EXECUTE format('DELETE FROM %1$s t USING jsonb_populate_record(NULL::%1$s, $1) n WHERE %2$s', relation.tbl, same)
      USING c.content;
  ELSIF changed = 1 AND NOT is_inserted THEN
    PERFORM replication.update_row(c, relation);
  END IF;
END
$$;

CREATE FUNCTION replication.update_row(c replication.change, relation replication.relation) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'UPDATE %1$s t SET (%2$s) = (SELECT %2$s FROM jsonb_populate_record(NULL::%1$s, $1)) FROM jsonb_populate_record(NULL::%1$s, $1) n WHERE %3$s',
    relation.tbl, replication.common_columns(relation.tbl, c.content), replication.same_key(relation.key)
  ) USING c.content;
END
$$;

-- False when the row is there already. Columns that the sender does not know get their defaults.
CREATE FUNCTION replication.insert_row(c replication.change, relation replication.relation)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  inserted bigint;
BEGIN
  EXECUTE format(
    'INSERT INTO %1$s (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM jsonb_populate_record(NULL::%1$s, $1) ON CONFLICT (%3$s) DO NOTHING',
    relation.tbl, replication.common_columns(relation.tbl, c.content),
    (SELECT string_agg(quote_ident(part), ', ') FROM unnest(relation.key) AS part)
  ) USING c.content;
  GET DIAGNOSTICS inserted = ROW_COUNT;
  RETURN inserted = 1;
END
$$;

-- A conflict is a pair of versions of which neither writer knew the other's. A writer knew a version exactly when the
-- one that it wrote upon is as new.
CREATE FUNCTION replication.note_conflict(c replication.change, other replication.head) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF (c.hlc, c.origin) > (other.hlc, other.origin) THEN
    IF (other.hlc, other.origin) > (coalesce(c.base_hlc, -1), coalesce(c.base_origin, '')) THEN
      INSERT INTO replication.conflict (tbl, pk, residency, kept_hlc, kept_origin, lost_hlc, lost_origin)
      VALUES (c.tbl, c.pk, c.residency, c.hlc, c.origin, other.hlc, other.origin) ON CONFLICT DO NOTHING;
    END IF;
  ELSIF (c.hlc, c.origin) < (other.hlc, other.origin)
    AND (c.hlc, c.origin) > (coalesce(other.base_hlc, -1), coalesce(other.base_origin, '')) THEN
    INSERT INTO replication.conflict (tbl, pk, residency, kept_hlc, kept_origin, lost_hlc, lost_origin)
    VALUES (c.tbl, c.pk, c.residency, other.hlc, other.origin, c.hlc, c.origin) ON CONFLICT DO NOTHING;
  END IF;
END
$$;

CREATE FUNCTION replication.set_aside(c replication.change, new_reason text, why text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO replication.quarantine (origin, seq, at, tbl, pk, hlc, reason, message)
  VALUES (c.origin, c.seq, c.at, c.tbl, c.pk, c.hlc, new_reason, why)
  ON CONFLICT (origin, seq, at) DO UPDATE SET message = excluded.message, replayed_at = NULL
$$;

-- What fails because of the row is set aside; what fails because of the moment (a deadlock, a full disk, a shutdown)
-- is raised, and the apply worker tries again.
CREATE FUNCTION replication.apply(c replication.change) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  relation replication.relation;
BEGIN
  SELECT * INTO relation FROM replication.relation r WHERE r.tbl = c.tbl;
  IF NOT FOUND THEN
    PERFORM replication.set_aside(c, 'ROW', format('expected a replicated table; got %L, which is none here yet', c.tbl));
    RETURN false;
  END IF;
  BEGIN
    PERFORM replication.settle(c, relation);
    RETURN true;
  EXCEPTION
    WHEN data_exception OR integrity_constraint_violation OR syntax_error_or_access_rule_violation
      OR raise_exception OR feature_not_supported THEN
      PERFORM replication.set_aside(c, 'ROW', SQLSTATE || ': ' || SQLERRM);
      RETURN false;
  END;
END
$$;

-- What the regions in `share` hold of the row goes: the row, its head, and the payload of all its versions.
CREATE FUNCTION replication.purge(c replication.change, relation replication.relation) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  same text := replication.same_key(relation.key);
  is_here boolean;
BEGIN
  EXECUTE format('DELETE FROM %1$s t USING jsonb_populate_record(NULL::%1$s, $1) n WHERE %2$s', relation.tbl, same) USING c.content;
  UPDATE replication.change SET content = NULL WHERE tbl = c.tbl AND pk = c.pk AND content IS NOT NULL;
  is_here := FOUND;
  DELETE FROM replication.head WHERE tbl = c.tbl AND pk = c.pk;
  INSERT INTO replication.purged (origin, seq, tbl, pk, was_here) VALUES (c.origin, c.seq, c.tbl, c.pk, is_here)
  ON CONFLICT DO NOTHING;
END
$$;

-- Fires in the apply worker and where anti-entropy inserts (session_replication_role = replica), never in sessions.
CREATE FUNCTION replication.receive() RETURNS trigger
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
    IF me.region = ANY (NEW.share) THEN
      SELECT * INTO STRICT relation FROM replication.relation r WHERE r.tbl = NEW.tbl;
      PERFORM replication.purge(NEW, relation);
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.residency <> ALL (me.holds) AND me.region <> ALL (NEW.share) THEN
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
  PERFORM replication.apply(NEW);
  RETURN NEW;
END
$$;
CREATE TRIGGER receive BEFORE INSERT ON replication.change FOR EACH ROW EXECUTE FUNCTION replication.receive();
ALTER TABLE replication.change ENABLE REPLICA TRIGGER receive;

-- Applies a change again that was set aside, for instance after a migration. True when it is no longer set aside.
CREATE FUNCTION replication.replay(quarantine_id uuid) RETURNS boolean
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
  IF NOT replication.apply_as_replica(c) THEN RETURN false; END IF;
  UPDATE replication.quarantine SET replayed_at = clock_timestamp() WHERE id = quarantine_id;
  RETURN true;
END
$$;

-- In a session a write would be captured and sent out as ours.
CREATE FUNCTION replication.apply_as_replica(c replication.change) RETURNS boolean
LANGUAGE plpgsql SET session_replication_role = replica AS $$
BEGIN
  RETURN replication.apply(c);
END
$$;

-- After a migration: what others sent with columns that we had not then, where it is still the newest version.
CREATE FUNCTION replication.reapply(from_schema_version integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET session_replication_role = replica AS $$
DECLARE
  c replication.change;
  relation replication.relation;
  applied bigint := 0;
BEGIN
  FOR c IN
    SELECT n.* FROM replication.change n JOIN replication.head h USING (tbl, pk, hlc, origin)
    WHERE n.schema_version > from_schema_version AND n.op IN ('I', 'U') AND n.content IS NOT NULL
  LOOP
    SELECT * INTO relation FROM replication.relation r WHERE r.tbl = c.tbl;
    CONTINUE WHEN NOT FOUND;
    PERFORM replication.update_row(c, relation);
    applied := applied + 1;
  END LOOP;
  RETURN applied;
END
$$;

RESET ROLE;
