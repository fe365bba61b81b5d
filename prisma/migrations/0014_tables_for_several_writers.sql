-- What one writer could promise and three regions cannot.

-- Two regions may count to one version at the same time. Both stay: the stricter decision is taken for the later
-- (subgraphs/regions/domain), which a unique key would have kept from arriving at all.
ALTER TABLE regions.consent DROP CONSTRAINT consent_subject_id_purpose_version_key;
CREATE INDEX ON regions.consent (subject_id, purpose, version);
ALTER TABLE regions.residency_preference DROP CONSTRAINT residency_preference_subject_id_data_type_version_key;
CREATE INDEX ON regions.residency_preference (subject_id, data_type, version);

-- Signals that come from another region are published to this region's watchers too.
ALTER TABLE intelligence.signal ENABLE ALWAYS TRIGGER signal_to_outbox;
