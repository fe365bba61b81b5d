-- Generated from prisma/replication/replicatedTables.ts by `npm run generate:replication`; a test compares the two.
INSERT INTO replication.relation (tbl, position, key, residency_of, parent, parent_key) VALUES
  ('ml.parameter_set', 51, '{content_hash}', 'global', NULL, NULL),
  ('ml.privacy_entry', 52, '{round_id,subject_group}', 'global', NULL, NULL);

CREATE TRIGGER capture_insert AFTER INSERT ON ml.parameter_set REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON ml.parameter_set REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON ml.parameter_set REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE ml.parameter_set DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON ml.privacy_entry REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON ml.privacy_entry REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON ml.privacy_entry REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE ml.privacy_entry DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

