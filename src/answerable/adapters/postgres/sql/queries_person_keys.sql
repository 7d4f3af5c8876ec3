-- name: make_key
-- Unless another process was faster.
INSERT INTO person_key (tenant, starts, ends, secret) VALUES (%(tenant)s, %(starts)s, %(ends)s, %(secret)s)
ON CONFLICT DO NOTHING;

-- name: destroy_keys
-- Those whose time ended before; what they made says nothing any more.
DELETE FROM person_key WHERE tenant = %(tenant)s AND ends < %(before)s;

-- name: list_keys
-- All that there are.
SELECT starts, ends, secret FROM person_key WHERE tenant = %(tenant)s ORDER BY starts;
