-- From a write to a version in the log, and how durable a write is.
SET ROLE atlas_replication;

-- The regions' physical clock in milliseconds. A sum, so that a test can turn one region's clock and no other's.
CREATE FUNCTION replication.clock_ms(me replication.self) RETURNS bigint LANGUAGE sql AS $$
  SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint + me.clock_offset_ms
$$;

-- A hybrid logical clock stamp: 48 bits of milliseconds, 16 bits that count within one (Kulkarni et al. 2014). The
-- counting part is kept in replication.head, for each entity: there alone must a later version be the larger.
CREATE FUNCTION replication.stamp(me replication.self) RETURNS bigint LANGUAGE sql AS $$
  SELECT replication.clock_ms(me) << 16
$$;

CREATE FUNCTION replication.key_of(content jsonb, key text[]) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN key = '{id}' THEN (content ->> 'id')::uuid ELSE
    left(encode(sha256(convert_to((
      SELECT jsonb_agg(content -> part ORDER BY position)::text FROM unnest(key) WITH ORDINALITY AS parts (part, position)
    ), 'UTF8')), 'hex'), 32)::uuid
  END
$$;

CREATE FUNCTION replication.key_columns(content jsonb, key text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_object_agg(part, content -> part) FROM unnest(key) AS part
$$;

-- Leaves a version of each row in the log. Head rows are locked in one order, so writers of several rows do not wait
-- in a circle here. `is_foreign_kept` lets a region that joins hand over rows that belong elsewhere.
CREATE FUNCTION replication.record(
  relation replication.relation, new_op text, rows jsonb[], is_foreign_kept boolean DEFAULT false
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  me replication.self;
  has_moved boolean;
  is_foreign boolean;
  is_resident boolean;
  latest bigint;
BEGIN
  SELECT * INTO STRICT me FROM replication.self;
  WITH written AS MATERIALIZED (
    SELECT replication.key_of(r.content, relation.key) AS pk,
      CASE new_op WHEN 'D' THEN replication.key_columns(r.content, relation.key) ELSE r.content END AS content,
      CASE relation.residency_of
        WHEN 'row' THEN r.content ->> 'residency'
        WHEN 'parent' THEN (
          SELECT p.residency FROM replication.head p
          WHERE p.tbl = relation.parent AND p.pk = (r.content ->> relation.parent_key)::uuid
        )
        ELSE relation.residency_of
      END AS residency
    FROM unnest(rows) AS r (content)
  ),
  stamped AS (
    INSERT INTO replication.head AS h (tbl, pk, hlc, origin, residency, deleted)
    SELECT relation.tbl, w.pk, replication.stamp(me), me.origin, coalesce(w.residency, 'here'), new_op = 'D'
    FROM written w ORDER BY w.pk
    ON CONFLICT (tbl, pk) DO UPDATE SET
      hlc = greatest(excluded.hlc, h.hlc + 1), origin = excluded.origin, base_hlc = h.hlc, base_origin = h.origin,
      residency = CASE WHEN h.deleted OR h.residency = 'here' THEN excluded.residency ELSE h.residency END,
      share = CASE WHEN h.deleted THEN '{}' ELSE h.share END,
      deleted = excluded.deleted
    RETURNING pk, hlc, residency, share, base_hlc, base_origin
  ),
  logged AS (
    INSERT INTO replication.change
      (origin, seq, at, tbl, pk, op, hlc, base_hlc, base_origin, residency, share, schema_version, content)
    SELECT me.origin, nextval('replication.change_seq'), to_timestamp(replication.clock_ms(me) / 1000.0), relation.tbl,
      s.pk, new_op, s.hlc, s.base_hlc, s.base_origin, s.residency, s.share, me.schema_version, w.content
    FROM stamped s JOIN written w USING (pk)
  )
  SELECT bool_or(w.residency <> s.residency AND new_op <> 'D'),
    bool_or(s.residency <> ALL (me.holds || 'here'::text) AND me.region <> ALL (s.share)), bool_or(s.residency NOT IN ('global', 'here')), max(s.hlc)
  INTO has_moved, is_foreign, is_resident, latest
  FROM stamped s JOIN written w USING (pk);

  IF has_moved THEN
    RAISE EXCEPTION USING ERRCODE = 'ATR01', MESSAGE = format(
      'expected the residency of a row of %s to stay what it is; only a relocation changes it', relation.tbl);
  ELSIF is_foreign AND NOT is_foreign_kept THEN
    RAISE EXCEPTION USING ERRCODE = 'ATR02', MESSAGE = format(
      'expected a row of %s with a residency among %s, which %s may hold; it has another',
      relation.tbl, array_to_string(me.holds, ', '), me.region);
  ELSIF latest >> 16 > replication.clock_ms(me) + me.skew_ms_max THEN
    RAISE EXCEPTION USING ERRCODE = 'ATR03', MESSAGE = format(
      'expected the newest version of a row of %s to be at most %s ms ahead of the clock; it is %s ms ahead: a clock is wrong',
      relation.tbl, me.skew_ms_max, (latest >> 16) - replication.clock_ms(me));
  END IF;
  IF is_resident AND current_setting('atlas.durability', true) = 'wait' THEN
    PERFORM replication.assert_resident_standby(me);
  END IF;
END
$$;

-- The trigger of every replicated table, once for a statement. It fires in sessions, not in the apply worker, so that
-- what arrives is not sent back.
CREATE FUNCTION replication.capture() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  relation replication.relation;
  rows jsonb[];
  gone jsonb[];
BEGIN
  SELECT * INTO STRICT relation FROM replication.relation WHERE tbl = TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME;
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(to_jsonb(n)) INTO rows FROM new_rows n;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(to_jsonb(o)) INTO gone FROM old_rows o;
  ELSE
    SELECT array_agg(to_jsonb(n)) INTO rows FROM new_rows n;
    -- A row whose key was changed is another row by now.
    SELECT array_agg(o.content) INTO gone
    FROM (SELECT to_jsonb(p) AS content FROM old_rows p) o
    WHERE NOT EXISTS (
      SELECT FROM new_rows n
      WHERE replication.key_of(to_jsonb(n), relation.key) = replication.key_of(o.content, relation.key)
    );
  END IF;
  IF gone IS NOT NULL THEN PERFORM replication.record(relation, 'D', gone); END IF;
  IF rows IS NOT NULL THEN PERFORM replication.record(relation, left(TG_OP, 1), rows); END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION replication.assert_resident_standby(me replication.self) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM pg_stat_replication
    WHERE application_name = me.resident_standby AND sync_state IN ('sync', 'quorum')
  ) OR EXISTS (SELECT FROM replication.waiver WHERE class = 'RESIDENT' AND region = me.region AND ended_at IS NULL)
  THEN RETURN; END IF;
  RAISE EXCEPTION USING ERRCODE = 'ATR04', MESSAGE = format(
    'expected the standby inside the jurisdiction to be there (%s); it is not, and no waiver is open',
    coalesce(me.resident_standby, 'none is configured'));
END
$$;

-- Call in a transaction whose commit must survive the loss of this region: the commit then waits for a synchronous
-- peer. Refuses when there is none and nobody has waived that; in a region alone it does nothing.
CREATE FUNCTION replication.wait_for_peers() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  me replication.self;
BEGIN
  SELECT * INTO me FROM replication.self;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM set_config('synchronous_commit', 'on', true), set_config('atlas.durability', 'wait', true);
  IF NOT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')) AND NOT EXISTS (
    SELECT FROM replication.waiver WHERE class = 'GLOBAL' AND region = me.region AND ended_at IS NULL
  ) THEN
    RAISE EXCEPTION USING ERRCODE = 'ATR04',
      MESSAGE = 'expected a region that takes synchronous copies; none is there, and no waiver is open';
  END IF;
END
$$;

RESET ROLE;
