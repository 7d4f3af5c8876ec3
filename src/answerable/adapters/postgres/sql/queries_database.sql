-- name: enter
-- The first statement of every transaction: who we are, where names are found, whose rows there are.
-- All three end with the transaction, so nothing leaks to the connection's next user or through a proxy pool.
SELECT set_config('role', %(role)s, true),
       set_config('search_path', %(path)s, true),
       set_config('answerable.tenant', %(tenant)s, true);

-- name: export_snapshot
-- A name under which other transactions can see exactly what this one sees, as long as this one lasts.
SELECT pg_export_snapshot();

-- name: take_snapshot
-- See what the transaction that exported it sees. A utility statement takes no parameters: its literal is quoted.
SET TRANSACTION SNAPSHOT {snapshot};

-- name: describe_role
-- What the current role could do beyond its rows: any true here would make row-level security void.
SELECT r.rolsuper AS is_superuser,
       r.rolbypassrls AS bypasses_rls,
       EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = to_regnamespace(current_schema())
               AND pg_has_role(r.oid, c.relowner, 'USAGE')) AS owns_tables
  FROM pg_roles r
 WHERE r.rolname = current_user;

-- name: find_vector_schema
-- The schema that holds pgvector's types; search paths name it.
SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector';
