-- Generated from prisma/replication/replicatedTables.ts by `npm run generate:replication`; a test compares the two.
INSERT INTO replication.relation (tbl, position, key, residency_of, parent, parent_key) VALUES
  ('regions.jurisdiction', 1, '{id}', 'global', NULL, NULL),
  ('regions.region', 2, '{id}', 'global', NULL, NULL),
  ('regions.country', 3, '{id}', 'global', NULL, NULL),
  ('regions.account', 4, '{id}', 'row', NULL, NULL),
  ('regions.data_subject', 5, '{id}', 'row', NULL, NULL),
  ('regions.consent', 6, '{id}', 'row', NULL, NULL),
  ('regions.residency_preference', 7, '{id}', 'row', NULL, NULL),
  ('regions.failover_event', 8, '{id}', 'global', NULL, NULL),
  ('regions.idempotency', 9, '{tenant,key}', 'global', NULL, NULL),
  ('intelligence.source', 10, '{id}', 'global', NULL, NULL),
  ('intelligence.signal', 11, '{id}', 'row', NULL, NULL),
  ('intelligence.entity', 12, '{id}', 'row', NULL, NULL),
  ('intelligence.signal_entity', 13, '{signal_id,entity_id}', 'parent', 'intelligence.signal', 'signal_id'),
  ('intelligence.entity_relation', 14, '{id}', 'parent', 'intelligence.entity', 'from_entity_id'),
  ('intelligence.stix_object', 15, '{id}', 'global', NULL, NULL),
  ('intelligence.indicator', 16, '{code}', 'global', NULL, NULL),
  ('intelligence.observation', 17, '{indicator_code,period}', 'global', NULL, NULL),
  ('intelligence.import_run', 18, '{id}', 'global', NULL, NULL),
  ('intelligence.fusion_result', 19, '{id}', 'row', NULL, NULL),
  ('intelligence.risk_assessment', 20, '{id}', 'row', NULL, NULL),
  ('intelligence.risk_revision', 21, '{assessment_id,revision}', 'parent', 'intelligence.risk_assessment', 'assessment_id'),
  ('intelligence.scenario', 22, '{id}', 'row', NULL, NULL),
  ('intelligence.scenario_run', 23, '{id}', 'row', NULL, NULL),
  ('intelligence.idempotency', 24, '{tenant,key}', 'global', NULL, NULL),
  ('ml.model', 25, '{id}', 'global', NULL, NULL),
  ('ml.model_version', 26, '{id}', 'global', NULL, NULL),
  ('ml.model_alias', 27, '{model_id,alias}', 'global', NULL, NULL),
  ('ml.promotion', 28, '{id}', 'global', NULL, NULL),
  ('ml.federated_run', 29, '{id}', 'global', NULL, NULL),
  ('ml.round', 30, '{id}', 'global', NULL, NULL),
  ('ml.round_update', 31, '{round_id,region_code}', 'global', NULL, NULL),
  ('ml.experiment', 32, '{id}', 'global', NULL, NULL),
  ('ml.drift_report', 33, '{id}', 'global', NULL, NULL),
  ('ml.prediction', 34, '{id}', 'row', NULL, NULL),
  ('ml.idempotency', 35, '{tenant,key}', 'global', NULL, NULL),
  ('compliance.control', 36, '{id}', 'global', NULL, NULL),
  ('compliance.scan', 37, '{id}', 'global', NULL, NULL),
  ('compliance.violation', 38, '{id}', 'row', NULL, NULL),
  ('compliance.remediation', 39, '{id}', 'parent', 'compliance.violation', 'violation_id'),
  ('compliance.evidence', 40, '{id}', 'row', NULL, NULL),
  ('compliance.retention_rule', 41, '{id}', 'global', NULL, NULL),
  ('compliance.lineage_step', 42, '{assessment_id,position}', 'parent', 'intelligence.risk_assessment', 'assessment_id'),
  ('compliance.erasure_request', 43, '{id}', 'row', NULL, NULL),
  ('compliance.idempotency', 44, '{tenant,key}', 'global', NULL, NULL),
  ('mobile.device', 45, '{id}', 'row', NULL, NULL),
  ('mobile.sync_cursor', 46, '{device_id,scope}', 'parent', 'mobile.device', 'device_id'),
  ('mobile.offline_mutation', 47, '{id}', 'row', NULL, NULL),
  ('mobile.push_token', 48, '{device_id,provider}', 'parent', 'mobile.device', 'device_id'),
  ('mobile.notification', 49, '{id}', 'row', NULL, NULL),
  ('mobile.assessment_pin', 50, '{device_id,assessment_id}', 'parent', 'mobile.device', 'device_id');

