-- name: sum_answers
-- Answers of persons, counted by the columns that are asked for; the others are empty. Times in milliseconds.
SELECT CASE WHEN 'day' = ANY (%(by)s::text[]) THEN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD') END AS day,
       CASE WHEN 'prompt' = ANY (%(by)s::text[]) THEN prompt_id END AS prompt,
       CASE WHEN 'prompt.version' = ANY (%(by)s::text[]) THEN
            CASE WHEN prompt_id = '' THEN '' ELSE prompt_id || '@' || prompt_version END END AS "prompt.version",
       CASE WHEN 'prompt.sha256' = ANY (%(by)s::text[]) THEN left(prompt_sha256, 12) END AS "prompt.sha256",
       CASE WHEN 'rollout' = ANY (%(by)s::text[]) THEN rollout END AS rollout,
       CASE WHEN 'language' = ANY (%(by)s::text[]) THEN language END AS language,
       CASE WHEN 'model' = ANY (%(by)s::text[]) THEN model END AS model,
       count(*) AS answers,
       count(DISTINCT principal_id) AS persons,
       count(DISTINCT nullif(left(prompt_sha256, 12), '')) AS texts,
       count(*) FILTER (WHERE outcome IN ('answered', 'partial', 'conflict')) AS answered,
       count(*) FILTER (WHERE outcome = 'partial') AS partial,
       count(*) FILTER (WHERE outcome = 'abstained') AS abstained,
       count(*) FILTER (WHERE outcome = 'blocked') AS blocked,
       count(*) FILTER (WHERE outcome = 'escalated') AS escalated,
       count(*) FILTER (WHERE outcome = 'failed') AS failed,
       count(*) FILTER (WHERE outcome NOT IN ('out_of_scope', 'too_long', 'blocked', 'failed')) AS in_scope,
       count(*) FILTER (WHERE degraded) AS degraded,
       count(*) FILTER (WHERE cache <> '') AS cached,
       -- Statements shown, and those with support; of one answer they stand or fall together, hence the squares.
       count(*) FILTER (WHERE supported + unsupported > 0) AS with_statements,
       coalesce(sum(supported), 0)::bigint AS supported,
       coalesce(sum(supported + unsupported), 0)::bigint AS shown,
       coalesce(sum(supported ^ 2), 0)::double precision AS supported2,
       coalesce(sum(supported * (supported + unsupported)), 0)::double precision AS supported_shown,
       coalesce(sum((supported + unsupported) ^ 2), 0)::double precision AS shown2,
       count(withheld) FILTER (WHERE supported + unsupported + withheld > 0) AS checked,
       count(*) FILTER (WHERE withheld > 0) AS with_withheld,
       coalesce(sum(withheld), 0)::bigint AS withheld,
       -- In order, so that whoever takes a quantile need not sort.
       coalesce(array_agg(total_ms ORDER BY total_ms) FILTER (WHERE total_ms IS NOT NULL AND %(times)s), '{}')
           AS total_ms,
       coalesce(array_agg(first_text_ms ORDER BY first_text_ms)
                FILTER (WHERE first_text_ms IS NOT NULL AND %(times)s), '{}') AS first_text_ms
  FROM answer_fact
 WHERE tenant = %(tenant)s AND at >= %(since)s AND at < %(until)s AND principal_id <> %(evaluation)s
   AND (%(prompt)s::text IS NULL OR prompt_id = %(prompt)s)
 GROUP BY 1, 2, 3, 4, 5, 6, 7
 ORDER BY 2, 3, 4, 1, 5, 6, 7;

