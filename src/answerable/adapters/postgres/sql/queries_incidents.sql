-- name: open_incident
-- One that stands for the same thing stays, with what is said now.
INSERT INTO incident AS i (tenant, id, kind, value, question, reason, message, opened_by)
VALUES (%(tenant)s, %(id)s, %(kind)s, %(value)s, %(question)s, %(reason)s, %(message)s, %(by)s)
    ON CONFLICT (tenant, kind, value) WHERE closed_at IS NULL
    DO UPDATE SET reason = coalesce(nullif(excluded.reason, ''), i.reason),
                  message = i.message || excluded.message
RETURNING *;

-- name: find_incidents
-- Those whose id begins so; two are enough to know that it is not unique.
SELECT * FROM incident WHERE tenant = %(tenant)s AND starts_with(id, %(reference)s) ORDER BY id LIMIT 2;

-- name: close_incident
-- Nothing where it is closed already.
UPDATE incident SET closed_at = now(), closed_by = %(by)s
 WHERE tenant = %(tenant)s AND id = %(id)s AND closed_at IS NULL RETURNING *;

-- name: list_incidents
-- Newest first.
SELECT * FROM incident WHERE tenant = %(tenant)s AND (%(every)s OR closed_at IS NULL) ORDER BY opened_at DESC, id;

-- name: find_blocked_document
-- By id or uri, in the index that is open.
SELECT id FROM document WHERE tenant = %(tenant)s AND %(value)s IN (id, uri) ORDER BY id = %(value)s DESC, id LIMIT 1;

-- name: find_blocked_answer
-- With the question as it was asked, where its trace is still kept.
SELECT a.id, coalesce(t.query, '') AS question
  FROM answer AS a LEFT JOIN trace AS t ON t.tenant = a.tenant AND t.id = a.trace_id AND t.started_at = a.created_at
 WHERE a.tenant = %(tenant)s AND a.id = %(value)s;

-- name: seen_document
-- Answers that cite it, or had it before them.
SELECT a.id AS answer_id, a.conversation, a.principal_id AS principal, a.created_at AS at, a.outcome, a.language,
       CASE WHEN a.record -> 'sources' @> %(source)s::jsonb THEN 'cited' ELSE 'context' END AS how
  FROM answer AS a LEFT JOIN trace AS t ON t.tenant = a.tenant AND t.id = a.trace_id AND t.started_at = a.created_at
 WHERE a.tenant = %(tenant)s
   AND (a.record -> 'sources' @> %(source)s::jsonb OR t.detail -> 'passages' @> %(source)s::jsonb)
 ORDER BY a.created_at DESC, a.id;

-- name: seen_answer
-- The answer, and others that say the same word for word.
SELECT a.id AS answer_id, a.conversation, a.principal_id AS principal, a.created_at AS at, a.outcome, a.language,
       'answer' AS how
  FROM answer AS a
 WHERE a.tenant = %(tenant)s
   AND (a.id = %(value)s
        OR (a.outcome IN ('answered', 'partial', 'conflict')
            AND a.record ->> 'text' = (SELECT o.record ->> 'text' FROM answer AS o
                                        WHERE o.tenant = %(tenant)s AND o.id = %(value)s)))
 ORDER BY a.created_at DESC, a.id;

-- name: every_answer
-- With its text and its question, to be looked through.
SELECT a.id AS answer_id, a.conversation, a.principal_id AS principal, a.created_at AS at, a.outcome, a.language,
       coalesce(a.record ->> 'text', '') AS said, coalesce(t.query, '') AS asked
  FROM answer AS a LEFT JOIN trace AS t ON t.tenant = a.tenant AND t.id = a.trace_id AND t.started_at = a.created_at
 WHERE a.tenant = %(tenant)s
 ORDER BY a.created_at DESC, a.id;
