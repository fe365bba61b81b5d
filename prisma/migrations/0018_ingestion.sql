-- What becomes of records on their way from sources to signals. Counts and quarantine are of the region that took the
-- records in: they are not replicated.

CREATE TABLE intelligence.quarantined_signal (
  id uuid NOT NULL PRIMARY KEY,
  region_code text NOT NULL,
  tenant text NOT NULL,
  source_code text,
  reason text NOT NULL,
  message text NOT NULL,
  record text NOT NULL,
  received_at timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON TABLE intelligence.quarantined_signal IS 'Records that were refused when they came in, each with its reason.';
CREATE INDEX ON intelligence.quarantined_signal (tenant, received_at);

CREATE TABLE intelligence.ingest_tally (
  region_code text NOT NULL,
  tenant text NOT NULL,
  source_code text NOT NULL,
  outcome text NOT NULL,
  reason text NOT NULL,
  count bigint NOT NULL,
  last_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (region_code, tenant, source_code, outcome, reason)
);
COMMENT ON TABLE intelligence.ingest_tally IS 'How many records of a source went which way; source_code and reason are empty where there is none.';
-- Counted in place with every batch: room on the page keeps the old versions from spreading.
ALTER TABLE intelligence.ingest_tally SET (fillfactor = 50);

ALTER TABLE intelligence.signal ADD COLUMN revoked boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN intelligence.signal.revoked IS 'Its source has taken it back: it is in no list and counts for no risk. The row stays, so that an older record cannot bring it back.';

-- As before, but nobody is told of a signal that was taken back before it came.
CREATE OR REPLACE FUNCTION intelligence.signal_to_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
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
  FROM inserted s WHERE NOT s.revoked;
  IF FOUND THEN
    -- A wake-up, not the message: the relay also looks by itself, so a lost notification delays and loses nothing.
    NOTIFY intelligence_outbox;
  END IF;
  RETURN NULL;
END
$$;
