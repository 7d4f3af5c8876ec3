-- name: find_space
-- The key of the tenant's active model, and whether vectors of it wait in Postgres.
SELECT m.key, m.dim,
       EXISTS (SELECT FROM embedding AS e WHERE e.tenant = %(tenant)s AND e.model = m.no) AS waiting
  FROM embedding_model AS m WHERE m.tenant = %(tenant)s AND m.no = %(model)s;

-- name: search_waiting
-- Exact, over the vectors that are not outside yet: few, but for an outage of the outside index.
WITH near AS MATERIALIZED (
    SELECT e.chunk, e.document, e.vector <#> %(vector)b::halfvec AS distance
      FROM embedding AS e WHERE e.tenant = %(tenant)s AND e.model = %(model)s
)
SELECT -n.distance, d.id, c.start_at, c.end_at, c.text, c.headings, c.level, c.parent, c.tokens, c.meta, d.title,
       d.uri, d.source, d.language, d.updated_at, d.review_by, d.trust, d.version, nullif(d.meta - ARRAY['links_within', 'anchors'], '{}')
  FROM near AS n
  JOIN readable(%(groups)s, %(statuses)s, %(sources)s, %(languages)s, %(documents)s, %(wanted)s) AS d ON d.no = n.document
  JOIN chunk AS c ON c.tenant = %(tenant)s AND c.no = n.chunk
 ORDER BY n.distance, n.chunk LIMIT %(limit)b;

-- name: resolve_hits
-- What the outside index found, as far as it is true at this moment and in this scope: the set must be live and of
-- the document as it stands, and the document must be readable. A stale point finds nothing here.
SELECT u.score, d.id, c.start_at, c.end_at, c.text, c.headings, c.level, c.parent, c.tokens, c.meta, d.title,
       d.uri, d.source, d.language, d.updated_at, d.review_by, d.trust, d.version, nullif(d.meta - ARRAY['links_within', 'anchors'], '{}')
  FROM unnest(%(stamps)s::uuid[], %(ids)s::text[], %(scores)b::float8[]) AS u (stamp, id, score)
  JOIN vector_set AS s ON s.tenant = %(tenant)s AND s.stamp = u.stamp AND s.state = 'live'
  JOIN readable(%(groups)s, %(statuses)s, %(sources)s, %(languages)s, %(documents)s, %(wanted)s) AS d
    ON d.id = s.document_id AND d.sha256 = s.document_sha256
  JOIN chunk AS c ON c.tenant = %(tenant)s AND c.document = d.no AND c.id = u.id AND c.level = 0
 ORDER BY u.score DESC, c.no;

-- name: take_turns
-- Two who announce at once would announce the same: one after the other, in short transactions.
SELECT pg_advisory_xact_lock(hashtextextended('answerable.vectors.' || %(tenant)s || '/' || %(place)s, 0));

-- name: reclaim_sets
-- Sets whose sender is gone: it holds their rows from a moment after the announcement for as long as it lives.
-- Nobody ever saw them, so their points may go at once.
UPDATE vector_set SET state = 'superseded', changed_at = '-infinity'
 WHERE tenant = %(tenant)s
   AND stamp IN (SELECT stamp FROM vector_set
                  WHERE tenant = %(tenant)s AND place = %(place)s AND state = 'sending'
                    AND changed_at <= now() - %(claim_s)s * interval '1 second'
                    FOR UPDATE SKIP LOCKED);

