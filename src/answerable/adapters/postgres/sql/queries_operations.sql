-- name: speak_as_owner
-- Makes the owner's policy let every tenant's rows through: for counting and for backups, until the session ends.
SELECT set_config('answerable.maintenance', 'on', false), set_config('search_path', %(path)s, false);

-- name: list_tables
-- Tables that people think of (partitions belong to theirs), with their size on disk in bytes, indexes included.
SELECT c.relname AS name,
       (SELECT sum(pg_total_relation_size(p.relid)) FROM pg_partition_tree(c.oid) p)::bigint AS partitioned_bytes,
       pg_total_relation_size(c.oid) AS own_bytes
  FROM pg_class c
 WHERE c.relnamespace = to_regnamespace(quote_ident(%(schema)s::text))
   AND c.relkind IN ('r', 'p') AND NOT c.relispartition
 ORDER BY c.relname;

-- name: count_rows
-- All tenants' rows, exactly.
SELECT count(*) AS n FROM {table};

-- name: list_closed_tables
-- Tables that a backup by the owner would leave out without a word: there must be none.
SELECT c.relname AS name
  FROM pg_class c
 WHERE c.relnamespace = to_regnamespace(quote_ident(%(schema)s::text))
   AND c.relkind IN ('r', 'p') AND c.relrowsecurity
   AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND c.relowner = ANY (p.polroles));

-- name: has_objects
-- Whether anything at all is in the schema.
SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(%(schema)s::text)))
       OR EXISTS (SELECT FROM pg_proc WHERE pronamespace = to_regnamespace(quote_ident(%(schema)s::text)))
       OR EXISTS (SELECT FROM pg_type WHERE typnamespace = to_regnamespace(quote_ident(%(schema)s::text)))
       AS yes;

-- name: has_schema
-- Whether it is there, empty or not.
SELECT to_regnamespace(quote_ident(%(schema)s::text)) IS NOT NULL AS yes;

-- name: create_schema
-- The place to restore into.
CREATE SCHEMA {schema};

-- name: rename_schema
-- What is replaced is kept until the restore has succeeded.
ALTER SCHEMA {schema} RENAME TO {other};

-- name: drop_schema
-- With everything in it.
DROP SCHEMA {schema} CASCADE;

-- name: open_to_owner
-- The owner's policies name the owner, who may be another here than where the backup was made: made anew.
DO $$
DECLARE
    target regclass;
BEGIN
    FOR target IN SELECT c.oid FROM pg_class c
                   WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema()))
                     AND c.relkind IN ('r', 'p') AND c.relname <> 'schema_migration'
    LOOP
        EXECUTE format('CREATE POLICY maintenance ON %s TO CURRENT_ROLE '
                       'USING (current_setting(''answerable.maintenance'', true) = ''on'')', target);
    END LOOP;
    CREATE POLICY owner ON schema_migration TO CURRENT_ROLE USING (true);
END
$$;
