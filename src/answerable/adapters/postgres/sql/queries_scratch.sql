-- name: drop_schema
-- A scratch schema with all that is in it. Its name is made by the program and begins with the word scratch.
DROP SCHEMA IF EXISTS {schema} CASCADE;

-- name: drop_owned
-- What was granted to its service role elsewhere in this database.
DROP OWNED BY {role};

-- name: has_role
-- Whether the role is there.
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %(role)s) AS yes;

-- name: drop_role
-- The schema's service role.
DROP ROLE {role};

-- name: list_leftovers
-- Scratch schemas that a killed run left behind.
SELECT nspname AS name FROM pg_namespace WHERE starts_with(nspname, %(prefix)s) ORDER BY nspname;
