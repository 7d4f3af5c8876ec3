-- name: describe
-- The service role, if there is one, and whether we, and the login the service uses, may take it on.
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %(role)s) AS present,
       EXISTS (SELECT FROM pg_roles WHERE rolname = %(login)s) AS login_present,
       (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %(role)s) AS too_strong;

-- name: create
-- It owns nothing and may do nothing that is not granted to it.
CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;

-- name: may_set
-- Whether the login may become the service role. From version 16 on, membership alone does not say so.
SELECT pg_has_role(%(login)s, %(role)s,
                   CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
       AS yes;

-- name: grant_membership
-- So that the login may become the service role.
GRANT {role} TO {login};

-- name: grant_schema
-- Names can be looked up; what may be done with each table, its migration says.
GRANT USAGE ON SCHEMA {schema} TO {role};

-- name: grant_ledger
-- `doctor` compares it with the files.
GRANT SELECT ON schema_migration TO {role};

-- name: lock_logins
-- Processes that start together must not alter one role at the same moment: Postgres would fail the second.
SELECT pg_advisory_xact_lock(hashtextextended('answerable.logins', 0));

-- name: may_log_in
-- Whether the password was given before. It never changes while the data folder lives.
SELECT rolcanlogin AS yes FROM pg_roles WHERE rolname = %(role)s;

-- name: give_login
-- The embedded server's own: a password that only this project's folder holds. Sent as a SCRAM verifier.
ALTER ROLE {role} LOGIN PASSWORD {verifier};
