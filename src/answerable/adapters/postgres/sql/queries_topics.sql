-- name: keep_topics
-- The same topics twice are one row.
INSERT INTO topic_set (tenant, version, made_at, model, topics)
VALUES (%(tenant)s, %(version)s, %(made_at)s, %(model)s, %(topics)s) ON CONFLICT DO NOTHING;

-- name: newest_topics
-- The last that were made by then.
SELECT topics FROM topic_set
 WHERE tenant = %(tenant)s AND model = %(model)s AND made_at <= coalesce(%(by)s, 'infinity'::timestamptz)
 ORDER BY made_at DESC, version LIMIT 1;

-- name: drop_topics
-- All but the newest ones.
DELETE FROM topic_set WHERE tenant = %(tenant)s AND version NOT IN (
    SELECT version FROM topic_set WHERE tenant = %(tenant)s ORDER BY made_at DESC, version LIMIT %(keep)s);
