-- name: add_words
-- Those of the words that the tenant has not had yet, in the order given, so that writers wait in one direction.
INSERT INTO word (tenant, language, word, term)
SELECT %(tenant)s, %(language)s, u.word, u.term
  FROM unnest(%(words)s::text[], %(terms)b::bigint[]) AS u (word, term)
ON CONFLICT (word, language, tenant) DO NOTHING
RETURNING no, word;

-- name: add_word_keys
-- The keys of new words.
INSERT INTO word_key (key, word, tenant)
SELECT u.key, u.word, %(tenant)s FROM unnest(%(keys)b::bigint[], %(words)b::bigint[]) AS u (key, word);

-- name: find_alike
-- For each asked word, by its place, the words that share a key with it, and the terms under which they may still occur.
SELECT near.n, w.word, w.term
  FROM (SELECT DISTINCT u.n, k.word
          FROM unnest(%(keys)b::bigint[], %(places)b::integer[]) AS u (key, n)
          JOIN word_key AS k ON k.key = u.key AND k.tenant = %(tenant)s) AS near
  JOIN word AS w ON w.tenant = %(tenant)s AND w.no = near.word AND w.language = %(language)s;

-- name: lacks_words
-- Whether the index has chunks and no words: it was filled before words were kept.
SELECT EXISTS (SELECT FROM chunk WHERE tenant = %(tenant)s AND level = 0)
   AND NOT EXISTS (SELECT FROM word WHERE tenant = %(tenant)s) AS lacks;

-- name: read_texts
-- A page of the searched chunks' words, by number.
SELECT c.no, d.language, d.title, c.headings, c.text
  FROM chunk AS c JOIN document AS d ON d.tenant = c.tenant AND d.no = c.document
 WHERE c.tenant = %(tenant)s AND c.level = 0 AND c.no > %(after)s
 ORDER BY c.no LIMIT 1000;
