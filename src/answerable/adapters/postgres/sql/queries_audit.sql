-- name: append
-- One row at the end of the tenant's chain; the lock is held to the end of the transaction, so call it last.
SELECT a.tenant, a.n, a.created_at AS at, a.actor, a.action, a.subject, a.detail::text AS detail, a.previous, a.hash
  FROM audit_append(%(actor)s, %(action)s, %(subject)s, %(detail)s) AS a;

-- name: list_rows
-- Oldest first.
SELECT tenant, n, created_at AS at, actor, action, subject, detail::text AS detail, previous, hash
  FROM audit
 WHERE tenant = %(tenant)s AND n > %(after)s
 ORDER BY n
 LIMIT %(limit)s;

-- name: list_latest
-- Newest first.
SELECT tenant, n, created_at AS at, actor, action, subject, detail::text AS detail, previous, hash
  FROM audit
 WHERE tenant = %(tenant)s AND starts_with(action, %(action)s) AND (%(subject)s = '' OR subject = %(subject)s)
 ORDER BY n DESC
 LIMIT %(limit)s;

-- name: check_chain
-- The rows, the last hash, and the first row that does not fit: its place, or NULL.
WITH chain AS (
    SELECT a.n, a.hash, a.previous, audit_hash(a) AS computed,
           row_number() OVER (ORDER BY a.n) AS place,
           lag(a.hash, 1, repeat('0', 64)) OVER (ORDER BY a.n) AS before
      FROM audit AS a
     WHERE a.tenant = %(tenant)s
), fault AS (
    SELECT c.place, CASE WHEN c.n <> c.place THEN 'missing'
                         WHEN c.previous <> c.before THEN 'unlinked' ELSE 'changed' END AS why, c.n
      FROM chain AS c
     WHERE c.n <> c.place OR c.previous <> c.before OR c.hash <> c.computed
     ORDER BY c.place
     LIMIT 1
)
SELECT (SELECT count(*) FROM chain) AS rows,
       (SELECT c.hash FROM chain AS c ORDER BY c.n DESC LIMIT 1) AS head,
       (SELECT c.hash FROM chain AS c WHERE c.n = %(n)s) AS noted,
       f.place AS broken, f.why, f.n AS found
  FROM (SELECT 1) AS always LEFT JOIN fault AS f ON true;
