-- Generated from prisma/replication/replicatedTables.ts by `npm run generate:replication`; a test compares the two.
INSERT INTO replication.relation (tbl, position, key, residency_of, parent, parent_key) VALUES
  ('regions.replication_link', 53, '{id}', 'global', NULL, NULL);

CREATE TRIGGER capture_insert AFTER INSERT ON regions.replication_link REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_update AFTER UPDATE ON regions.replication_link REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
CREATE TRIGGER capture_delete AFTER DELETE ON regions.replication_link REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();
ALTER TABLE regions.replication_link DISABLE TRIGGER capture_insert, DISABLE TRIGGER capture_update, DISABLE TRIGGER capture_delete;
