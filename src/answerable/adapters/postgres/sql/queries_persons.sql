-- name: list_persons
-- With how many of their credentials still open anything.
SELECT p.id, p.created_at, p.disabled_at AS suspended_at, p.roles, p.groups,
       (SELECT count(*) FROM api_token AS t
         WHERE t.tenant = p.tenant AND t.principal_id = p.id AND t.revoked_at IS NULL AND t.used_at IS NULL
           AND (t.expires_at IS NULL OR t.expires_at > now())) AS credentials
  FROM principal AS p
 WHERE p.tenant = %(tenant)s
 ORDER BY p.id;

-- name: suspend
-- Or let in again.
UPDATE principal SET disabled_at = CASE WHEN %(suspended)s THEN coalesce(disabled_at, now()) END
 WHERE tenant = %(tenant)s AND id = %(person)s
RETURNING id;

-- name: bound
-- What a person may at most; NULL: whatever a credential says.
INSERT INTO principal (tenant, id, roles, groups) VALUES (%(tenant)s, %(person)s, %(roles)s, %(groups)s)
ON CONFLICT (tenant, id) DO UPDATE SET roles = excluded.roles, groups = excluded.groups;

-- name: sign_out
-- Every session of a person.
UPDATE api_token SET revoked_at = now()
 WHERE tenant = %(tenant)s AND principal_id = %(person)s AND kind IN ('session', 'once') AND revoked_at IS NULL
RETURNING id;

-- name: failed
-- One more in this minute.
INSERT INTO failed_attempt AS f (tenant, who, minute, count)
VALUES (%(tenant)s, %(who)s, date_trunc('minute', now()), 1)
ON CONFLICT (tenant, who, minute) DO UPDATE SET count = f.count + 1;

-- name: forget_attempts
-- What nobody counts any more.
DELETE FROM failed_attempt WHERE tenant = %(tenant)s AND minute < now() - interval '1 hour';

-- name: count_attempts
-- In a sliding window; a minute counts as long as any of it is inside.
SELECT coalesce(sum(count), 0)::integer AS count
  FROM failed_attempt
 WHERE tenant = %(tenant)s AND who = %(who)s
   AND minute + interval '1 minute' > now() - %(window_s)s::double precision * interval '1 second';
