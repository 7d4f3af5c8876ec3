-- name: take_toll
-- Settle, charge all or none, and tell how far the person has come: one journey for a question.
SELECT rooms, walks FROM take_toll(%(tenant)s, %(debts)s, %(views)s, %(charges)s, %(name)s, %(periods)s::integer[]);

-- name: tell_once
-- Whether this is the first alarm of its kind in the window; several processes ask.
UPDATE walk_window AS k SET told = k.told || %(kind)s::text
 WHERE k.tenant = %(tenant)s AND k.name = %(name)s AND k.period_s = %(period_s)s AND NOT %(kind)s = ANY (k.told)
   AND k.since = to_timestamp(floor(extract(epoch FROM clock_timestamp()) / k.period_s) * k.period_s)
RETURNING k.name;

-- name: find_meters
-- What of a payer has not flowed off yet, in seconds.
SELECT m.scope, m.name, m.unit, m.period_s,
       extract(epoch FROM m.paid_at - clock_timestamp())::double precision AS owed_s
  FROM rate_meter AS m
 WHERE m.tenant = %(tenant)s AND m.name = %(name)s AND m.paid_at > clock_timestamp()
 ORDER BY 1, 3, 4;

-- name: forget_meters
-- Start anew.
DELETE FROM rate_meter AS m WHERE m.tenant = %(tenant)s AND m.name = %(name)s;

-- name: forget_walks
-- Start anew.
DELETE FROM walk_window AS k WHERE k.tenant = %(tenant)s AND k.name = %(name)s;

-- name: sweep_meters
-- Counters that say nothing any more.
DELETE FROM rate_meter AS m WHERE m.tenant = %(tenant)s AND m.paid_at < clock_timestamp() - interval '1 hour';

-- name: sweep_walks
-- Windows that are over.
DELETE FROM walk_window AS k
 WHERE k.tenant = %(tenant)s AND k.since + make_interval(secs => k.period_s) < clock_timestamp();
