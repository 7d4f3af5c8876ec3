-- name: read_codes
-- Of chunks that a search has found.
SELECT c.id, t.code FROM chunk AS c JOIN token_code AS t ON t.tenant = c.tenant AND t.chunk = c.no
 WHERE c.tenant = %(tenant)s AND c.id = ANY (%(ids)s::text[]);

-- name: count_missing
-- Searched chunks without a code.
SELECT count(*) AS chunks FROM chunk AS c
 WHERE c.tenant = %(tenant)s AND c.level = 0
   AND NOT EXISTS (SELECT FROM token_code AS t WHERE t.tenant = c.tenant AND t.chunk = c.no);
