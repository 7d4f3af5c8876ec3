-- name: insert_happening
-- Replayed ones meet themselves.
INSERT INTO happening (tenant, id, at, name, trace, props)
VALUES (%(tenant)s, %(id)s, %(at)s, %(name)s, %(trace_id)s, %(props)s)
ON CONFLICT DO NOTHING;

-- name: list_happenings
-- The newest, of one name or of all.
SELECT tenant, id, at, name, trace AS trace_id, props
  FROM happening
 WHERE %(name)s::text IS NULL OR name = %(name)s
 ORDER BY at DESC, id DESC
 LIMIT %(limit)s;
