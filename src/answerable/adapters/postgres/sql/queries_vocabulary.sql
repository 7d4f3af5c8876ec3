-- name: find_unread
-- The chunks whose words are not known yet: above `after`, up to `upto`. Only when no writer of the tenant is at work:
-- then no number up to `upto` comes later.
SELECT m.chunk AS after, c.upto
  FROM (SELECT coalesce((SELECT chunk FROM word_mark WHERE tenant = %(tenant)s), 0) AS chunk) AS m
 CROSS JOIN (SELECT coalesce(max(no), 0) AS upto FROM chunk WHERE tenant = %(tenant)s) AS c;

-- name: lock_words
-- One at a time reads a tenant's words; who comes second leaves it to the first.
SELECT pg_try_advisory_xact_lock(hashtextextended('answerable.words.' || current_schema(), 0)::bigint
                                 # hashtextextended(%(tenant)s, 1)) AS mine;

-- name: read_texts
-- A page of the searched chunks' words, by number.
SELECT c.no, d.language, d.title, c.headings, c.text
  FROM chunk AS c JOIN document AS d ON d.tenant = c.tenant AND d.no = c.document
 WHERE c.tenant = %(tenant)s AND c.level = 0 AND c.no > %(after)s AND c.no <= %(upto)s
 ORDER BY c.no LIMIT 1000;

-- name: add_words
-- Those of the words that the tenant has not had yet.
INSERT INTO word (tenant, language, word, term)
SELECT %(tenant)s::text, %(language)s::text, u.word, u.term
  FROM unnest(%(words)b::text[], %(terms)b::bigint[]) AS u (word, term)
 WHERE NOT EXISTS (SELECT FROM word AS w WHERE w.word = u.word AND w.language = %(language)s AND w.tenant = %(tenant)s)
ON CONFLICT (word, language, tenant) DO NOTHING
RETURNING no, word;

-- name: add_keys
-- The keys of new words, bucket by bucket, in one order.
INSERT INTO word_bucket AS b (tenant, bucket, keys)
SELECT %(tenant)s, u.bucket, u.keys FROM unnest(%(buckets)b::integer[], %(keys)b::bytea[]) AS u (bucket, keys)
ON CONFLICT (tenant, bucket) DO UPDATE SET keys = b.keys || excluded.keys;

-- name: set_mark
-- The words of all chunks up to this one are known.
INSERT INTO word_mark (tenant, chunk) VALUES (%(tenant)s, %(upto)s)
ON CONFLICT (tenant) DO UPDATE SET chunk = greatest(word_mark.chunk, excluded.chunk);

-- name: read_keys
-- The buckets that asked keys fall into.
SELECT keys FROM word_bucket WHERE tenant = %(tenant)s AND bucket = ANY (%(buckets)b::integer[]);

-- name: read_words
-- By number, with the terms under which they may still occur.
SELECT no, word, term FROM word
 WHERE no = ANY (%(numbers)b::bigint[]) AND tenant = %(tenant)s AND language = %(language)s;
