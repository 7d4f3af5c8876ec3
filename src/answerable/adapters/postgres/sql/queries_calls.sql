-- name: insert_call
-- One call. Replayed entries meet themselves.
INSERT INTO model_call (tenant, id, at, use, outcome, provider, endpoint, model, reported, fingerprint, principal, key,
                        trace_id, question, prompt_id, prompt_version, prompt_sha256, status, duration_ms,
                        first_text_ms, input, cached, written, output, searches, estimated, cost, saved, currency,
                        price_table)
VALUES (%(tenant)s, %(id)s, %(at)s, %(use)s, %(outcome)s, %(provider)s, %(endpoint)s, %(model)s, %(reported)s,
        %(fingerprint)s, %(principal)s, %(key)s, %(trace_id)s, %(question)s, %(prompt_id)s, %(prompt_version)s,
        %(prompt_sha256)s, %(status)s, %(duration_ms)s, %(first_text_ms)s, %(input)s, %(cached)s, %(written)s,
        %(output)s, %(searches)s, %(estimated)s, %(cost)s, %(saved)s, %(currency)s, %(price_table)s)
ON CONFLICT DO NOTHING;

-- name: sum_calls
-- Sums by the columns that are asked for; the others are empty.
SELECT CASE WHEN 'day' = ANY (%(by)s::text[]) THEN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD') END AS day,
       CASE WHEN 'use' = ANY (%(by)s::text[]) THEN use END AS use,
       CASE WHEN 'prompt' = ANY (%(by)s::text[]) THEN
            CASE WHEN prompt_id = '' THEN '' ELSE prompt_id || '@' || prompt_version END END AS prompt,
       CASE WHEN 'model' = ANY (%(by)s::text[]) THEN
            CASE WHEN reported = '' THEN model ELSE reported END END AS model,
       CASE WHEN 'provider' = ANY (%(by)s::text[]) THEN provider END AS provider,
       CASE WHEN 'tenant' = ANY (%(by)s::text[]) THEN tenant END AS tenant,
       CASE WHEN 'key' = ANY (%(by)s::text[]) THEN key END AS key,
       CASE WHEN 'outcome' = ANY (%(by)s::text[]) THEN outcome END AS outcome,
       count(*) AS calls,
       count(DISTINCT trace_id) FILTER (WHERE trace_id <> '') AS traces,
       count(*) FILTER (WHERE input IS NOT NULL AND cost IS NULL) AS unpriced,
       count(*) FILTER (WHERE outcome = 'hit') AS hits,
       count(*) FILTER (WHERE estimated) AS estimated,
       coalesce(sum(input), 0)::bigint AS input,
       coalesce(sum(cached), 0)::bigint AS cached,
       coalesce(sum(written), 0)::bigint AS written,
       coalesce(sum(output), 0)::bigint AS output,
       coalesce(sum(searches), 0)::bigint AS searches,
       coalesce(sum(cost), 0) AS cost,
       coalesce(sum(cost) FILTER (WHERE outcome NOT IN ('ok', 'hit')), 0) AS wasted,
       coalesce(sum(saved), 0) AS saved
  FROM model_call
 WHERE tenant = %(tenant)s AND at >= %(since)s AND at < %(until)s
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
 ORDER BY 1, cost DESC, 2, 3, 4, 5, 6, 7, 8;

-- name: sum_traces
-- What each question cost, all its calls together.
SELECT trace_id AS trace,
       to_char(min(at) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day,
       min(at) AS at,
       count(*) AS calls,
       count(*) FILTER (WHERE outcome = 'hit') AS hits,
       max(question) AS question,
       max(principal) AS principal,
       CASE WHEN count(*) FILTER (WHERE input IS NOT NULL AND cost IS NULL) = 0 THEN coalesce(sum(cost), 0) END AS cost,
       coalesce(sum(cost) FILTER (WHERE use = 'answer'), 0) AS generated
  FROM model_call
 WHERE tenant = %(tenant)s AND at >= %(since)s AND at < %(until)s AND trace_id <> ''
 GROUP BY trace_id
 ORDER BY min(at), trace_id;
