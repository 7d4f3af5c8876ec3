-- name: share_model
-- The active space of vectors, if it is this model's; locked, so that it stays while a writer adds to it.
SELECT no FROM embedding_model
 WHERE tenant = %(tenant)s AND active AND key = %(key)s AND dim = %(dim)s FOR SHARE;

-- name: add_model
-- A tenant's first becomes the active one; of two at once, one does.
INSERT INTO embedding_model (tenant, key, dim) VALUES (%(tenant)s, %(key)s, %(dim)s) ON CONFLICT DO NOTHING;

-- name: lock_model
-- The active space, with no writer in it.
SELECT key FROM embedding_model WHERE tenant = %(tenant)s AND active FOR UPDATE;

-- name: switch_model
-- The first of two wins the race, and an index without another document's vectors may change to another model. Only after lock_model: the vectors
-- of a writer who was waited for must be seen here.
UPDATE embedding_model SET key = %(key)s, dim = %(dim)s
 WHERE tenant = %(tenant)s AND active
   AND ((key = %(key)s AND dim = %(dim)s)
        OR NOT EXISTS (SELECT FROM embedding AS e JOIN document AS d ON d.tenant = e.tenant AND d.no = e.document
                        WHERE e.tenant = %(tenant)s AND d.id <> ALL (%(ids)s::text[])
                       UNION ALL -- vectors that lie in an outside index
                       SELECT FROM vector_set AS s JOIN document AS d ON d.tenant = s.tenant AND d.id = s.document_id
                        WHERE s.tenant = %(tenant)s AND s.state = 'live' AND d.sha256 = s.document_sha256
                          AND d.id <> ALL (%(ids)s::text[])))
RETURNING no;

-- name: lock_given
-- The documents as they stand, locked in one order; a second writer of the same ones waits here.
SELECT id, no, version, sha256, index_sha256 FROM document
 WHERE tenant = %(tenant)s AND id = ANY (%(ids)s::text[]) ORDER BY no FOR UPDATE;

-- name: put_documents
-- Documents' rows, and their versions' texts, kept for the answers that point into them. A version counts texts: what is known
-- about a text may change without a new one.
WITH put AS (
    INSERT INTO document AS d (tenant, id, source, uri, version, title, status, language, acl, updated_at, review_by,
                               owner, trust, media_type, meta, text_sha256, index_sha256, sha256)
    SELECT %(tenant)s, id, source, uri, 1, title, status, language, acl, updated_at, review_by,
           owner, trust, media_type, meta, text_sha256, index_sha256, sha256
      FROM json_to_recordset(%(rows)s::json)
           AS r (id text, source text, uri text, title text, status text, language text, acl text[], updated_at date,
                 review_by date, owner text, trust text, media_type text, meta jsonb, text_sha256 text, index_sha256 text,
                 sha256 text)
     ORDER BY id
    ON CONFLICT (tenant, id) DO UPDATE
       SET version = d.version + (d.text_sha256 <> excluded.text_sha256)::integer,
           title = excluded.title, status = excluded.status, language = excluded.language, acl = excluded.acl,
           updated_at = excluded.updated_at, review_by = excluded.review_by, owner = excluded.owner,
           trust = excluded.trust, media_type = excluded.media_type, meta = excluded.meta,
           text_sha256 = excluded.text_sha256, index_sha256 = excluded.index_sha256, sha256 = excluded.sha256,
           stored_at = now()
    RETURNING id, no, version, title, text_sha256, xmax = 0 AS created
), versions AS (
    INSERT INTO document_version (tenant, document, version, title, text, text_sha256)
    SELECT %(tenant)s, put.no, put.version, put.title, t.text, put.text_sha256
      FROM put JOIN unnest(%(ids)b::text[], %(texts)b::text[]) AS t (id, text) USING (id)
    ON CONFLICT (tenant, document, version) DO UPDATE SET title = excluded.title
)
SELECT id, no, version, created FROM put;

-- name: clear_documents
-- Take the documents' chunks, postings and vectors out; says what the index loses. Postings that are sealed stay until
-- their segment is rewritten: their chunks are marked. Who seals holds the rows of posting_fresh, so that this waits,
-- finds them gone, and marks.
WITH old AS (
    DELETE FROM chunk WHERE tenant = %(tenant)s AND document = ANY (%(documents)s)
    RETURNING no, document, level, length
), vectors AS (
    DELETE FROM embedding WHERE tenant = %(tenant)s AND document = ANY (%(documents)s)
), fresh AS (
    DELETE FROM posting_fresh WHERE tenant = %(tenant)s AND document = ANY (%(documents)s) RETURNING chunks
), gone AS (
    INSERT INTO posting_gone (tenant, chunk)
    SELECT %(tenant)s, no FROM old WHERE level = 0
    EXCEPT SELECT %(tenant)s, unnest(chunks) FROM fresh
)
SELECT -count(*) FILTER (WHERE level = 0) AS chunks, -coalesce(sum(length), 0)::bigint AS terms FROM old;

