-- name: note_before
-- What documents are before a run writes them. Texts of versions stay with their document; a removed one's is kept here.
INSERT INTO run_change (tenant, run, document_id, source, uri, what, before, before_text)
SELECT d.tenant, %(run)s, d.id, d.source, d.uri, %(what)s,
       jsonb_build_object('document', to_jsonb(d) - ARRAY['tenant', 'no', 'stored_at'],
                          'chunks', coalesce((SELECT jsonb_agg(to_jsonb(c) - ARRAY['tenant', 'no', 'document', 'text', 'length']
                                                               ORDER BY c.n)
                                                FROM chunk AS c WHERE c.tenant = d.tenant AND c.document = d.no), '[]')),
       v.text
  FROM document AS d
  JOIN document_version AS v ON v.tenant = d.tenant AND v.document = d.no AND v.version = d.version
 WHERE d.tenant = %(tenant)s AND d.id = ANY (%(ids)s::text[]) ORDER BY d.no;

-- name: note_written
-- What the run made of them: of those that were there, and of the new ones.
WITH written AS (
    SELECT d.* FROM document AS d WHERE d.tenant = %(tenant)s AND d.id = ANY (%(ids)s::text[])
), changed AS (
    UPDATE run_change AS r SET version = w.version, sha256 = w.sha256, text_sha256 = w.text_sha256
      FROM written AS w
     WHERE r.tenant = %(tenant)s AND r.run = %(run)s AND r.document_id = w.id AND r.what = 'changed' AND r.version IS NULL
    RETURNING r.document_id
)
INSERT INTO run_change (tenant, run, document_id, source, uri, what, version, sha256, text_sha256)
SELECT w.tenant, %(run)s, w.id, w.source, w.uri, 'added', w.version, w.sha256, w.text_sha256
  FROM written AS w WHERE w.id <> ALL (ARRAY (SELECT document_id FROM changed)) ORDER BY w.no;

-- name: list_runs
-- Newest first, with how much each changed and how much of that can be put back. A run belongs to the tenant, its
-- changes to the index that it wrote.
SELECT r.id, r.source, r.started_at, r.finished_at, r.counts FROM ingest_run AS r
 WHERE r.tenant = %(tenant)s AND (%(source)s = '' OR r.source = %(source)s)
 ORDER BY r.started_at DESC, r.id LIMIT %(limit)s;

-- name: find_runs
-- Those whose id begins so, which none does with nothing; two are enough to know that it is not unique.
SELECT id, source FROM ingest_run
 WHERE tenant = %(tenant)s AND %(reference)s <> '' AND starts_with(id, %(reference)s) ORDER BY id LIMIT 2;

-- name: count_changes
-- Of these runs, in the index that is open.
SELECT run, count(*) AS changes, count(*) FILTER (WHERE before IS NULL AND what <> 'added') AS lost
  FROM run_change WHERE tenant = %(tenant)s AND run = ANY (%(runs)s::text[]) GROUP BY run;

-- name: read_changes
-- Of one run, with what there was before, and what is there now.
SELECT r.document_id, r.source, r.uri, r.what, r.version, r.sha256, r.text_sha256, r.before, r.before_text,
       d.version AS now_version, d.sha256 AS now_sha256, d.title, d.trust, d.owner,
       (SELECT min(later.run) FROM run_change AS later
         WHERE later.tenant = r.tenant AND later.document_id = r.document_id AND later.no > r.no) AS later_run
  FROM run_change AS r LEFT JOIN document AS d ON d.tenant = r.tenant AND d.id = r.document_id
 WHERE r.tenant = %(tenant)s AND r.run = %(run)s ORDER BY r.no;

-- name: list_versions
-- Who wrote which version of a document, newest first.
SELECT r.run, r.what, r.version, r.text_sha256, r.at FROM run_change AS r
 WHERE r.tenant = %(tenant)s AND r.document_id = %(document_id)s ORDER BY r.no DESC;

-- name: forget_before
-- The time in which it can be undone is over.
UPDATE run_change SET before = NULL, before_text = NULL
 WHERE tenant = %(tenant)s AND before IS NOT NULL AND at < now() - make_interval(secs => %(seconds)s);

-- name: forget_document
-- Nothing of a document's earlier texts stays.
DELETE FROM run_change WHERE tenant = %(tenant)s AND document_id = %(document_id)s;

-- name: forget_file
-- What ingestion remembers of its file.
DELETE FROM source_file WHERE tenant = %(tenant)s AND document_id = %(document_id)s;

-- name: texts_of
-- What was embedded for a document: titles and headings of its chunks as they are, and as they were before each run.
SELECT d.title, c.headings, c.text
  FROM document AS d JOIN chunk AS c ON c.tenant = d.tenant AND c.document = d.no
 WHERE d.tenant = %(tenant)s AND d.id = %(document_id)s
UNION ALL
SELECT r.before -> 'document' ->> 'title', ARRAY (SELECT jsonb_array_elements_text(c -> 'headings')),
       substr(r.before_text, (c ->> 'start_at')::integer + 1, (c ->> 'end_at')::integer - (c ->> 'start_at')::integer)
  FROM run_change AS r CROSS JOIN LATERAL jsonb_array_elements(r.before -> 'chunks') AS c
 WHERE r.tenant = %(tenant)s AND r.document_id = %(document_id)s AND r.before IS NOT NULL;

