-- name: find_judgments
-- By what was asked.
SELECT key, said FROM judgment WHERE tenant = %(tenant)s AND key = ANY (%(keys)s::text[]);

-- name: keep_judgment
-- The first one of a key is the one that stays.
INSERT INTO judgment (tenant, key, said) VALUES (%(tenant)s, %(key)s, %(said)s) ON CONFLICT DO NOTHING;
