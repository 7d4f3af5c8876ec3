-- name: put_codes
-- The codes of a document's chunks, which were just written.
INSERT INTO token_code (tenant, chunk, code)
SELECT %(tenant)s, c.no, u.code
  FROM unnest(%(n)b::integer[], %(codes)b::bytea[]) AS u (n, code)
  JOIN chunk AS c ON c.tenant = %(tenant)s AND c.document = %(document)s AND c.n = u.n;

-- name: read_codes
-- Of chunks that a search has found.
SELECT c.id, t.code FROM chunk AS c JOIN token_code AS t ON t.tenant = c.tenant AND t.chunk = c.no
 WHERE c.tenant = %(tenant)s AND c.id = ANY (%(ids)s::text[]);

-- name: count_missing
-- Searched chunks without a code.
SELECT count(*) AS chunks FROM chunk AS c
 WHERE c.tenant = %(tenant)s AND c.level = 0
   AND NOT EXISTS (SELECT FROM token_code AS t WHERE t.tenant = c.tenant AND t.chunk = c.no);
