-- name: insert_principal
-- The person a token speaks for.
INSERT INTO principal (tenant, id) VALUES (%(tenant)s, %(principal)s) ON CONFLICT DO NOTHING;

-- name: insert_token
-- Only the hash of the secret is kept.
INSERT INTO api_token (tenant, id, secret_sha256, principal_id, roles, groups, label, kind, scopes, idle_s, made_by, expires_at)
VALUES (%(tenant)s, %(id)s, %(secret_sha256)s, %(principal)s, %(roles)s, %(groups)s, %(label)s, %(kind)s, %(scopes)s,
        %(idle_s)s, %(made_by)s, now() + %(ttl_s)s::double precision * interval '1 second')
RETURNING *;

-- name: present
-- Makes the one row with this hash readable, for this transaction.
SELECT set_config('answerable.secret_sha256', %(secret_sha256)s, true);

-- name: find_token
-- The row with the presented hash, whoever's it is.
SELECT * FROM api_token WHERE secret_sha256 = %(secret_sha256)s;

-- name: become_tenant
-- The rest of the transaction is the token's tenant's.
SELECT set_config('answerable.tenant', %(tenant)s, true);

-- name: is_live
-- What the token's person may at most, if the token still opens anything: not revoked, not expired, not idle for too
-- long, not used up, its person not suspended. `stale`: its last use is to be written down.
SELECT p.roles, p.groups,
       t.idle_s IS NOT NULL AND coalesce(t.seen_at, t.created_at)
           < now() - least(60.0, t.idle_s / 10.0) * interval '1 second' AS stale
  FROM api_token t JOIN principal p ON p.tenant = t.tenant AND p.id = t.principal_id
 WHERE t.tenant = %(tenant)s AND t.id = %(id)s
   AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now()) AND t.used_at IS NULL
   AND (t.idle_s IS NULL OR coalesce(t.seen_at, t.created_at) > now() - t.idle_s * interval '1 second')
   AND p.disabled_at IS NULL;

-- name: list_live
-- As is_live, of several.
SELECT t.*, p.roles AS person_roles, p.groups AS person_groups
  FROM api_token t JOIN principal p ON p.tenant = t.tenant AND p.id = t.principal_id
 WHERE t.tenant = %(tenant)s AND t.id = ANY (%(ids)s)
   AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now()) AND t.used_at IS NULL
   AND (t.idle_s IS NULL OR coalesce(t.seen_at, t.created_at) > now() - t.idle_s * interval '1 second')
   AND p.disabled_at IS NULL;

-- name: see
-- It was used. Not waited for where another request writes the same down.
UPDATE api_token SET seen_at = now()
 WHERE (tenant, id) = (SELECT tenant, id FROM api_token WHERE tenant = %(tenant)s AND id = %(id)s
                          FOR UPDATE SKIP LOCKED);

-- name: use_up
-- A once-token's one use. Of two at the same time, the second waits for the first and then finds nothing.
UPDATE api_token SET used_at = now() WHERE tenant = %(tenant)s AND id = %(id)s AND used_at IS NULL RETURNING id;

-- name: revoke
-- At once and for good; a second time changes nothing.
UPDATE api_token SET revoked_at = coalesce(revoked_at, now()) WHERE tenant = %(tenant)s AND id = %(id)s RETURNING id, kind;

-- name: list_tokens
-- Oldest first.
SELECT * FROM api_token WHERE tenant = %(tenant)s ORDER BY created_at, id;