-- name: shared_texts
-- Which of the hashes are of chunks that other documents have, too.
SELECT d.title, c.headings, c.text
  FROM chunk AS c JOIN document AS d ON d.tenant = c.tenant AND d.no = c.document
 WHERE c.tenant = %(tenant)s AND d.id <> %(document_id)s AND d.title = ANY (%(titles)s::text[])
   AND c.text = ANY (%(texts)s::text[]);

-- name: forget_vectors
-- Vectors and codes of texts that are nobody's any more.
WITH vectors AS (
    DELETE FROM embedding_cache WHERE tenant = %(tenant)s AND sha256 = ANY (%(keys)s::text[]) RETURNING 1
), codes AS (
    DELETE FROM token_cache WHERE tenant = %(tenant)s AND sha256 = ANY (%(keys)s::text[]) RETURNING 1
)
SELECT (SELECT count(*) FROM vectors) + (SELECT count(*) FROM codes) AS gone;

-- name: answers_by
-- Every answer that cites the document, or had it before it: `cited` tells which.
SELECT a.id, a.trace_id, a.created_at, a.principal_id, a.conversation, a.outcome,
       a.record -> 'sources' @> %(source)s::jsonb AS cited, left(t.query, 200) AS question
  FROM answer AS a LEFT JOIN trace AS t ON t.tenant = a.tenant AND t.id = a.trace_id AND t.started_at = a.created_at
 WHERE a.tenant = %(tenant)s
   AND (a.record -> 'sources' @> %(source)s::jsonb OR t.detail -> 'passages' @> %(source)s::jsonb)
 ORDER BY a.created_at DESC, a.id;

-- name: held_in
-- How much of it there is in the index that is open.
SELECT (SELECT count(*) FROM document WHERE tenant = %(tenant)s AND id = %(document_id)s) AS documents,
       (SELECT count(*) FROM document_version AS v JOIN document AS d ON d.tenant = v.tenant AND d.no = v.document
         WHERE d.tenant = %(tenant)s AND d.id = %(document_id)s) AS versions,
       (SELECT count(*) FROM chunk AS c JOIN document AS d ON d.tenant = c.tenant AND d.no = c.document
         WHERE d.tenant = %(tenant)s AND d.id = %(document_id)s) AS chunks,
       (SELECT count(*) FROM embedding AS e JOIN document AS d ON d.tenant = e.tenant AND d.no = e.document
         WHERE d.tenant = %(tenant)s AND d.id = %(document_id)s) AS vectors,
       (SELECT count(*) FROM vector_set WHERE tenant = %(tenant)s AND document_id = %(document_id)s) AS outside,
       (SELECT count(*) FROM run_change WHERE tenant = %(tenant)s AND document_id = %(document_id)s) AS changes,
       (SELECT count(*) FROM source_file WHERE tenant = %(tenant)s AND document_id = %(document_id)s) AS files,
       (SELECT count(*) FROM conflict WHERE tenant = %(tenant)s AND closed_at IS NULL
           AND %(document_id)s IN (left_id, right_id)) AS conflicts,
       (SELECT count(*) FROM reply AS r WHERE r.tenant = %(tenant)s AND r.chunks && ARRAY (
            SELECT c.id::text FROM chunk AS c JOIN document AS d ON d.tenant = c.tenant AND d.no = c.document
             WHERE d.tenant = %(tenant)s AND d.id = %(document_id)s)) AS replies;

-- name: asked_often
-- Case and blanks aside; the most frequent first.
SELECT min(query) AS question FROM trace
 WHERE tenant = %(tenant)s AND started_at > now() - make_interval(days => %(days)s)
   AND outcome IN ('answered', 'partial', 'conflict', 'abstained')
 GROUP BY regexp_replace(lower(query), '\s+', ' ', 'g') HAVING count(*) >= %(times)s
 ORDER BY count(*) DESC, 1 LIMIT %(limit)s;

-- name: count_cited
-- Documents by how many of the last hours' answers cite them, beside the week before.
WITH recent AS (
    SELECT a.created_at > now() - make_interval(hours => %(hours)s) AS new, a.id, a.record
      FROM answer AS a
     WHERE a.tenant = %(tenant)s AND a.outcome IN ('answered', 'partial', 'conflict')
       AND a.created_at > now() - make_interval(hours => %(hours)s, days => 7)
), cited AS (
    SELECT DISTINCT r.new, r.id, s ->> 'document' AS document
      FROM recent AS r CROSS JOIN LATERAL jsonb_array_elements(r.record -> 'sources') AS s
)
SELECT c.document, count(*) FILTER (WHERE c.new) AS cited, count(*) FILTER (WHERE NOT c.new) AS before,
       n.answers, n.answers_before
  FROM cited AS c
 CROSS JOIN (SELECT count(*) FILTER (WHERE new) AS answers, count(*) FILTER (WHERE NOT new) AS answers_before FROM recent) AS n
 WHERE n.answers >= %(least)s
 GROUP BY c.document, n.answers, n.answers_before HAVING count(*) FILTER (WHERE c.new) > 0
 ORDER BY 2 DESC, 1;

-- name: stored
-- Since when documents are there in their present text.
SELECT d.id, d.source, d.uri, d.title, d.trust, d.owner, v.stored_at
  FROM document AS d JOIN document_version AS v ON v.tenant = d.tenant AND v.document = d.no AND v.version = d.version
 WHERE d.tenant = %(tenant)s AND d.id = ANY (%(ids)s::text[]);
