-- Joining, sharing, looking for leaks, forgetting; and who may call what.
SET ROLE atlas_replication;

-- Partitions of the months around now. In advance, since rows that the default partition has taken must be moved first.
CREATE FUNCTION replication.keep_partitions() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  month date;
BEGIN
  FOR month IN
    SELECT generate_series(date_trunc('month', now()), date_trunc('month', now()) + interval '2 months', interval '1 month')
  LOOP
    EXECUTE format('CREATE TABLE IF NOT EXISTS replication.%I PARTITION OF replication.change FOR VALUES FROM (%L) TO (%L)',
      to_char(month, '"change_"YYYY"_"MM'), month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
  END LOOP;
END
$$;
SELECT replication.keep_partitions();

-- Forgets superseded versions and tombstones older than `keep`. The newest version of every row stays for ever: it is
-- what a rebuilt region gets. A region that was away for longer than `keep` must be rebuilt.
CREATE FUNCTION replication.compact(keep interval) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  before timestamptz := now() - keep;
  forgotten bigint;
BEGIN
  DELETE FROM replication.change c WHERE c.at < before AND NOT EXISTS (
    SELECT FROM replication.head h
    WHERE h.tbl = c.tbl AND h.pk = c.pk AND h.hlc = c.hlc AND h.origin = c.origin AND NOT h.deleted
  );
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  DELETE FROM replication.head h WHERE h.deleted AND h.hlc >> 16 < extract(epoch FROM before) * 1000;
  DELETE FROM replication.conflict WHERE detected_at < before;
  DELETE FROM replication.quarantine WHERE replayed_at < before;
  RETURN forgotten;
END
$$;

-- The regions that may hold a row besides those of its residency: widened, it is sent to them; narrowed, they purge it.
CREATE FUNCTION replication.set_share(relation_name text, row_pk uuid, new_share text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  me replication.self;
  relation replication.relation;
  old_share text[];
  current_row jsonb;
BEGIN
  SELECT * INTO STRICT me FROM replication.self;
  SELECT * INTO STRICT relation FROM replication.relation WHERE tbl = relation_name;
  EXECUTE format('SELECT to_jsonb(t) FROM %s t WHERE replication.key_of(to_jsonb(t), $1) = $2 FOR UPDATE', relation.tbl)
    INTO STRICT current_row USING relation.key, row_pk;
  SELECT share INTO STRICT old_share FROM replication.head WHERE tbl = relation.tbl AND pk = row_pk FOR UPDATE;
  UPDATE replication.head SET share = new_share WHERE tbl = relation.tbl AND pk = row_pk;
  IF cardinality(new_share) > 0 THEN
    PERFORM replication.record(relation, 'U', ARRAY[current_row]);
  END IF;
  old_share := ARRAY(SELECT unnest(old_share) EXCEPT SELECT unnest(new_share));
  IF cardinality(old_share) > 0 THEN
    INSERT INTO replication.change (origin, seq, at, tbl, pk, op, hlc, residency, share, schema_version, content)
    SELECT me.origin, nextval('replication.change_seq'), to_timestamp(replication.clock_ms(me) / 1000.0),
      relation.tbl, row_pk, 'P', h.hlc, h.residency, old_share, me.schema_version, replication.key_columns(current_row, relation.key)
    FROM replication.head h WHERE h.tbl = relation.tbl AND h.pk = row_pk;
  END IF;
END
$$;

-- Where a row is that must not be: by its residency column, by its head, in the log. Nothing found is no row.
CREATE FUNCTION replication.leaks() RETURNS TABLE (place text, residency text, rows bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  me replication.self;
  relation replication.relation;
BEGIN
  SELECT * INTO me FROM replication.self;
  IF NOT FOUND THEN RETURN; END IF;
  RETURN QUERY SELECT 'replication.head ' || h.tbl, h.residency, count(*) FROM replication.head h
    WHERE NOT h.deleted AND h.residency <> ALL (me.holds || 'here'::text) AND me.region <> ALL (h.share) GROUP BY 1, 2;
  RETURN QUERY SELECT 'replication.change ' || c.tbl, c.residency, count(*) FROM replication.change c
    WHERE c.op IN ('I', 'U') AND c.content IS NOT NULL AND c.residency <> ALL (me.holds || 'here'::text) AND me.region <> ALL (c.share) GROUP BY 1, 2;
  FOR relation IN SELECT * FROM replication.relation r WHERE r.residency_of = 'row' ORDER BY r.position LOOP
    RETURN QUERY EXECUTE format(
      'SELECT %1$L, t.residency, count(*) FROM %1$s t WHERE t.residency <> ALL ($1) AND NOT EXISTS (
         SELECT FROM replication.head h WHERE h.tbl = %1$L AND h.pk = replication.key_of(to_jsonb(t), $2) AND $3 = ANY (h.share)
       ) GROUP BY 2', relation.tbl) USING me.holds, relation.key, me.region;
  END LOOP;
END
$$;

-- Takes this database into the mesh: from here on writes are captured, and what it holds already is written into the
-- log. In one transaction, so that no write falls between. As a superuser, since it alters every table.
CREATE FUNCTION replication.join(as_region text, as_incarnation bigint, may_hold text[]) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  relation replication.relation;
  batch jsonb[];
  event text;
  adopted bigint := 0;
BEGIN
  INSERT INTO replication.self (region, incarnation, holds, schema_version)
  VALUES (as_region, as_incarnation, may_hold, (SELECT count(*) FROM public.atlas_migrations));
  PERFORM replication.keep_partitions();
  FOR relation IN SELECT * FROM replication.relation ORDER BY position LOOP
    FOREACH event IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
      EXECUTE format('ALTER TABLE %s ENABLE TRIGGER capture_%s', relation.tbl, event);
    END LOOP;
    FOR batch IN EXECUTE format(
      'SELECT array_agg(content) FROM (SELECT to_jsonb(t) AS content, row_number() OVER () AS n FROM %s t) numbered GROUP BY n / 2000', relation.tbl)
    LOOP
      PERFORM replication.record(relation, 'I', batch, true);
      adopted := adopted + cardinality(batch);
    END LOOP;
  END LOOP;
  RETURN adopted;
END
$$;

-- What a region held before it joined and may not hold: call it when the regions that may have got it.
CREATE FUNCTION replication.let_go() RETURNS bigint
LANGUAGE plpgsql SET session_replication_role = replica AS $$
DECLARE
  me replication.self;
  relation replication.relation;
  gone bigint := 0;
  deleted bigint;
BEGIN
  SELECT * INTO STRICT me FROM replication.self;
  FOR relation IN SELECT * FROM replication.relation ORDER BY position DESC LOOP
    EXECUTE format(
      'DELETE FROM %1$s t USING replication.head h WHERE h.tbl = %1$L AND h.pk = replication.key_of(to_jsonb(t), $1)
         AND h.residency <> ALL ($2) AND $3 <> ALL (h.share)', relation.tbl) USING relation.key, me.holds || 'here'::text, me.region;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    gone := gone + deleted;
  END LOOP;
  DELETE FROM replication.change c WHERE c.residency <> ALL (me.holds || 'here'::text) AND me.region <> ALL (c.share);
  DELETE FROM replication.head h WHERE h.residency <> ALL (me.holds || 'here'::text) AND me.region <> ALL (h.share);
  RETURN gone;
END
$$;

RESET ROLE;
GRANT USAGE ON SCHEMA replication TO atlas_regions, atlas_intelligence, atlas_ml, atlas_compliance, atlas_mobile;
GRANT EXECUTE ON FUNCTION replication.wait_for_peers()
  TO atlas_regions, atlas_intelligence, atlas_ml, atlas_compliance, atlas_mobile;
GRANT EXECUTE ON FUNCTION replication.beat(), replication.links(), replication.leaks(), replication.replay(uuid),
  replication.keep_partitions(), replication.compact(interval) TO atlas_regions;
GRANT SELECT ON replication.self, replication.quarantine, replication.conflict, replication.waiver, replication.horizon,
  replication.purged TO atlas_regions;
