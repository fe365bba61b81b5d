-- Who sees whom, who leads, what operators ordered: rows that each region writes for itself, so that none is ever in conflict.

CREATE TABLE regions.region_probe (
  id uuid NOT NULL PRIMARY KEY,
  witness_code text NOT NULL,
  target_code text NOT NULL,
  misses integer NOT NULL CHECK (misses >= 0),
  goods integer NOT NULL CHECK (goods >= 0),
  latency_ms integer CHECK (latency_ms >= 0),
  failure text,
  probed_at timestamptz(3) NOT NULL,
  UNIQUE (witness_code, target_code)
);
COMMENT ON TABLE regions.region_probe IS 'How each region last saw each other; written by the witness.';

CREATE TABLE regions.primary_claim (
  id uuid NOT NULL PRIMARY KEY,
  region_code text NOT NULL UNIQUE,
  term bigint NOT NULL CHECK (term > 0),
  claimed_at timestamptz(3) NOT NULL,
  held_until timestamptz(3) NOT NULL,
  is_released boolean NOT NULL
);
COMMENT ON TABLE regions.primary_claim IS 'The newest claim of each region to lead; written by the claimant.';

CREATE TABLE regions.primary_vote (
  id uuid NOT NULL PRIMARY KEY,
  voter_code text NOT NULL UNIQUE,
  term bigint NOT NULL CHECK (term > 0),
  voted_for text NOT NULL,
  claimed_at timestamptz(3) NOT NULL,
  held_until timestamptz(3) NOT NULL,
  promised_until timestamptz(3) NOT NULL
);
COMMENT ON TABLE regions.primary_vote IS 'The one vote of each region; written by the voter, who is bound by it.';

CREATE TABLE regions.region_order (
  id uuid NOT NULL PRIMARY KEY,
  region_code text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('DRAIN', 'FAIL_OVER', 'REJOIN')),
  reason text NOT NULL,
  ordered_by text NOT NULL,
  ordered_at timestamptz(3) NOT NULL
);
COMMENT ON TABLE regions.region_order IS 'What operators ordered a region to do; insert-only, the newest holds.';
CREATE INDEX ON regions.region_order (region_code, id);

CREATE TABLE regions.region_repair (
  id uuid NOT NULL PRIMARY KEY,
  region_code text NOT NULL UNIQUE,
  cause text NOT NULL,
  fetched integer NOT NULL,
  repaired_at timestamptz(3) NOT NULL
);
COMMENT ON TABLE regions.region_repair IS 'When each region last fetched what it lacked from its peers; written by the region.';

-- `since` null: it has never served. `term` of the primary that judged; `is_held`: an operator keeps it out.
ALTER TABLE regions.region
  DROP CONSTRAINT region_status_check,
  ADD CONSTRAINT region_status_check CHECK (status IN ('SERVING', 'DRAINING', 'DOWN', 'RETURNING')),
  ADD COLUMN since timestamptz(3),
  ADD COLUMN is_held boolean NOT NULL DEFAULT false,
  ADD COLUMN order_id uuid,
  ADD COLUMN judged_term bigint NOT NULL DEFAULT 0;

SET ROLE atlas_replication;

-- The regions' common idea of time, in this region: the machine's clock, turned where a test turns it.
CREATE FUNCTION replication.now() RETURNS timestamptz
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT coalesce((SELECT to_timestamp(replication.clock_ms(me) / 1000.0) FROM replication.self me), clock_timestamp())
$$;

-- The term in which this region leads now; null when it does not. A region that is alone leads in term 0. The same rule
-- as findPrimary (subgraphs/regions/domain/failover/primaryLease.ts).
CREATE FUNCTION replication.primary_term() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  me replication.self;
  held timestamptz;
  own regions.primary_claim;
BEGIN
  SELECT * INTO me FROM replication.self;
  IF NOT FOUND THEN RETURN 0; END IF;
  SELECT * INTO own FROM regions.primary_claim c WHERE c.region_code = me.region AND NOT c.is_released;
  SELECT v.held_until INTO held FROM regions.primary_vote v
  WHERE v.term = own.term AND v.voted_for = me.region
  ORDER BY v.held_until DESC OFFSET (SELECT count(*) / 2 FROM regions.region) LIMIT 1;
  RETURN CASE WHEN held > to_timestamp(replication.clock_ms(me) / 1000.0) THEN own.term END;
END
$$;

-- Fences work that only one region may do: call it in the transaction that does the work, with the term in which it began.
-- A holder that slept through its lease, or that another has followed, is refused.
CREATE FUNCTION replication.assert_primary(term bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  current_term bigint := replication.primary_term();
BEGIN
  IF current_term IS DISTINCT FROM term THEN
    RAISE EXCEPTION USING ERRCODE = 'ATR05', MESSAGE = format(
      'expected this region to lead in term %s; %s', term, coalesce('it leads in term ' || current_term, 'it does not lead now'));
  END IF;
END
$$;

-- Rows that are written every few seconds for ever would fill the log: their superseded versions go after `keep`, which is
-- shorter than that of other tables. A region that was away for longer gets the newest versions alone.
CREATE FUNCTION replication.forget_versions(relations text[], keep interval) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  forgotten bigint;
BEGIN
  DELETE FROM replication.change c WHERE c.tbl = ANY (relations) AND c.at < now() - keep AND NOT EXISTS (
    SELECT FROM replication.head h WHERE h.tbl = c.tbl AND h.pk = c.pk AND h.hlc = c.hlc AND h.origin = c.origin
  );
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  RETURN forgotten;
END
$$;

COMMENT ON FUNCTION replication.beat() IS
  'To be called about twice a second where a region has joined: replays what waited for its time, and sends a heartbeat.';
COMMENT ON TABLE replication.purged IS
  'What was purged here at another region''s word. Nothing reports it to the others yet, beat() included.';

RESET ROLE;
GRANT EXECUTE ON FUNCTION replication.now(), replication.primary_term(), replication.assert_primary(bigint)
  TO atlas_regions, atlas_intelligence, atlas_ml, atlas_compliance, atlas_mobile;
GRANT EXECUTE ON FUNCTION replication.forget_versions(text[], interval) TO atlas_regions;