-- name: announce_sets
-- Intents to send the documents whose vectors have waited longest, up to so many points and one document more.
WITH waiting AS (
    SELECT d.id, d.sha256, m.key, m.dim, count(*) AS points, sum(count(*)) OVER (ORDER BY min(e.chunk)) AS sum
      FROM embedding AS e
      JOIN document AS d ON d.tenant = e.tenant AND d.no = e.document
      JOIN embedding_model AS m ON m.tenant = e.tenant AND m.no = e.model AND m.active
     WHERE e.tenant = %(tenant)s
       AND NOT EXISTS (SELECT FROM vector_set AS s
                        WHERE s.tenant = %(tenant)s AND s.document_id = d.id AND s.place = %(place)s
                          AND s.state = 'sending')
     GROUP BY d.id, d.sha256, m.key, m.dim
)
INSERT INTO vector_set (tenant, place, model, dim, document_id, document_sha256, points, state)
SELECT %(tenant)s, %(place)s, key, dim, id, sha256, points, 'sending' FROM waiting
 WHERE sum - points < %(points)s
RETURNING stamp::text, points;

-- name: hold_sets
-- Keep hold of what was announced; the rows are free again when the sender is done or gone.
SELECT stamp::text, model, dim FROM vector_set
 WHERE tenant = %(tenant)s AND stamp = ANY (%(stamps)s::uuid[]) AND state = 'sending' ORDER BY stamp FOR UPDATE;

-- name: read_sets
-- What is sent of each document, chunk by chunk.
SELECT s.stamp::text, d.id AS document, d.source, d.status, d.language, d.acl, d.meta - ARRAY['links_within', 'anchors'] AS meta, c.id AS chunk,
       halfvec_send(e.vector) AS vector
  FROM vector_set AS s
  JOIN document AS d ON d.tenant = s.tenant AND d.id = s.document_id AND d.sha256 = s.document_sha256
  JOIN embedding_model AS m ON m.tenant = s.tenant AND m.key = s.model AND m.dim = s.dim
  JOIN embedding AS e ON e.tenant = s.tenant AND e.document = d.no AND e.model = m.no
  JOIN chunk AS c ON c.tenant = s.tenant AND c.no = e.chunk
 WHERE s.tenant = %(tenant)s AND s.stamp = ANY (%(stamps)s::uuid[])
 ORDER BY s.stamp, c.n;

-- name: hold_documents
-- Those that are still what was sent. They stay so until the transaction ends.
SELECT d.no, s.stamp::text
  FROM document AS d
  JOIN vector_set AS s ON s.tenant = d.tenant AND s.document_id = d.id AND s.document_sha256 = d.sha256
 WHERE d.tenant = %(tenant)s AND s.stamp = ANY (%(stamps)s::uuid[])
 ORDER BY d.no FOR NO KEY UPDATE OF d;

-- name: settle_sets
-- From now on these are searched outside, and the others are of no use to anybody.
UPDATE vector_set
   SET state = CASE WHEN stamp = ANY (%(live)s::uuid[]) THEN 'live' ELSE 'superseded' END,
       changed_at = CASE WHEN stamp = ANY (%(live)s::uuid[]) THEN now() ELSE '-infinity' END
 WHERE tenant = %(tenant)s AND stamp = ANY (%(stamps)s::uuid[]);

-- name: release_vectors
-- Their vectors are outside.
DELETE FROM embedding WHERE tenant = %(tenant)s AND document = ANY (%(documents)s);

-- name: supersede_sets
-- Sets of documents that are gone or are others now; and, of two live sets of one document, the older.
UPDATE vector_set AS s SET state = 'superseded', changed_at = now()
 WHERE s.tenant = %(tenant)s AND s.place = %(place)s AND s.state = 'live'
   AND (NOT EXISTS (SELECT FROM document AS d WHERE d.tenant = s.tenant AND d.id = s.document_id
                       AND d.sha256 = s.document_sha256)
        OR EXISTS (SELECT FROM vector_set AS o WHERE o.tenant = s.tenant AND o.place = s.place AND o.state = 'live'
                      AND o.document_id = s.document_id AND (o.changed_at, o.stamp) > (s.changed_at, s.stamp)));

-- name: drop_sets
-- All of an index that nobody searches.
UPDATE vector_set SET state = 'superseded', changed_at = '-infinity'
 WHERE tenant = %(tenant)s AND place = %(place)s;