-- name: sum_feedback
-- What people said of those answers (the last word counts), and whether they went on asking within half an hour.
SELECT CASE WHEN 'day' = ANY (%(by)s::text[]) THEN to_char(f.at AT TIME ZONE 'UTC', 'YYYY-MM-DD') END AS day,
       CASE WHEN 'prompt' = ANY (%(by)s::text[]) THEN f.prompt_id END AS prompt,
       CASE WHEN 'prompt.version' = ANY (%(by)s::text[]) THEN
            CASE WHEN f.prompt_id = '' THEN '' ELSE f.prompt_id || '@' || f.prompt_version END END AS "prompt.version",
       CASE WHEN 'prompt.sha256' = ANY (%(by)s::text[]) THEN left(f.prompt_sha256, 12) END AS "prompt.sha256",
       CASE WHEN 'rollout' = ANY (%(by)s::text[]) THEN f.rollout END AS rollout,
       CASE WHEN 'language' = ANY (%(by)s::text[]) THEN f.language END AS language,
       CASE WHEN 'model' = ANY (%(by)s::text[]) THEN f.model END AS model,
       count(*) AS answers,
       count(DISTINCT f.principal_id) AS persons,
       count(DISTINCT nullif(left(f.prompt_sha256, 12), '')) AS texts,
       count(said.value) AS rated,
       count(*) FILTER (WHERE said.value = 'up') AS up,
       count(*) FILTER (WHERE said.value = 'down') AS down,
       count(said.solved) AS told,
       count(*) FILTER (WHERE said.solved = 'yes') AS solved,
       count(f.conversation) AS conversed,
       count(*) FILTER (WHERE f.followed) AS followed,
       count(*) FILTER (WHERE f.outcome = 'escalated') AS escalated
  FROM (SELECT *, conversation IS NOT NULL AND coalesce(
                      lead(at) OVER (PARTITION BY conversation ORDER BY at, answer_id) < at + interval '30 minutes',
                      false) AS followed
          FROM answer_fact
         WHERE tenant = %(tenant)s AND at >= %(since)s AND at < %(until)s AND principal_id <> %(evaluation)s) AS f
  LEFT JOIN (SELECT DISTINCT ON (answer_id) answer_id, value, solved
               FROM feedback
              WHERE tenant = %(tenant)s AND created_at >= %(since)s
              ORDER BY answer_id, id DESC) AS said ON said.answer_id = f.answer_id
 WHERE %(prompt)s::text IS NULL OR f.prompt_id = %(prompt)s
 GROUP BY 1, 2, 3, 4, 5, 6, 7
 ORDER BY 2, 3, 4, 1, 5, 6, 7;

-- name: sum_prompt_calls
-- Tokens and money of the calls that a prompt was sent with, for answers of persons. Not of calls without a prompt.
SELECT CASE WHEN 'day' = ANY (%(by)s::text[]) THEN to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD') END AS day,
       CASE WHEN 'prompt' = ANY (%(by)s::text[]) THEN c.prompt_id END AS prompt,
       CASE WHEN 'prompt.version' = ANY (%(by)s::text[]) THEN c.prompt_id || '@' || c.prompt_version END
           AS "prompt.version",
       CASE WHEN 'prompt.sha256' = ANY (%(by)s::text[]) THEN left(c.prompt_sha256, 12) END AS "prompt.sha256",
       CASE WHEN 'rollout' = ANY (%(by)s::text[]) THEN f.rollout END AS rollout,
       CASE WHEN 'language' = ANY (%(by)s::text[]) THEN f.language END AS language,
       CASE WHEN 'model' = ANY (%(by)s::text[]) THEN
            CASE WHEN c.reported = '' THEN c.model ELSE c.reported END END AS model,
       count(DISTINCT c.trace_id) AS answers,
       count(DISTINCT f.principal_id) AS persons,
       count(DISTINCT nullif(left(c.prompt_sha256, 12), '')) AS texts,
       count(*) FILTER (WHERE c.outcome <> 'hit') AS calls,
       count(*) FILTER (WHERE c.outcome = 'hit') AS hits,
       count(c.input) AS counted,
       count(*) FILTER (WHERE c.estimated AND c.input IS NOT NULL) AS estimated,
       coalesce(sum(c.input), 0)::bigint AS input,
       coalesce(sum(c.cached), 0)::bigint AS cached,
       coalesce(sum(c.output), 0)::bigint AS output,
       coalesce(array_agg(c.input ORDER BY c.input) FILTER (WHERE c.input IS NOT NULL), '{}') AS inputs,
       coalesce(array_agg(c.output ORDER BY c.output) FILTER (WHERE c.output IS NOT NULL), '{}') AS outputs,
       count(*) FILTER (WHERE c.input IS NOT NULL AND c.cost IS NULL) AS unpriced,
       coalesce(sum(c.cost), 0) AS cost
  FROM model_call AS c JOIN answer_fact AS f ON f.tenant = c.tenant AND f.trace_id = c.trace_id
 WHERE c.tenant = %(tenant)s AND c.at >= %(since)s AND c.at < %(until)s AND c.prompt_id <> ''
   AND f.tenant = %(tenant)s AND f.at >= %(since)s - interval '1 hour' AND f.at < %(until)s
   AND f.principal_id <> %(evaluation)s
   AND (%(prompt)s::text IS NULL OR c.prompt_id = %(prompt)s)
 GROUP BY 1, 2, 3, 4, 5, 6, 7
 ORDER BY 2, 3, 4, 1, 5, 6, 7;

