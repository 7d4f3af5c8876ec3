-- name: open_index
-- The tenant that the rows of the active generation carry, or of the one that is wanted; NULL: there is no such one.
SELECT open_index(%(tenant)s, %(wanted)s, %(writing)s) AS name;

-- name: close_index
-- Back to the tenant's own rows.
SELECT set_config('answerable.tenant', %(tenant)s, true);

-- name: lock_generations
-- Wait for the writers of the tenant's indexes, and keep others away until the end.
SELECT pg_advisory_xact_lock(hashtextextended('answerable.index.' || current_schema() || %(tenant)s, 0));

-- name: list_generations
-- In the order they were begun.
SELECT name, state, note, detail, created_at, switched_at FROM index_generation
 WHERE tenant = %(tenant)s ORDER BY created_at, name;

-- name: keep_first
-- The index that was always there gets a row when a second one begins.
INSERT INTO index_generation (tenant, name, state, note, switched_at)
VALUES (%(tenant)s, %(tenant)s, 'active', 'the first', now()) ON CONFLICT DO NOTHING;

-- name: add_generation
-- A new one, that nothing searches yet.
INSERT INTO index_generation (tenant, name, state, note, detail)
VALUES (%(tenant)s, %(name)s, 'building', %(note)s, %(detail)s::jsonb);

-- name: digest_documents
-- Everything that a reader may see of the documents, however they are cut.
SELECT count(*) AS documents,
       md5(coalesce(string_agg(concat_ws(E'\x1f', id, text_sha256, title, status, language, acl::text, updated_at,
                                         review_by, owner, trust, meta), E'\x1e' ORDER BY id), '')) AS digest
  FROM document WHERE tenant = %(name)s;

-- name: switch_generation
-- One change of rows, seen by every transaction that begins after its commit.
UPDATE index_generation
   SET state = CASE WHEN name = %(name)s THEN 'active' ELSE 'previous' END,
       switched_at = CASE WHEN name = %(name)s THEN clock_timestamp() ELSE switched_at END
 WHERE tenant = %(tenant)s AND (name = %(name)s OR state = 'active');

-- name: measure_generation
-- What one holds.
SELECT (SELECT count(*) FROM document WHERE tenant = %(name)s) AS documents,
       (SELECT coalesce(sum(chunks), 0)::bigint FROM index_size WHERE tenant = %(name)s) AS chunks,
       (SELECT key FROM embedding_model WHERE tenant = %(name)s AND active) AS embedding;

-- name: measure_tables
-- Bytes on disk of all tenants' index tables, and about how many chunks are in them.
SELECT sum(pg_total_relation_size(c.oid))::bigint AS bytes,
       max(c.reltuples) FILTER (WHERE c.relname = 'chunk')::bigint AS chunks
  FROM pg_class AS c
 WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema()))
   AND c.relname IN ('document', 'document_version', 'chunk', 'embedding', 'posting_fresh', 'posting_segment',
                     'posting_block', 'posting_gone', 'token_code', 'word', 'word_bucket', 'source_file');

-- name: some_documents
-- To be taken out together.
SELECT id FROM document WHERE tenant = %(name)s ORDER BY no LIMIT %(limit)s;

-- name: forget_generation
-- What is left of it when its documents are gone.
WITH files AS (DELETE FROM source_file WHERE tenant = %(name)s),
     blocks AS (DELETE FROM posting_block WHERE tenant = %(name)s),
     segments AS (DELETE FROM posting_segment WHERE tenant = %(name)s),
     gone AS (DELETE FROM posting_gone WHERE tenant = %(name)s),
     words AS (DELETE FROM word WHERE tenant = %(name)s),
     keys AS (DELETE FROM word_bucket WHERE tenant = %(name)s),
     mark AS (DELETE FROM word_mark WHERE tenant = %(name)s),
     changes AS (DELETE FROM run_change WHERE tenant = %(name)s)
DELETE FROM embedding_model WHERE tenant = %(name)s;

-- name: delete_generation
-- Its own row.
DELETE FROM index_generation WHERE tenant = %(tenant)s AND name = %(name)s AND state <> 'active';