-- name: take_superseded
-- Sets that no snapshot can need any more: superseded longer ago than any search lasts.
SELECT stamp::text, model, dim, points FROM vector_set
 WHERE tenant = %(tenant)s AND place = %(place)s AND state = 'superseded'
   AND changed_at <= now() - %(grace_s)s * interval '1 second'
 ORDER BY stamp LIMIT %(sets)s FOR UPDATE SKIP LOCKED;

-- name: forget_sets
-- Their points are gone.
DELETE FROM vector_set WHERE tenant = %(tenant)s AND stamp = ANY (%(stamps)s::uuid[]);

-- name: list_sets
-- What the outside index should hold, and what it may.
SELECT stamp::text, model, dim, document_id, points, state FROM vector_set
 WHERE tenant = %(tenant)s AND place = %(place)s;

-- name: count_states
-- How many sets there are in each state, and how many documents wait in Postgres.
SELECT count(*) FILTER (WHERE state = 'live') AS live,
       count(*) FILTER (WHERE state = 'sending') AS sending,
       count(*) FILTER (WHERE state = 'superseded') AS superseded,
       (SELECT count(DISTINCT e.document) FROM embedding AS e WHERE e.tenant = %(tenant)s) AS waiting
  FROM vector_set WHERE tenant = %(tenant)s AND place = %(place)s;

-- name: list_spaces
-- Every space of the tenant that may hold points: of the active model, and of any set.
SELECT key AS model, dim FROM embedding_model WHERE tenant = %(tenant)s
 UNION SELECT model, dim FROM vector_set WHERE tenant = %(tenant)s AND place = %(place)s;

-- name: find_bare
-- Documents with searched chunks whose vectors are neither here nor, as far as Postgres knows, in this place.
SELECT d.id
  FROM document AS d
 WHERE d.tenant = %(tenant)s
   AND EXISTS (SELECT FROM chunk AS c WHERE c.tenant = d.tenant AND c.document = d.no AND c.level = 0)
   AND NOT EXISTS (SELECT FROM embedding AS e WHERE e.tenant = d.tenant AND e.document = d.no)
   AND NOT EXISTS (SELECT FROM vector_set AS s WHERE s.tenant = d.tenant AND s.document_id = d.id AND s.place = %(place)s
                      AND s.state = 'live' AND s.document_sha256 = d.sha256)
 ORDER BY d.id;

-- name: read_bare
-- What the vectors of a document are made from anew.
SELECT d.no AS document, d.sha256, d.source, d.uri, d.title, m.no AS model, m.key, m.dim,
       c.no, c.id, c.start_at, c.end_at, c.text, c.headings, c.parent, c.tokens, c.meta
  FROM document AS d
  JOIN chunk AS c ON c.tenant = d.tenant AND c.document = d.no AND c.level = 0
  JOIN embedding_model AS m ON m.tenant = d.tenant AND m.active
 WHERE d.tenant = %(tenant)s AND d.id = %(id)s ORDER BY c.n;

-- name: fill_vectors
-- Put a document's vectors back, unless it became another meanwhile or has them.
INSERT INTO embedding (tenant, model, dim, chunk, document, vector)
SELECT %(tenant)s, %(model)s, %(dim)s, u.chunk, d.no, u.vector
  FROM unnest(%(chunks)b::bigint[], %(vectors)b::halfvec[]) AS u (chunk, vector)
  JOIN document AS d ON d.tenant = %(tenant)s AND d.id = %(id)s AND d.sha256 = %(sha256)s
ON CONFLICT DO NOTHING;

-- name: lock_document
-- The document as it stands, kept so.
SELECT sha256 FROM document WHERE tenant = %(tenant)s AND id = %(id)s FOR NO KEY UPDATE;

-- name: supersede_document
-- The set of a document whose points are not all there.
UPDATE vector_set SET state = 'superseded', changed_at = now()
 WHERE tenant = %(tenant)s AND place = %(place)s AND document_id = %(id)s AND state = 'live';