-- name: list_costs
-- What each answer cost with all its calls, by the answer's own prompt; cost is empty where a call has no price.
SELECT CASE WHEN 'day' = ANY (%(by)s::text[]) THEN to_char(f.at AT TIME ZONE 'UTC', 'YYYY-MM-DD') END AS day,
       CASE WHEN 'prompt' = ANY (%(by)s::text[]) THEN f.prompt_id END AS prompt,
       CASE WHEN 'prompt.version' = ANY (%(by)s::text[]) THEN
            CASE WHEN f.prompt_id = '' THEN '' ELSE f.prompt_id || '@' || f.prompt_version END END AS "prompt.version",
       CASE WHEN 'prompt.sha256' = ANY (%(by)s::text[]) THEN left(f.prompt_sha256, 12) END AS "prompt.sha256",
       CASE WHEN 'rollout' = ANY (%(by)s::text[]) THEN f.rollout END AS rollout,
       CASE WHEN 'language' = ANY (%(by)s::text[]) THEN f.language END AS language,
       CASE WHEN 'model' = ANY (%(by)s::text[]) THEN f.model END AS model,
       count(*) AS answers,
       count(DISTINCT f.principal_id) AS persons,
       count(DISTINCT nullif(left(f.prompt_sha256, 12), '')) AS texts,
       count(*) FILTER (WHERE f.outcome IN ('answered', 'partial', 'conflict')) AS answered,
       count(*) FILTER (WHERE c.unpriced > 0) AS unpriced,
       coalesce(sum(c.cost), 0) AS cost,
       -- Days since 1970: what is resampled together.
       coalesce(array_agg(floor(extract(epoch FROM f.at) / 86400)::integer ORDER BY f.at, f.answer_id)
                FILTER (WHERE coalesce(c.unpriced, 0) = 0), '{}') AS days,
       coalesce(array_agg(coalesce(c.cost, 0)::double precision ORDER BY f.at, f.answer_id)
                FILTER (WHERE coalesce(c.unpriced, 0) = 0), '{}') AS costs
  FROM answer_fact AS f
  LEFT JOIN (SELECT trace_id, sum(cost) AS cost, count(*) FILTER (WHERE input IS NOT NULL AND cost IS NULL) AS unpriced
               FROM model_call
              WHERE tenant = %(tenant)s AND at >= %(since)s AND at < %(until)s + interval '1 hour' AND trace_id <> ''
              GROUP BY trace_id) AS c ON c.trace_id = f.trace_id
 WHERE f.tenant = %(tenant)s AND f.at >= %(since)s AND f.at < %(until)s AND f.principal_id <> %(evaluation)s
   AND (%(prompt)s::text IS NULL OR f.prompt_id = %(prompt)s)
 GROUP BY 1, 2, 3, 4, 5, 6, 7
 ORDER BY 2, 3, 4, 1, 5, 6, 7;

-- name: list_reviewed
-- Which answers of a span people have drawn for review, with what parts them.
SELECT i.id AS item, f.answer_id, f.principal_id AS person,
       to_char(f.at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, f.prompt_id AS prompt,
       CASE WHEN f.prompt_id = '' THEN '' ELSE f.prompt_id || '@' || f.prompt_version END AS "prompt.version",
       left(f.prompt_sha256, 12) AS "prompt.sha256", f.rollout, f.language, f.model,
       f.supported, f.unsupported
  FROM review_item AS i JOIN answer_fact AS f ON f.tenant = i.tenant AND f.answer_id = i.answer_id
 WHERE f.tenant = %(tenant)s AND f.at >= %(since)s AND f.at < %(until)s AND f.principal_id <> %(evaluation)s
   AND (%(prompt)s::text IS NULL OR f.prompt_id = %(prompt)s);

-- name: list_marks
-- What changed in a span, oldest first: happenings of these names, and switches of the index.
SELECT at, name, props FROM happening
 WHERE tenant = %(tenant)s AND name = ANY (%(names)s::text[]) AND at >= %(since)s AND at < %(until)s
UNION ALL
SELECT switched_at, 'index.switched', jsonb_build_object('name', name, 'note', note) FROM index_generation
 WHERE tenant = %(tenant)s AND switched_at >= %(since)s AND switched_at < %(until)s
 ORDER BY 1, 2;
