-- name: forget
-- Rows by table.
SELECT forget_person(%(person)s, %(pseudonym)s) AS told;

-- name: forget_log
-- Rows by table; before `forget`, which takes the answers by which the rest of it is found.
SELECT forget_events(%(person)s, %(known_as)s::bytea[]) AS told;

-- name: purge_log
-- Rows by table; NULL: nothing of that kind.
SELECT purge_events(%(personal)s, %(links)s, %(persons_s)s, %(links_s)s, %(events_s)s) AS told;

-- name: drop_days
-- Days of the log that are empty for everybody.
SELECT drop_empty_days();

-- name: export_log
-- What the log and the tasks have of the person, by their pseudonyms and by their answers.
WITH theirs AS (
    SELECT a.id FROM answer AS a WHERE a.tenant = %(tenant)s AND a.principal_id = %(person)s
    UNION
    SELECT t.answer_id FROM trace AS t WHERE t.tenant = %(tenant)s AND t.principal_id = %(person)s
)
SELECT 'event' AS name, to_jsonb(e) AS row FROM event AS e
 WHERE e.tenant = %(tenant)s AND (e.person = ANY (%(known_as)s::bytea[])
       OR (e.answer <> '' AND e.answer = ANY (ARRAY (SELECT id FROM theirs))))
UNION ALL
SELECT 'task', to_jsonb(t) FROM task AS t
 WHERE t.tenant = %(tenant)s AND (t.person = ANY (%(known_as)s::bytea[])
       OR t.answers && ARRAY (SELECT id FROM theirs)::text[]);

-- name: purge
-- Rows by table; NULL: nothing of that kind.
SELECT purge_old(%(messages_s)s, %(traces_s)s, %(events_s)s) AS told;

-- name: traces_of
-- Ids of the person's traces: files may name them.
SELECT t.id FROM trace AS t WHERE t.tenant = %(tenant)s AND t.principal_id = %(person)s
UNION
SELECT a.trace_id FROM answer AS a WHERE a.tenant = %(tenant)s AND a.principal_id = %(person)s;

-- name: export
-- Every row that is the person's, by table; never the hash of a secret, and never who somebody else is or what
-- somebody else asked.
SELECT 'principal' AS name, to_jsonb(p) AS row FROM principal AS p
 WHERE p.tenant = %(tenant)s AND p.id = %(person)s
UNION ALL
SELECT 'api_token', to_jsonb(k) - 'secret_sha256' FROM api_token AS k
 WHERE k.tenant = %(tenant)s AND k.principal_id = %(person)s
UNION ALL
SELECT 'trace', to_jsonb(t) FROM trace AS t WHERE t.tenant = %(tenant)s AND t.principal_id = %(person)s
UNION ALL
SELECT 'step', to_jsonb(s) FROM step AS s JOIN trace AS t ON t.tenant = s.tenant AND t.id = s.trace_id
 WHERE t.tenant = %(tenant)s AND t.principal_id = %(person)s
UNION ALL
SELECT 'answer', to_jsonb(a) FROM answer AS a WHERE a.tenant = %(tenant)s AND a.principal_id = %(person)s
UNION ALL
SELECT 'answer_fact', to_jsonb(f) FROM answer_fact AS f WHERE f.tenant = %(tenant)s AND f.principal_id = %(person)s
UNION ALL
SELECT 'conversation', to_jsonb(c) FROM conversation AS c
 WHERE c.tenant = %(tenant)s AND c.principal_id = %(person)s
UNION ALL
SELECT 'turn', to_jsonb(u) FROM turn AS u JOIN conversation AS c ON c.tenant = u.tenant AND c.id = u.conversation
 WHERE c.tenant = %(tenant)s AND c.principal_id = %(person)s
UNION ALL
SELECT 'feedback', to_jsonb(f) FROM feedback AS f WHERE f.tenant = %(tenant)s AND f.principal_id = %(person)s
UNION ALL
SELECT 'review_item', to_jsonb(i) - 'seats' FROM review_item AS i JOIN answer AS a ON a.tenant = i.tenant AND a.id = i.answer_id
 WHERE a.tenant = %(tenant)s AND a.principal_id = %(person)s
