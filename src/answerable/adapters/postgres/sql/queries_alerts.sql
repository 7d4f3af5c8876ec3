-- name: read_watch
-- Where the evaluation stands.
SELECT version, at, state FROM alert_watch WHERE tenant = %(tenant)s;

-- name: advance_watch
-- One more look; no row where somebody else has looked since.
INSERT INTO alert_watch AS w (tenant, version, at, state)
SELECT %(tenant)s::text, 1, %(at)s::timestamptz, %(state)s::jsonb WHERE %(version)s::bigint = 0
    OR EXISTS (SELECT FROM alert_watch AS o WHERE o.tenant = %(tenant)s::text)
    ON CONFLICT (tenant) DO UPDATE SET version = w.version + 1, at = excluded.at, state = excluded.state
       WHERE w.version = %(version)s::bigint
RETURNING version;

-- name: put_alert
-- As it stands now; what a person did to it meanwhile stays.
INSERT INTO alert AS a (tenant, id, rule, key, severity, opened_at, began_at, last_at, resolved_at, n, bad, value,
                        usual, blame, facts, told_at)
VALUES (%(tenant)s, %(id)s, %(rule)s, %(key)s, %(severity)s, %(opened_at)s, %(began_at)s, %(last_at)s,
        %(resolved_at)s, %(n)s, %(bad)s, %(value)s, %(usual)s, %(blame)s, %(facts)s, %(told_at)s)
    ON CONFLICT (tenant, id) DO UPDATE
       SET severity = excluded.severity, last_at = excluded.last_at, resolved_at = excluded.resolved_at,
           n = excluded.n, bad = excluded.bad, value = excluded.value, usual = excluded.usual,
           blame = excluded.blame, facts = excluded.facts, told_at = excluded.told_at;

-- name: put_hour
-- An hour that is read again takes the place of what was read of it.
INSERT INTO alert_hour (tenant, signal, at, n, bad, bins)
VALUES (%(tenant)s, %(signal)s, %(at)s, %(n)s, %(bad)s, %(bins)s)
    ON CONFLICT (tenant, at, signal) DO UPDATE SET n = excluded.n, bad = excluded.bad, bins = excluded.bins;

-- name: drop_hours
-- What nothing is held against any more.
DELETE FROM alert_hour WHERE tenant = %(tenant)s AND at < %(before)s;

-- name: list_hours
-- By time.
SELECT signal, at, n, bad, bins FROM alert_hour WHERE tenant = %(tenant)s AND at >= %(since)s ORDER BY at, signal;

-- name: list_alerts
-- Newest first.
SELECT * FROM alert WHERE tenant = %(tenant)s AND (%(every)s OR resolved_at IS NULL)
 ORDER BY opened_at DESC, id LIMIT %(limit)s;

-- name: find_alerts
-- Those whose id begins so; two are enough to know that it is not unique.
SELECT * FROM alert WHERE tenant = %(tenant)s AND starts_with(id, %(reference)s) ORDER BY id LIMIT 2;

-- name: ack_alert
-- The first time stays; nothing where it is acked already.
UPDATE alert SET acked_at = %(now)s WHERE tenant = %(tenant)s AND id = %(id)s AND acked_at IS NULL RETURNING *;

-- name: add_silence
-- The same silence again lasts as long as is said last.
INSERT INTO alert_silence (tenant, id, rule, key, reason, created_at, until)
VALUES (%(tenant)s, %(id)s, %(rule)s, %(key)s, %(reason)s, %(now)s, %(until)s)
    ON CONFLICT (tenant, id) DO UPDATE SET until = excluded.until, reason = excluded.reason;

-- name: end_silences
-- Every one of a rule.
UPDATE alert_silence SET until = %(now)s WHERE tenant = %(tenant)s AND rule = %(rule)s AND until > %(now)s;

-- name: list_silences
-- Those in force.
SELECT id, rule, key, reason, until FROM alert_silence WHERE tenant = %(tenant)s AND until > %(now)s
 ORDER BY until, id;

-- name: post_notice
-- A message that is there already is not put in again.
INSERT INTO notice (tenant, id, channel, name, payload, created_at, due_at)
VALUES (%(tenant)s, %(id)s, %(channel)s, %(name)s, %(payload)s, %(created_at)s, %(due_at)s)
    ON CONFLICT (tenant, id) DO NOTHING;

-- name: claim_notices
-- Due, and nobody else's: for the time of the lease. An alert goes before what else happened, however much that is,
-- and what was never tried before what a receiver that is away did not take.
UPDATE notice AS n SET leased_till = %(till)s
 WHERE n.tenant = %(tenant)s
   AND n.id = ANY (ARRAY (SELECT d.id FROM notice AS d
                           WHERE d.tenant = %(tenant)s AND d.sent_at IS NULL AND d.given_up_at IS NULL
                             AND d.due_at <= %(now)s AND (d.leased_till IS NULL OR d.leased_till <= %(now)s)
                           ORDER BY starts_with(d.name, 'alert.') DESC, d.tries > 0, d.due_at, d.id LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
RETURNING *;

-- name: settle_notice
-- How sending went.
UPDATE notice SET tries = %(tries)s, due_at = %(due_at)s, sent_at = %(sent_at)s, given_up_at = %(given_up_at)s,
                  error = %(error)s, leased_till = NULL
 WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: list_notices
-- Newest first.
SELECT * FROM notice WHERE tenant = %(tenant)s ORDER BY created_at DESC, id LIMIT %(limit)s;

-- name: drop_notices
-- What was sent or given up a while ago.
DELETE FROM notice WHERE tenant = %(tenant)s AND coalesce(sent_at, given_up_at) < %(before)s;

-- name: last_syncs
-- By source, when its newest sync was begun that came to its end; NULL: there was none.
SELECT s.id AS source, max(r.started_at) FILTER (WHERE r.finished_at IS NOT NULL) AS at
  FROM source AS s LEFT JOIN ingest_run AS r ON r.tenant = s.tenant AND r.source = s.id
 WHERE s.tenant = %(tenant)s
 GROUP BY s.id ORDER BY s.id;
