-- What operators and the graph see of replication, and tables that replicate from a later migration on.
SET ROLE atlas_replication;

-- The replication slots of this region, by receiver. `kept_bytes` is what the slot keeps from being recycled.
CREATE FUNCTION replication.slots()
RETURNS TABLE (name text, is_active boolean, wal_status text, kept_bytes bigint, sync_state text)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT s.slot_name::text, s.active, s.wal_status,
    pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)::bigint,
    (SELECT r.sync_state FROM pg_stat_replication r WHERE r.pid = s.active_pid)
  FROM pg_replication_slots s WHERE s.slot_type = 'logical' AND NOT s.temporary AND s.slot_name LIKE '%\_from\_%'
  ORDER BY 1
$$;

-- Enables capture on tables that joined the list after this database joined the regions, and writes what they hold into
-- the log. As a superuser; in one transaction, so that no write falls between.
CREATE FUNCTION replication.capture_added_tables() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  relation replication.relation;
  batch jsonb[];
  event text;
  adopted bigint := 0;
BEGIN
  FOR relation IN
    SELECT r.* FROM replication.relation r JOIN pg_trigger t ON t.tgrelid = r.tbl::regclass
    WHERE t.tgname = 'capture_insert' AND t.tgenabled = 'D' ORDER BY r.position
  LOOP
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

RESET ROLE;
GRANT EXECUTE ON FUNCTION replication.slots() TO atlas_regions;

-- The name of a link and nothing else: what is measured comes from replication.links() when it is asked for.
ALTER TABLE regions.replication_link DROP COLUMN state, DROP COLUMN lag_ms, DROP COLUMN measured_at;