UNION ALL
SELECT 'review_reading', to_jsonb(r) FROM review_reading AS r WHERE r.tenant = %(tenant)s AND r.reader = %(person)s
UNION ALL
SELECT 'review_hold', to_jsonb(h) FROM review_hold AS h WHERE h.tenant = %(tenant)s AND h.reader = %(person)s
UNION ALL
SELECT 'model_call', to_jsonb(c) FROM model_call AS c WHERE c.tenant = %(tenant)s AND c.principal = %(person)s
UNION ALL
SELECT 'reply', to_jsonb(r) - 'vector' FROM reply AS r
 WHERE r.tenant = %(tenant)s AND r.question = ANY (ARRAY (
       SELECT c.question FROM model_call AS c WHERE c.tenant = %(tenant)s AND c.principal = %(person)s))
UNION ALL
SELECT 'happening', to_jsonb(h) || jsonb_build_object('props', (
       SELECT jsonb_object_agg(p.key, p.value) FROM jsonb_each(h.props) AS p
        WHERE p.key NOT IN ('by', 'principal', 'owner') OR p.value = to_jsonb(%(person)s::text)))
  FROM happening AS h
 WHERE h.tenant = %(tenant)s AND EXISTS (SELECT FROM jsonb_each(h.props) AS p WHERE p.value = to_jsonb(%(person)s::text))
UNION ALL
SELECT 'rate_meter', to_jsonb(m) FROM rate_meter AS m
 WHERE m.tenant = %(tenant)s AND m.scope = 'user' AND m.name = %(person)s
UNION ALL
SELECT 'walk_window', to_jsonb(w) - ARRAY['shapes', 'seen'] FROM walk_window AS w
 WHERE w.tenant = %(tenant)s AND w.name = %(person)s
UNION ALL
SELECT 'failed_attempt', to_jsonb(f) FROM failed_attempt AS f
 WHERE f.tenant = %(tenant)s AND f.who = 'person:' || %(person)s
UNION ALL
SELECT 'quarantine', jsonb_build_object('id', q.id, 'uri', q.uri, 'state', q.state, 'note', q.note) FROM quarantine AS q
 WHERE q.tenant = %(tenant)s AND q.decided_by = %(person)s
UNION ALL
SELECT 'conflict', jsonb_build_object('id', c.id, 'state', c.state, 'note', c.note, 'decided_at', c.decided_at)
  FROM conflict AS c
 WHERE c.decided_by = %(person)s
UNION ALL
SELECT 'incident', to_jsonb(i) || jsonb_build_object(
       'question', CASE WHEN a.id IS NULL THEN '' ELSE i.question END,
       'opened_by', CASE i.opened_by WHEN %(person)s THEN i.opened_by ELSE '' END,
       'closed_by', CASE i.closed_by WHEN %(person)s THEN i.closed_by ELSE '' END)
  FROM incident AS i
  LEFT JOIN answer AS a ON a.tenant = i.tenant AND a.id = i.value AND a.principal_id = %(person)s
 WHERE i.tenant = %(tenant)s AND (%(person)s IN (i.opened_by, i.closed_by) OR a.id IS NOT NULL)
UNION ALL
SELECT 'audit', jsonb_build_object(
       'n', u.n, 'at', u.created_at, 'action', u.action,
       'actor', CASE u.actor WHEN %(person)s THEN u.actor ELSE '' END,
       'subject', CASE WHEN u.subject <> %(person)s AND EXISTS (
                      SELECT FROM principal AS p WHERE p.tenant = u.tenant AND p.id = u.subject)
                  THEN '' ELSE u.subject END,
       'detail', CASE WHEN u.detail ->> 'principal' <> %(person)s THEN '{}' ELSE u.detail END)
  FROM audit AS u
 WHERE u.tenant = %(tenant)s AND %(person)s IN (u.actor, u.subject, u.detail ->> 'principal');
