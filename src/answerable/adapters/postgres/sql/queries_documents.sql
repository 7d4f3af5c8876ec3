-- name: match_documents
-- The readable documents that a reference may mean: by id, by uri, or by the beginning of an id, which nothing is not.
-- Two of a kind are enough to know that it is ambiguous.
SELECT id, uri, no
  FROM readable(%(groups)s, %(statuses)s, %(sources)s, %(languages)s, %(documents)s, %(wanted)s)
 WHERE tenant = %(tenant)s AND %(reference)s <> ''
   AND (id = %(reference)s OR uri = %(reference)s OR starts_with(id, %(reference)s))
 ORDER BY (id = %(reference)s) DESC, (uri = %(reference)s) DESC, id LIMIT 2;

-- name: read_document
-- The current version with its text.
SELECT d.id, d.uri, d.source, d.title, v.text, d.version, d.language, d.status, d.trust, d.owner,
       d.updated_at::text, d.review_by::text, d.media_type, d.meta
  FROM readable(%(groups)s, %(statuses)s, %(sources)s, %(languages)s, %(documents)s, %(wanted)s) AS d
  JOIN document_version AS v ON v.tenant = d.tenant AND v.document = d.no AND v.version = d.version
 WHERE d.tenant = %(tenant)s AND d.no = %(no)s;

-- name: read_chunks
-- The chunks of one document, by level and place.
SELECT %(id)s::text AS document_id, start_at AS start, end_at AS "end", text, headings, level, parent, tokens, meta
  FROM chunk WHERE tenant = %(tenant)s AND document = %(no)s ORDER BY level, start_at, end_at, n;

-- name: list_documents
-- A page by uri; those that share the last one's uri come with it.
SELECT id, uri, source, title, '' AS text, version, language, status, trust, owner,
       updated_at::text, review_by::text, media_type, meta
  FROM readable(%(groups)s, %(statuses)s, %(sources)s, %(languages)s, %(documents)s, %(wanted)s)
 WHERE tenant = %(tenant)s AND uri > %(after)s
 ORDER BY uri FETCH FIRST %(limit)s ROWS WITH TIES;

-- name: read_documents
-- A page as list_documents gives it, with the current text.
SELECT d.no, d.id, d.uri, d.source, d.title, v.text, d.version, d.language, d.status, d.trust, d.owner,
       d.updated_at::text, d.review_by::text, d.media_type, d.meta
  FROM (SELECT * FROM readable(%(groups)s, %(statuses)s, %(sources)s, %(languages)s, %(documents)s, %(wanted)s)
         WHERE tenant = %(tenant)s AND uri > %(after)s
         ORDER BY uri FETCH FIRST %(limit)s ROWS WITH TIES) AS d
  JOIN document_version AS v ON v.tenant = d.tenant AND v.document = d.no AND v.version = d.version
 ORDER BY d.uri, d.id;

-- name: read_chunks_of
-- The chunks of several documents, by document, level and place.
SELECT document, start_at AS start, end_at AS "end", text, headings, level, parent, tokens, meta
  FROM chunk WHERE tenant = %(tenant)s AND document = ANY (%(numbers)s::bigint[])
 ORDER BY document, level, start_at, end_at, n;

-- name: count_rows
-- For doctor and readyz.
SELECT (SELECT count(*) FROM document WHERE tenant = %(tenant)s) AS documents,
       (SELECT count(*) FROM chunk WHERE tenant = %(tenant)s) AS chunks,
       (SELECT count(DISTINCT source) FROM document WHERE tenant = %(tenant)s) AS sources,
       (SELECT count(*) FROM source_file WHERE tenant = %(tenant)s AND error <> '') AS failed;

-- name: list_groups
-- Every group that any document of the tenant names: who is in all of them may see everything.
SELECT DISTINCT unnest(acl) AS name FROM document WHERE tenant = %(tenant)s ORDER BY name;

-- name: read_acl
-- The groups that may read a document.
SELECT acl FROM document WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: show_blocked
-- In this transaction documents are found that an incident stands for.
SELECT set_config('answerable.incidents', 'shown', true);
