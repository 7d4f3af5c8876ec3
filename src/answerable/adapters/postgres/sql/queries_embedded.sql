-- name: find_database
-- Whether the project's database was made; a first start may have been killed before.
SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'answerable') AS yes;

-- name: create_database
-- One database a project.
CREATE DATABASE answerable;
