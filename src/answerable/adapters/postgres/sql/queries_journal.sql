-- name: make_partitions
-- Days ahead, so that rows do not pile up in the default partition.
SELECT make_partitions();

-- name: insert_trace
-- One question. Replayed entries meet themselves.
INSERT INTO trace (tenant, id, started_at, duration_ms, outcome, answer_id, principal_id, conversation, language,
                   query, model, degraded, detail)
VALUES (%(tenant)s, %(trace_id)s, %(started_at)s, %(duration_ms)s, %(outcome)s, %(answer_id)s, %(principal)s,
        %(conversation)s, %(language)s, %(query)s, %(model)s, %(degraded)s, %(detail)s)
ON CONFLICT DO NOTHING;

-- name: insert_step
-- One step of it.
INSERT INTO step (tenant, trace_id, started_at, n, name, started_ms, duration_ms, status, detail)
VALUES (%(tenant)s, %(trace_id)s, %(started_at)s, %(n)s, %(name)s, %(started_ms)s, %(duration_ms)s, %(status)s,
        %(detail)s)
ON CONFLICT DO NOTHING;

-- name: insert_answer
-- The answer object as the client got it.
INSERT INTO answer (tenant, id, trace_id, principal_id, conversation, outcome, language, created_at, record)
VALUES (%(tenant)s, %(answer_id)s, %(trace_id)s, %(principal)s, %(conversation)s, %(outcome)s, %(language)s,
        %(started_at)s, %(record)s)
ON CONFLICT DO NOTHING;

-- name: insert_conversation
-- Whoever speaks first in it owns it.
INSERT INTO conversation (tenant, id, principal_id, created_at)
VALUES (%(tenant)s, %(conversation)s, %(principal)s, %(started_at)s)
ON CONFLICT DO NOTHING;

-- name: insert_turns
-- The question and the answer, unless the conversation is somebody else's.
INSERT INTO turn (tenant, conversation, created_at, n, answer_id, role, text)
SELECT c.tenant, c.id, %(started_at)s, said.n, %(answer_id)s, said.role, said.text
  FROM conversation c,
       (VALUES (0, 'user', %(query)s::text), (1, 'assistant', %(text)s::text)) AS said (n, role, text)
 WHERE c.id = %(conversation)s AND c.principal_id = %(principal)s
ON CONFLICT DO NOTHING;

-- name: find_trace
-- Those whose id begins so; two are enough to know that it is not unique. The exact id sorts first.
SELECT id, started_at FROM trace WHERE id >= %(prefix)s AND id < %(after)s ORDER BY id LIMIT 2;

-- name: find_latest
-- The newest.
SELECT id, started_at FROM trace ORDER BY started_at DESC, id DESC LIMIT 1;

-- name: get_trace
-- Everything about one question, with its answer object.
SELECT t.id, t.tenant, t.started_at, t.duration_ms AS total_ms, t.outcome, t.answer_id, t.principal_id AS principal,
       t.conversation, t.language, t.query AS question, t.model, t.degraded, t.detail, a.record AS answer
  FROM trace t LEFT JOIN answer a ON a.tenant = t.tenant AND a.id = t.answer_id
 WHERE t.id = %(id)s AND t.started_at = %(started_at)s;

-- name: get_steps
-- Its steps in order.
SELECT name, started_ms, duration_ms, status, detail
  FROM step
 WHERE trace_id = %(id)s AND started_at = %(started_at)s
 ORDER BY n;

-- name: get_feedback
-- What people said of an answer, first to last; the last counts.
SELECT created_at, principal_id AS principal, value, reasons, comment, solved
  FROM feedback
 WHERE answer_id = %(answer_id)s
 ORDER BY id;

-- name: list_traces
-- The newest questions, on one line each.
SELECT id, started_at, outcome, duration_ms AS total_ms, query AS question, principal_id AS principal, language, model,
       answer_id, degraded
  FROM trace
 WHERE %(outcome)s::text IS NULL OR outcome = %(outcome)s
 ORDER BY started_at DESC, id DESC
 LIMIT %(limit)s;

-- name: get_answer
-- The answer object; the asker's own, or anybody's for those who may see all.
SELECT record FROM answer WHERE id = %(id)s AND (principal_id = %(principal)s OR %(all)s);

-- name: insert_feedback
-- Only to one's own answer. Returns nothing where there is none.
INSERT INTO feedback (tenant, answer_id, principal_id, value, reasons, comment, solved)
SELECT a.tenant, a.id, a.principal_id, %(value)s, %(reasons)s, %(comment)s, %(solved)s
  FROM answer a
 WHERE a.id = %(answer_id)s AND a.principal_id = %(principal)s
RETURNING id;
