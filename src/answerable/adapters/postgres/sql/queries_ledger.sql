-- name: list_files
-- What is known of a source's files.
SELECT uri, sha256, document_id, size, mtime_ns, error FROM source_file
 WHERE tenant = %(tenant)s AND source = %(source)s;

-- name: record_files
-- Insert or update, in one order, so that two syncs of one source do not lock each other out.
INSERT INTO source_file (tenant, source, uri, sha256, document_id, size, mtime_ns, error)
SELECT %(tenant)s, %(source)s, u.* FROM unnest(%(uri)s::text[], %(sha256)s::text[], %(document_id)s::text[],
                                               %(size)s::bigint[], %(mtime_ns)s::bigint[], %(error)s::text[]) AS u
 ORDER BY 3
ON CONFLICT (tenant, source, uri) DO UPDATE
   SET sha256 = excluded.sha256, document_id = excluded.document_id, size = excluded.size,
       mtime_ns = excluded.mtime_ns, error = excluded.error, recorded_at = now();

-- name: forget_files
-- Files that are no longer there.
DELETE FROM source_file WHERE tenant = %(tenant)s AND source = %(source)s AND uri = ANY (%(uris)s::text[]);

-- name: find_vectors
-- By the hash of the embedded text.
SELECT sha256, vector FROM embedding_cache
 WHERE tenant = %(tenant)s AND model = %(model)s AND sha256 = ANY (%(keys)s::text[]);

-- name: keep_vectors
-- The first vector of a text is the one that stays.
INSERT INTO embedding_cache (tenant, model, sha256, vector)
SELECT %(tenant)s, %(model)s, u.sha256, u.vector
  FROM unnest(%(keys)s::text[], %(vectors)b::bytea[]) AS u (sha256, vector) ORDER BY u.sha256
ON CONFLICT DO NOTHING;

-- name: find_codes
-- By the hash of the embedded text.
SELECT sha256, code FROM token_cache
 WHERE tenant = %(tenant)s AND form = %(form)s AND sha256 = ANY (%(keys)s::text[]);

-- name: keep_codes
-- The first code of a text is the one that stays.
INSERT INTO token_cache (tenant, form, sha256, code)
SELECT %(tenant)s, %(form)s, u.sha256, u.code
  FROM unnest(%(keys)s::text[], %(codes)b::bytea[]) AS u (sha256, code) ORDER BY u.sha256
ON CONFLICT DO NOTHING;

-- name: add_source
-- A source is known from its first run on.
INSERT INTO source (tenant, id) VALUES (%(tenant)s, %(source)s) ON CONFLICT DO NOTHING;

-- name: start_run
-- One sync of a source.
INSERT INTO ingest_run (tenant, id, source) VALUES (%(tenant)s, %(run)s, %(source)s);

-- name: finish_run
-- What came of it.
UPDATE ingest_run SET finished_at = now(), counts = %(counts)s::jsonb, errors = %(errors)s::jsonb
 WHERE tenant = %(tenant)s AND id = %(run)s RETURNING id;