-- name: fill_documents
-- Put the new chunks in, with the vectors and postings of those that are searched, and codes where there are any; says how much
-- is there unsealed, this not counted. Arrays run in step; a chunk's vector and code name it by its document and its place `n`,
-- its postings by its place among the document's searched ones, 4096 of them in one part.
WITH new AS (
    INSERT INTO chunk (tenant, document, n, id, level, parent, start_at, end_at, text, headings, tokens, length, meta)
    SELECT %(tenant)s, document, n, id, level, parent, start_at, end_at, text,
           CASE headings WHEN '[]' THEN '{}' ELSE ARRAY (SELECT json_array_elements_text(headings::json)) END, tokens, length,
           meta::jsonb
      FROM unnest(%(document)b::bigint[], %(n)b::integer[], %(id)b::text[], %(level)b::integer[], %(parent)b::text[],
                  %(start_at)b::integer[], %(end_at)b::integer[], %(text)b::text[], %(headings)b::text[],
                  %(tokens)b::integer[], %(length)b::integer[], %(meta)b::text[])
           AS u (document, n, id, level, parent, start_at, end_at, text, headings, tokens, length, meta)
    RETURNING no, document, n, level, length
), vectors AS (
    INSERT INTO embedding (tenant, model, dim, chunk, document, vector)
    SELECT %(tenant)s, %(model)s, %(dim)s, new.no, document, u.vector
      FROM unnest(%(vector_document)b::bigint[], %(vector_n)b::integer[], %(vectors)b::halfvec[]) AS u (document, n, vector)
      JOIN new USING (document, n)
), codes AS (
    INSERT INTO token_code (tenant, chunk, code)
    SELECT %(tenant)s, new.no, u.code
      FROM unnest(%(code_document)b::bigint[], %(code_n)b::integer[], %(codes)b::bytea[]) AS u (document, n, code)
      JOIN new USING (document, n)
), parts AS (
    SELECT document, place / 4096 AS part, array_agg(no ORDER BY n) AS chunks,
           string_agg(int4send(length), '' ORDER BY n) AS lengths
      FROM (SELECT no, document, n, length, row_number() OVER (PARTITION BY document ORDER BY n) - 1 AS place
              FROM new WHERE level = 0) AS searched
     GROUP BY document, place / 4096
), fresh AS (
    INSERT INTO posting_fresh (tenant, document, part, chunks, lengths, postings)
    SELECT %(tenant)s, document, part, parts.chunks, parts.lengths, u.postings
      FROM unnest(%(part_document)b::bigint[], %(part)b::integer[], %(postings)b::bytea[]) AS u (document, part, postings)
      JOIN parts USING (document, part)
)
SELECT count(*) AS documents, coalesce(sum(octet_length(lengths)) / 4, 0)::bigint AS chunks
  FROM posting_fresh WHERE tenant = %(tenant)s;

-- name: change_size
-- Keep the size of the index right. Last before the commit: this row is shared by a sixteenth of the writers.
INSERT INTO index_size AS i (tenant, stripe, chunks, terms)
VALUES (%(tenant)s, %(document)s & 15, %(chunks)s, %(terms)s)
ON CONFLICT (tenant, stripe) DO UPDATE SET chunks = i.chunks + excluded.chunks, terms = i.terms + excluded.terms;

-- name: lock_documents
-- Those of the documents that are there, locked in one order.
SELECT no FROM document WHERE tenant = %(tenant)s AND id = ANY (%(ids)s::text[]) ORDER BY no FOR UPDATE;

-- name: delete_documents
-- Their versions and conflicts go with them.
DELETE FROM document WHERE tenant = %(tenant)s AND no = ANY (%(documents)s);

-- name: measure_index
-- How many chunks are searched in all, and the largest dimension in use.
SELECT coalesce(sum(i.chunks), 0)::bigint AS chunks, max(m.dim) AS dim
  FROM index_size AS i JOIN embedding_model AS m ON m.tenant = i.tenant AND m.active
 WHERE i.tenant = %(tenant)s;

-- name: make_vector_index
-- Build the HNSW index of a dimension unless it is there.
SELECT make_vector_index(%(dim)s::smallint) AS made;
