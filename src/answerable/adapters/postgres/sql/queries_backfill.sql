-- name: list_untold
-- Answers to persons that no event tells of, page by page, by time and id.
SELECT f.answer_id AS answer, f.trace_id AS trace, f.at, f.principal_id AS principal, f.conversation, f.outcome,
       f.language, f.prompt_id, f.prompt_version, f.prompt_sha256, f.rollout, f.model, f.cache, f.degraded, f.total_ms,
       f.first_text_ms, f.supported, f.unsupported, f.withheld, a.record -> 'degraded' AS steps,
       jsonb_array_length(jsonb_path_query_array(a.record, '$.sources[*]')) AS citations
  FROM answer_fact AS f JOIN answer AS a ON a.tenant = f.tenant AND a.id = f.answer_id
 WHERE f.tenant = %(tenant)s AND f.principal_id <> %(evaluation)s AND f.at >= %(since)s AND f.at < %(until)s
   AND (f.at, f.answer_id) > (%(after_at)s, %(after)s)
   AND NOT EXISTS (SELECT FROM event AS e
                    WHERE e.tenant = %(tenant)s AND e.answer = f.answer_id AND e.name = 'question.asked')
 ORDER BY f.at, f.answer_id LIMIT %(limit)s;

-- name: count_untold
-- How many there are.
SELECT count(*) AS n FROM answer_fact AS f
 WHERE f.tenant = %(tenant)s AND f.principal_id <> %(evaluation)s AND f.at >= %(since)s AND f.at < %(until)s
   AND NOT EXISTS (SELECT FROM event AS e
                    WHERE e.tenant = %(tenant)s AND e.answer = f.answer_id AND e.name = 'question.asked');

-- name: list_their_calls
-- The calls of models that these answers took.
SELECT id, trace_id AS trace, at, use, outcome, provider, model, reported, prompt_id, prompt_version, prompt_sha256,
       duration_ms, first_text_ms, input, cached, output, cost, currency
  FROM model_call
 WHERE tenant = %(tenant)s AND trace_id = ANY (%(traces)s::text[]) AND at >= %(first)s - interval '1 hour'
   AND at <= %(last)s + interval '1 hour' AND outcome <> 'hit'
 ORDER BY at, id;

-- name: list_their_feedback
-- What was said of these answers, the first word first.
SELECT id, answer_id AS answer, created_at AS at, coalesce(value, '') AS value, coalesce(solved, '') AS solved,
       comment <> '' AS has_comment
  FROM feedback WHERE tenant = %(tenant)s AND answer_id = ANY (%(answers)s::text[]) ORDER BY id;