CREATE TRIGGER capture_insert AFTER INSERT ON regions.jurisdiction REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON regions.jurisdiction REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON regions.jurisdiction REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE regions.jurisdiction DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON regions.region REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON regions.region REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON regions.region REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE regions.region DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON regions.country REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON regions.country REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON regions.country REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE regions.country DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON regions.account REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON regions.account REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON regions.account REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE regions.account DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON regions.data_subject REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON regions.data_subject REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON regions.data_subject REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE regions.data_subject DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON regions.consent REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON regions.consent REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON regions.consent REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE regions.consent DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON regions.residency_preference REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON regions.residency_preference REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON regions.residency_preference REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE regions.residency_preference DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON regions.failover_event REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON regions.failover_event REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON regions.failover_event REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE regions.failover_event DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON regions.idempotency REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON regions.idempotency REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON regions.idempotency REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE regions.idempotency DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON intelligence.source REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON intelligence.source REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON intelligence.source REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE intelligence.source DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON intelligence.signal REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON intelligence.signal REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON intelligence.signal REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE intelligence.signal DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON intelligence.entity REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON intelligence.entity REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON intelligence.entity REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE intelligence.entity DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON intelligence.signal_entity REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON intelligence.signal_entity REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON intelligence.signal_entity REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE intelligence.signal_entity DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON intelligence.entity_relation REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON intelligence.entity_relation REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON intelligence.entity_relation REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE intelligence.entity_relation DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON intelligence.stix_object REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON intelligence.stix_object REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON intelligence.stix_object REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE intelligence.stix_object DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON intelligence.indicator REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON intelligence.indicator REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON intelligence.indicator REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE intelligence.indicator DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON intelligence.observation REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON intelligence.observation REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON intelligence.observation REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE intelligence.observation DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON intelligence.import_run REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON intelligence.import_run REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON intelligence.import_run REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE intelligence.import_run DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON intelligence.fusion_result REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON intelligence.fusion_result REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON intelligence.fusion_result REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE intelligence.fusion_result DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON intelligence.risk_assessment REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON intelligence.risk_assessment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON intelligence.risk_assessment REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE intelligence.risk_assessment DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON intelligence.risk_revision REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON intelligence.risk_revision REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON intelligence.risk_revision REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE intelligence.risk_revision DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON intelligence.scenario REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON intelligence.scenario REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON intelligence.scenario REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE intelligence.scenario DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON intelligence.scenario_run REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON intelligence.scenario_run REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON intelligence.scenario_run REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE intelligence.scenario_run DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON intelligence.idempotency REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON intelligence.idempotency REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON intelligence.idempotency REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE intelligence.idempotency DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON ml.model REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON ml.model REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON ml.model REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE ml.model DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON ml.model_version REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON ml.model_version REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON ml.model_version REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE ml.model_version DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON ml.model_alias REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON ml.model_alias REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON ml.model_alias REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE ml.model_alias DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON ml.promotion REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON ml.promotion REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON ml.promotion REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE ml.promotion DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON ml.federated_run REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON ml.federated_run REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON ml.federated_run REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE ml.federated_run DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON ml.round REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON ml.round REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON ml.round REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE ml.round DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON ml.round_update REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON ml.round_update REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON ml.round_update REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE ml.round_update DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON ml.experiment REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON ml.experiment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON ml.experiment REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE ml.experiment DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON ml.drift_report REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON ml.drift_report REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON ml.drift_report REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE ml.drift_report DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON ml.prediction REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON ml.prediction REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON ml.prediction REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE ml.prediction DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON ml.idempotency REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON ml.idempotency REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON ml.idempotency REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE ml.idempotency DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON compliance.control REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON compliance.control REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON compliance.control REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE compliance.control DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON compliance.scan REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON compliance.scan REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON compliance.scan REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE compliance.scan DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON compliance.violation REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON compliance.violation REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON compliance.violation REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE compliance.violation DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON compliance.remediation REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON compliance.remediation REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON compliance.remediation REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE compliance.remediation DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON compliance.evidence REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON compliance.evidence REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON compliance.evidence REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE compliance.evidence DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON compliance.retention_rule REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON compliance.retention_rule REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON compliance.retention_rule REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE compliance.retention_rule DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON compliance.lineage_step REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON compliance.lineage_step REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON compliance.lineage_step REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE compliance.lineage_step DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON compliance.erasure_request REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON compliance.erasure_request REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON compliance.erasure_request REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE compliance.erasure_request DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON compliance.idempotency REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON compliance.idempotency REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON compliance.idempotency REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE compliance.idempotency DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON mobile.device REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON mobile.device REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON mobile.device REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE mobile.device DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON mobile.sync_cursor REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON mobile.sync_cursor REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON mobile.sync_cursor REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE mobile.sync_cursor DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON mobile.offline_mutation REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON mobile.offline_mutation REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON mobile.offline_mutation REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE mobile.offline_mutation DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON mobile.push_token REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON mobile.push_token REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON mobile.push_token REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE mobile.push_token DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON mobile.notification REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON mobile.notification REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON mobile.notification REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE mobile.notification DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON mobile.assessment_pin REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON mobile.assessment_pin REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON mobile.assessment_pin REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE mobile.assessment_pin DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;
