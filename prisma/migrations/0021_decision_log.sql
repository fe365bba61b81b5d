-- The record of policy decisions: a hash chain for each gateway process, the questions that were asked, and the bundles
-- that answered, so that a decision can be replayed. The format of entries: policies/runtime/decisionChain.ts.

-- Bundles by what they are; decisions of years ago name the one that made them.
CREATE TABLE compliance.policy_bundle (
  digest text NOT NULL PRIMARY KEY,
  revision text NOT NULL,
  packed bytea NOT NULL,
  kept_at timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON TABLE compliance.policy_bundle IS 'Policy bundles that decided something, as their files were.';

-- Callers of equal facts share a question, so it is kept once and not with each decision.
CREATE TABLE compliance.decision_question (
  id text NOT NULL PRIMARY KEY,
  bundle_digest text NOT NULL,
  entrypoint text NOT NULL,
  input text,
  masked text[] NOT NULL,
  verdicts jsonb NOT NULL,
  kept_at timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON COLUMN compliance.decision_question.input IS 'JSON as the policy was asked, without what `masked` names; null when nothing may be kept.';

CREATE TABLE compliance.decision_chain (
  id uuid NOT NULL PRIMARY KEY,
  region_code text NOT NULL,
  started_at timestamptz(3) NOT NULL,
  last_seq bigint NOT NULL DEFAULT 0,
  last_hash text NOT NULL,
  last_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3)
);
COMMENT ON TABLE compliance.decision_chain IS 'One for each gateway process: its entries, each with the hash of those before.';
CREATE INDEX ON compliance.decision_chain (started_at);

CREATE TABLE compliance.decision_entry (
  chain_id uuid NOT NULL,
  seq bigint NOT NULL,
  entry text NOT NULL,
  hash text NOT NULL,
  PRIMARY KEY (chain_id, seq)
);
COMMENT ON TABLE compliance.decision_entry IS 'Insert-only: the entries of chains, letter for letter as they were hashed.';

CREATE TABLE compliance.decision_gap (
  chain_id uuid NOT NULL,
  seq bigint NOT NULL,
  reason text NOT NULL CHECK (reason IN ('ENTRIES_MISSING', 'HASH_MISMATCH', 'QUEUE_FULL')),
  decisions bigint NOT NULL,
  found_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (chain_id, seq, reason)
);
COMMENT ON TABLE compliance.decision_gap IS 'Where a chain does not tell everything, and how much is missing.';
CREATE INDEX ON compliance.decision_gap (found_at);

-- Decisions by what people look for. One operation has several: on its fields, its lists, each batch of rows.
ALTER TABLE compliance.decision_record
  ADD COLUMN sequence integer NOT NULL DEFAULT 0,
  ADD COLUMN question text NOT NULL DEFAULT 'FIELDS' CHECK (question IN ('FIELDS', 'FILTERS', 'OBJECTS')),
  ADD COLUMN question_id text,
  ADD COLUMN bundle_revision text NOT NULL DEFAULT '',
  ADD COLUMN reasons text[] NOT NULL DEFAULT '{}',
  ADD COLUMN subject_hash text,
  ADD COLUMN region_code text NOT NULL DEFAULT '',
  ADD COLUMN operation_id text,
  ADD COLUMN operation_kind text NOT NULL DEFAULT 'query',
  ADD COLUMN operation_name text,
  ADD COLUMN crosses_jurisdiction boolean NOT NULL DEFAULT false,
  ADD COLUMN reused boolean NOT NULL DEFAULT false,
  ADD COLUMN latency_us integer NOT NULL DEFAULT 0,
  ADD COLUMN chain_id uuid,
  ADD COLUMN seq bigint NOT NULL DEFAULT 0,
  DROP CONSTRAINT decision_record_pkey,
  ADD PRIMARY KEY (decision_id, sequence, question, seq);
CREATE INDEX ON compliance.decision_record (tenant, decided_at, decision_id);
CREATE INDEX ON compliance.decision_record (question_id);
CREATE INDEX ON compliance.decision_record USING gin (denied);

-- What is on record stays: the subgraph may add, and nothing else.
REVOKE UPDATE, DELETE ON compliance.policy_bundle, compliance.decision_question, compliance.decision_entry,
  compliance.decision_gap, compliance.decision_record FROM atlas_compliance;

-- Decisions travel through the event log.
GRANT USAGE ON SCHEMA event_log TO atlas_compliance;
GRANT SELECT, INSERT ON event_log.topic TO atlas_compliance;
GRANT SELECT, INSERT, UPDATE ON event_log.partition TO atlas_compliance;
GRANT SELECT, INSERT, DELETE ON event_log.record TO atlas_compliance;
GRANT SELECT, INSERT, UPDATE, DELETE
  ON event_log.consumer_group, event_log.member, event_log.claim, event_log.committed_offset TO atlas_compliance;
