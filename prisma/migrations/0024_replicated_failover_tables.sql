-- Generated from prisma/replication/replicatedTables.ts by `npm run generate:replication`; a test compares the two.
INSERT INTO replication.relation (tbl, position, key, residency_of, parent, parent_key) VALUES
  ('regions.region_probe', 54, '{id}', 'global', NULL, NULL),
  ('regions.primary_claim', 55, '{id}', 'global', NULL, NULL),
  ('regions.primary_vote', 56, '{id}', 'global', NULL, NULL),
  ('regions.region_order', 57, '{id}', 'global', NULL, NULL),
  ('regions.region_repair', 58, '{id}', 'global', NULL, NULL);

CREATE TRIGGER capture_insert AFTER INSERT ON regions.region_probe REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON regions.region_probe REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON regions.region_probe REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE regions.region_probe DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON regions.primary_claim REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON regions.primary_claim REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON regions.primary_claim REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE regions.primary_claim DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON regions.primary_vote REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON regions.primary_vote REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON regions.primary_vote REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE regions.primary_vote DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON regions.region_order REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON regions.region_order REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON regions.region_order REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE regions.region_order DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

CREATE TRIGGER capture_insert AFTER INSERT ON regions.region_repair REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON regions.region_repair REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON regions.region_repair REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE regions.region_repair DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;

