-- name: hold_budget
-- Set an amount aside in every budget, or in none.
SELECT refused, spent, held, crossed
  FROM hold_budget(%(tenant)s, %(id)s, %(amount)s, %(scopes)s::text[], %(names)s::text[], %(periods)s::date[],
                   %(amounts)s::numeric[], %(softs)s::numeric[], %(seconds)s);

-- name: settle_lazily
-- The commit need not reach the disk at once: a settlement that is lost with the server leaves the sum held.
SELECT set_config('synchronous_commit', 'off', true);

-- name: settle_budget
-- What it cost in place of what was held.
SELECT settle_budget(%(tenant)s, %(id)s, %(cost)s);

-- name: find_standings
-- What is spent and held; what a process that is gone has held too long counts as spent.
SELECT w.n, coalesce(b.spent, 0) AS spent, coalesce(b.held, 0) AS held, coalesce(lapsed.amount, 0) AS lapsed
  FROM unnest(%(scopes)s::text[], %(names)s::text[], %(periods)s::date[]) WITH ORDINALITY AS w (scope, name, period, n)
  LEFT JOIN budget_period b
    ON b.tenant = %(tenant)s AND b.scope = w.scope AND b.name = w.name AND b.period = w.period
  LEFT JOIN LATERAL (
       SELECT sum(h.amount) AS amount
         FROM budget_hold h, unnest(h.scopes, h.names, h.periods) AS of (scope, name, period)
        WHERE h.tenant = %(tenant)s AND h.until <= now()
          AND of.scope = w.scope AND of.name = w.name AND of.period = w.period) AS lapsed ON true
 ORDER BY w.n;
