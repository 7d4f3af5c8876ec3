-- name: lock
-- One migrator at a time in the whole cluster, for this schema; held until unlock or the session's end.
SELECT pg_advisory_lock(hashtextextended('answerable.migrations.' || %(schema)s::text, 0));

-- name: unlock
-- The counterpart of lock.
SELECT pg_advisory_unlock(hashtextextended('answerable.migrations.' || %(schema)s::text, 0));

-- name: describe_server
-- What must be known before anything is created.
SELECT current_setting('server_version_num')::int AS version_num,
       current_setting('server_version') AS version,
       to_regnamespace(quote_ident(%(schema)s::text)) IS NOT NULL AS has_schema,
       (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS vector,
       (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
         WHERE e.extname = 'vector') AS vector_schema,
       (SELECT default_version FROM pg_available_extensions WHERE name = 'vector') AS vector_available;

-- name: create_vector
-- pgvector is not a trusted extension: only a superuser may do this.
CREATE EXTENSION vector SCHEMA public;

-- name: create_schema
-- Everything we have lives here and nowhere else.
CREATE SCHEMA {schema};

-- name: set_path
-- Names in migration files have no schema; for the transaction only.
SELECT set_config('search_path', %(path)s, true);

-- name: create_ledger
-- What was applied. The service may read it; only the owner writes it, which is the one policy for all tenants.
CREATE TABLE schema_migration (
    number     integer PRIMARY KEY,
    name       text NOT NULL,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: protect_ledger
-- Row-level security here too, so that no table of the schema is without.
ALTER TABLE schema_migration ENABLE ROW LEVEL SECURITY;

-- name: force_ledger
-- For the owner as well.
ALTER TABLE schema_migration FORCE ROW LEVEL SECURITY;

-- name: open_ledger_to_owner
-- Migrating writes here.
CREATE POLICY owner ON schema_migration TO CURRENT_ROLE USING (true);

-- name: open_ledger_to_readers
-- `doctor` compares it with the files.
CREATE POLICY readers ON schema_migration FOR SELECT USING (true);

-- name: has_ledger
-- Whether any migration was ever applied here.
SELECT to_regclass(quote_ident(%(schema)s::text) || '.schema_migration') IS NOT NULL AS yes;

-- name: applied
-- What was applied, in order.
SELECT number, name, sha256 FROM schema_migration ORDER BY number;

-- name: record
-- One more is applied.
INSERT INTO schema_migration (number, name, sha256) VALUES (%(number)s, %(name)s, %(sha256)s);
