-- A gateway that dies takes with it what waited to be put on record: a chain that falls silent without its end has a gap.
ALTER TABLE compliance.decision_gap
  DROP CONSTRAINT decision_gap_reason_check,
  ADD CONSTRAINT decision_gap_reason_check
    CHECK (reason IN ('ENTRIES_MISSING', 'HASH_MISMATCH', 'QUEUE_FULL', 'NOT_ENDED'));

-- Those that may have fallen silent; chains that ended are the many.
CREATE INDEX ON compliance.decision_chain (last_at) WHERE ended_at IS NULL;
