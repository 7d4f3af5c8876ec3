-- name: get_reply
-- By its key. A reply whose chunk went while it was being written down is no reply.
SELECT r.exact, r.question, r.alike, r.chunks, r.text, r.text_sha256, r.model, r.provider, r.fingerprint, r.input, r.cached,
       r.output, r.cost, r.currency, r.vector, r.kept_at
  FROM reply AS r
 WHERE r.tenant = %(tenant)s AND r.exact = %(exact)s AND r.dies_at > now()
   AND NOT EXISTS (SELECT FROM unnest(r.chunks) AS u (id)
                    WHERE NOT EXISTS (SELECT FROM chunk AS c WHERE c.tenant = r.tenant AND c.id = u.id));

-- name: find_earlier
-- The newest to a question.
SELECT r.exact, r.question, r.alike, r.chunks, r.text, r.text_sha256, r.model, r.provider, r.fingerprint, r.input, r.cached,
       r.output, r.cost, r.currency, r.vector, r.kept_at
  FROM reply AS r
 WHERE r.tenant = %(tenant)s AND r.question = %(question)s AND r.dies_at > now()
   AND NOT EXISTS (SELECT FROM unnest(r.chunks) AS u (id)
                    WHERE NOT EXISTS (SELECT FROM chunk AS c WHERE c.tenant = r.tenant AND c.id = u.id))
 ORDER BY r.kept_at DESC, r.exact LIMIT 1;

-- name: find_alike
-- The newest few to questions of one meaning.
SELECT r.exact, r.question, r.alike, r.chunks, r.text, r.text_sha256, r.model, r.provider, r.fingerprint, r.input, r.cached,
       r.output, r.cost, r.currency, r.vector, r.kept_at
  FROM reply AS r
 WHERE r.tenant = %(tenant)s AND r.alike = %(alike)s AND r.alike <> '' AND r.dies_at > now()
   AND NOT EXISTS (SELECT FROM unnest(r.chunks) AS u (id)
                    WHERE NOT EXISTS (SELECT FROM chunk AS c WHERE c.tenant = r.tenant AND c.id = u.id))
 ORDER BY r.kept_at DESC, r.exact LIMIT %(limit)s;

-- name: put_reply
-- Unless a chunk is gone. Each that comes takes a few with it whose time is over.
WITH over AS (
    DELETE FROM reply WHERE tenant = %(tenant)s AND exact IN (
        SELECT exact FROM reply WHERE tenant = %(tenant)s AND dies_at <= now() AND exact <> %(exact)s
         ORDER BY dies_at LIMIT 20 FOR UPDATE SKIP LOCKED)
)
INSERT INTO reply AS r (tenant, exact, question, alike, chunks, text, text_sha256, model, provider, fingerprint, input, cached,
                        output, cost, currency, vector, kept_at, dies_at)
SELECT %(tenant)s, %(exact)s, %(question)s, %(alike)s, %(chunks)s::text[], %(text)s, %(text_sha256)s, %(model)s, %(provider)s,
       %(fingerprint)s, %(input)s, %(cached)s, %(output)s, %(cost)s, %(currency)s, %(vector)s, %(kept_at)s,
       now() + make_interval(secs => %(ttl_s)s)
 WHERE NOT EXISTS (SELECT FROM unnest(%(chunks)s::text[]) AS u (id)
                    WHERE NOT EXISTS (SELECT FROM chunk AS c WHERE c.tenant = %(tenant)s AND c.id = u.id))
ON CONFLICT (tenant, exact) DO UPDATE
   SET question = excluded.question, alike = excluded.alike, chunks = excluded.chunks, text = excluded.text,
       text_sha256 = excluded.text_sha256, model = excluded.model, provider = excluded.provider,
       fingerprint = excluded.fingerprint, input = excluded.input, cached = excluded.cached, output = excluded.output,
       cost = excluded.cost, currency = excluded.currency, vector = excluded.vector, kept_at = excluded.kept_at,
       dies_at = excluded.dies_at;

-- name: list_indexes
-- Every generation of a tenant; the first has no row while it is the only one.
SELECT name FROM index_generation WHERE tenant = %(tenant)s UNION SELECT %(tenant)s ORDER BY name;

-- name: forget_made_from
-- Those made from any of the chunks.
WITH gone AS (
    DELETE FROM reply WHERE tenant = %(tenant)s AND chunks && %(chunks)s::text[] RETURNING 1
)
SELECT count(*) AS replies FROM gone;

-- name: forget_all
-- Of one index.
WITH gone AS (
    DELETE FROM reply WHERE tenant = %(tenant)s RETURNING 1
)
SELECT count(*) AS replies FROM gone;

-- name: count_replies
-- What may still be given.
SELECT count(*) AS entries, coalesce(sum(octet_length(text)), 0)::bigint AS bytes, min(kept_at) AS oldest
  FROM reply WHERE tenant = %(tenant)s AND dies_at > now();

-- name: count_answers
-- Answers since a moment, by what they came from: none (a model, or quotes), exact, semantic, shared, earlier.
SELECT coalesce(a.record ->> 'cache', 'none') AS cache, count(*) AS answers
  FROM answer AS a
 WHERE a.tenant = %(tenant)s AND a.created_at >= %(since)s AND a.outcome IN ('answered', 'partial')
 GROUP BY 1 ORDER BY 1;
