-- One schema and one login role for each subgraph. The role owns nothing and reaches nothing but its own schema, so
-- "a subgraph touches only its own models" is kept by PostgreSQL, not by good will. Passwords are set by whoever
-- starts the system (infra/local/prepareDatabase.ts; in production the operator), never here.
DO $$
DECLARE
  subgraph text;
BEGIN
  FOREACH subgraph IN ARRAY ARRAY['regions', 'intelligence', 'ml', 'compliance', 'mobile'] LOOP
    -- Roles belong to the cluster, schemas to the database: a second database finds the roles there already.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'atlas_' || subgraph) THEN
      EXECUTE format('CREATE ROLE %I LOGIN', 'atlas_' || subgraph);
    END IF;
    EXECUTE format('CREATE SCHEMA %I', subgraph);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', subgraph, 'atlas_' || subgraph);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I',
                   subgraph, 'atlas_' || subgraph);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT USAGE, SELECT ON SEQUENCES TO %I',
                   subgraph, 'atlas_' || subgraph);
  END LOOP;
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
