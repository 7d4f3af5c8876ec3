-- name: lock_tallies
-- One at a time counts a tenant's days; given back at the transaction's end.
SELECT pg_advisory_xact_lock(hashtextextended('answerable.tally.' || current_schema() || '.' || %(tenant)s, 0));

-- name: list_touched
-- Days of which something came or changed, oldest first.
SELECT DISTINCT kind, day FROM tally_touched WHERE tenant = %(tenant)s ORDER BY day, kind;

-- name: take_touched
-- The marks of one day: what comes after this leaves a new one.
DELETE FROM tally_touched WHERE tenant = %(tenant)s AND kind = %(kind)s AND day = %(day)s;

-- name: clear_day
-- What was counted of a day.
DELETE FROM tally WHERE tenant = %(tenant)s AND kind = %(kind)s AND day = %(day)s;

-- name: clear_persons
-- Of whom it was.
DELETE FROM tally_person WHERE tenant = %(tenant)s AND kind = %(kind)s AND day = %(day)s;

-- name: forget_old_persons
-- After a while only how many they were is kept.
UPDATE tally_person SET persons = '{}' WHERE tenant = %(tenant)s AND day < %(before)s AND persons <> '{}';

-- name: tally_tasks
-- The tasks that were closed on a day, counted.
WITH ticketed AS MATERIALIZED (
    SELECT DISTINCT conversation FROM event
     WHERE tenant = %(tenant)s AND name = 'ticket.linked' AND at >= %(start)s - interval '7 days'
       AND at < %(end)s + interval '1 day' AND conversation <> '' AND props -> 'same_need' IS DISTINCT FROM 'false'
       AND coalesce((props ->> 'hours_after')::double precision, 0) <= 72
), t AS MATERIALIZED (
    SELECT task.*, conversation IN (SELECT conversation FROM ticketed) AS ticket,
           md5(concat_ws(E'\x1f', prompt_id, prompt_version, model, rollout, language, channel, topic))::uuid AS cell
      FROM task WHERE tenant = %(tenant)s AND closed_at >= %(start)s AND closed_at < %(end)s
), cells AS (
    INSERT INTO tally_cell
    SELECT DISTINCT %(tenant)s, cell, prompt_id, prompt_version, model, rollout, language, channel, topic FROM t
    ON CONFLICT DO NOTHING
), people AS (
    INSERT INTO tally_person
    SELECT %(tenant)s, 'task', %(day)s, cell, persons, cardinality(persons)
      FROM (SELECT cell, (array_agg(DISTINCT person ORDER BY person))[1:5] AS persons FROM t
             WHERE why_not = '' AND person IS NOT NULL GROUP BY cell) AS known
)
INSERT INTO tally (tenant, counter, day, cell, bin, kind, n, total)
SELECT %(tenant)s, counter, %(day)s, cell, bin, 'task', sum(n), sum(total)
  FROM t CROSS JOIN LATERAL (
    SELECT counter, bin, n, total FROM (VALUES
        ('task', 0, 1, t.turns::double precision),
        ('task.answers', 0, cardinality(t.answers), 0),
        ('task.state.' || t.state, 0, 1, 0),
        ('task.escalation.' || nullif(t.escalation, ''), 0, 1, 0),
        ('task.escalated', 0, (t.escalation <> '' OR t.state = 'escalated')::integer, 0),
        ('task.score', 0, 1, coalesce(t.p_complete, 0.5)),
        ('task.score2', 0, 1, coalesce(t.p_complete, 0.5) ^ 2),
        ('task.up', 0, coalesce((t.votes ->> 'up')::integer, 0), 0),
        ('task.down', 0, coalesce((t.votes ->> 'down')::integer, 0), 0),
        ('task.solved', 0, coalesce((t.votes ->> 'solved')::integer, 0), 0),
        ('task.not_solved', 0, coalesce((t.votes ->> 'not_solved')::integer, 0), 0),
        ('task.gap', 0, (t.outcome = 'abstained')::integer, 0),
        ('task.gap_done', 0, (t.outcome <> 'abstained' AND t.state IN ('confirmed', 'verified'))::integer, 0),
        ('task.repeated', 0, (t.reopened_at IS NOT NULL)::integer, 0),
        ('task.ticket', 0, t.ticket::integer, 0),
        ('task.form', 0, (t.channel = 'form')::integer, 0),
        ('task.form_ticket', 0, (t.channel = 'form' AND t.ticket)::integer, 0),
        ('task.unpriced', 0, (t.cost IS NULL OR t.unpriced > 0)::integer, 0)
    ) AS always (counter, bin, n, total)
    UNION ALL
    SELECT counter, bin, 1, total FROM (VALUES
        ('task.cost', 0, t.cost::double precision),
        ('task.cost2', 0, t.cost::double precision ^ 2),
        ('task.cost_bin', CASE WHEN t.cost > 0 THEN floor(ln(t.cost::double precision) / ln(1.05)) ELSE -32768 END, 0)
    ) AS money (counter, bin, total) WHERE t.cost IS NOT NULL AND t.unpriced = 0
    UNION ALL
    SELECT 'task.follow.' || key, 0, value::integer, 0 FROM jsonb_each_text(t.follow_ups)
  ) AS counted (counter, bin, n, total)
 WHERE t.why_not = '' AND counter IS NOT NULL AND n > 0
 GROUP BY counter, cell, bin
UNION ALL
SELECT %(tenant)s, counter, %(day)s, cell, 0, 'task', sum(n), 0
  FROM t CROSS JOIN LATERAL (VALUES ('task.left_out', 1), ('task.holdout', (t.why_not = 'holdout')::integer),
                                    ('task.holdout_ticket', (t.why_not = 'holdout' AND t.ticket)::integer)
                            ) AS counted (counter, n)
 WHERE t.why_not <> '' AND n > 0
 GROUP BY counter, cell;

-- name: tally_events
-- The events of a day, counted. What was asked by staff, bots, tests and canaries is left out.
WITH left_out AS MATERIALIZED (
    SELECT DISTINCT answer FROM event
     WHERE tenant = %(tenant)s AND name = 'question.asked' AND at >= %(start)s - interval '1 hour' AND at < %(end)s
       AND coalesce(props ->> 'why_not', '') <> '' AND answer <> ''
), thanked AS MATERIALIZED (
    SELECT DISTINCT answer FROM event
     WHERE tenant = %(tenant)s AND name IN ('question.asked', 'followup.classified')
       AND at >= %(start)s - interval '1 hour' AND at < %(end)s + interval '1 hour' AND answer <> ''
       AND coalesce(props ->> 'class', props ->> 'follow_up') = 'thanks'
), kept AS MATERIALIZED (
    SELECT DISTINCT ON (r.answer) a.cell, (r.props ->> 'harm' = 'incorrect')::integer AS wrong
      FROM event AS r CROSS JOIN LATERAL (
           SELECT one.props ->> 'cache' AS cache,
                  md5(concat_ws(E'\x1f', prompt_id, prompt_version, model, rollout, language, channel, topic))::uuid
                      AS cell
             FROM event AS one
            WHERE one.tenant = %(tenant)s AND one.answer = r.answer AND one.name = 'answer.shown' LIMIT 1) AS a
     WHERE r.tenant = %(tenant)s AND r.name = 'review.completed' AND r.at >= %(start)s AND r.at < %(end)s
       AND r.answer <> '' AND r.props ? 'harm' AND (r.props -> 'second_reader' = 'true') IS NOT TRUE
       AND a.cache IN ('exact', 'semantic')
     ORDER BY r.answer, r.at DESC
), e AS MATERIALIZED (
    SELECT event.*, answer IN (SELECT answer FROM thanked) AS thanks,
           md5(concat_ws(E'\x1f', prompt_id, prompt_version, model, rollout, language, channel, topic))::uuid AS cell
      FROM event
     WHERE tenant = %(tenant)s AND at >= %(start)s AND at < %(end)s
       AND name IN ('answer.shown', 'answer.abstained', 'model.called', 'escalation.claimed', 'escalation.resolved')
       AND answer NOT IN (SELECT answer FROM left_out) AND NOT holdout
), cells AS (
    INSERT INTO tally_cell
    SELECT DISTINCT %(tenant)s, cell, prompt_id, prompt_version, model, rollout, language, channel, topic FROM e
    ON CONFLICT DO NOTHING
), people AS (
    INSERT INTO tally_person
    SELECT %(tenant)s, 'event', %(day)s, cell, persons, cardinality(persons)
      FROM (SELECT cell, (array_agg(DISTINCT person ORDER BY person))[1:5] AS persons FROM e
             WHERE name IN ('answer.shown', 'answer.abstained') AND person IS NOT NULL GROUP BY cell) AS known
)
INSERT INTO tally (tenant, counter, day, cell, bin, kind, n, total)
SELECT %(tenant)s, counter, %(day)s, cell, bin, 'event', sum(n), coalesce(sum(total), 0)
  FROM e CROSS JOIN LATERAL (
    SELECT counter, bin, n, total FROM (VALUES
        ('answer.shown', 0, 1, 0::double precision),
        ('answer.cache.' || coalesce(nullif(e.props ->> 'cache', 'none'), 'made'), 0, 1, e.cost::double precision),
        ('answer.priced', 0, (coalesce(e.props ->> 'cache', 'none') = 'none' AND e.cost IS NOT NULL)::integer, 0),
        ('answer.cites', 0, coalesce((e.props ->> 'citations')::integer, 0),
         coalesce((e.props ->> 'stale_citations')::double precision, 0)),
        ('answer.stale', 0, (coalesce((e.props ->> 'stale_citations')::integer, 0) > 0)::integer, 0),
        ('answer.conflict', 0, (coalesce((e.props ->> 'conflicts')::integer, 0) > 0)::integer, 0),
        ('answer.said_conflict', 0, (e.outcome = 'conflict')::integer, 0)
    ) AS shown (counter, bin, n, total) WHERE e.name = 'answer.shown'
    UNION ALL
    SELECT 'answer.abstained.' || coalesce(e.props ->> 'reason', ''), 0, 1, 0
     WHERE e.name = 'answer.abstained' AND (NOT e.thanks OR e.props ->> 'reason' = 'guard')
    UNION ALL
    SELECT 'answer.in_scope', 0, 1, 0
     WHERE NOT e.thanks AND (e.name = 'answer.shown' OR e.name = 'answer.abstained'
           AND coalesce(e.props ->> 'reason', '') IN ('', 'no_context', 'low_score', 'conflict', 'verify_failed'))
    UNION ALL
    SELECT counter, bin, n, 0 FROM (VALUES
        ('answer', 0, 1),
        ('answer.deadline', 0, (e.props -> 'deadline_hit' = 'true' OR e.props ->> 'reason' = 'deadline')::integer),
        ('answer.degraded', 0, (e.degraded <> '{}')::integer),
        ('answer.ms_bin', CASE WHEN e.latency_ms > 0 THEN floor(ln(e.latency_ms) / ln(1.05))::integer
                               WHEN e.latency_ms = 0 THEN -32768 END, 1),
        ('answer.first_bin', CASE WHEN e.first_text_ms > 0 THEN floor(ln(e.first_text_ms) / ln(1.05))::integer
                                  WHEN e.first_text_ms = 0 THEN -32768 END, 1)
    ) AS both_kinds (counter, bin, n) WHERE e.name IN ('answer.shown', 'answer.abstained')
    UNION ALL
    SELECT counter, 0, n, 0 FROM (VALUES
        ('call', 1),
        ('call.fallback', (e.props -> 'fallback' = 'true')::integer),
        ('call.hedge', (e.props -> 'hedge' = 'true')::integer),
        ('call.ok', (e.props ->> 'status' = 'ok')::integer)
    ) AS calls (counter, n) WHERE e.name = 'model.called'
    UNION ALL
    SELECT 'escalation.claimed', 0, 1, (e.props ->> 'wait_s')::double precision
     WHERE e.name = 'escalation.claimed' AND e.props ? 'wait_s'
    UNION ALL
    SELECT 'escalation.resolved', 0, 1, (e.props -> 'same_answer' = 'true')::integer
     WHERE e.name = 'escalation.resolved' AND e.props ? 'same_answer'
  ) AS counted (counter, bin, n, total)
 WHERE n > 0 AND bin IS NOT NULL
 GROUP BY counter, cell, bin
UNION ALL
SELECT %(tenant)s, 'answer.kept_read', %(day)s, cell, 0, 'event', count(*), sum(wrong) FROM kept GROUP BY cell;

-- name: list_cohort_weeks
-- Which weeks of persons have been counted, and how far: 7 or 28 days after them.
SELECT day, counter FROM tally WHERE tenant = %(tenant)s AND counter IN ('cohort.7', 'cohort.28') AND day >= %(since)s;

-- name: first_closed
-- When the first task was closed.
SELECT min(closed_at) AS at FROM task WHERE tenant = %(tenant)s AND closed_at IS NOT NULL;

-- name: tally_cohort
-- The persons of a week with a closed task, and who of them opened one on another need within `days` after it. Who
-- came under another key meanwhile is the same one by person.linked.
WITH RECURSIVE links AS MATERIALIZED (
    SELECT person, decode(props ->> 'earlier', 'hex') AS earlier FROM event
     WHERE tenant = %(tenant)s AND name = 'person.linked' AND at >= %(start)s - interval '7 days'
       AND at < %(start)s + make_interval(days => %(days)s + 8)
), week AS MATERIALIZED (
    SELECT DISTINCT ON (person) person, opened_at, last_at, state FROM task
     WHERE tenant = %(tenant)s AND closed_at >= %(start)s AND closed_at < %(start)s + interval '7 days'
       AND why_not = '' AND person IS NOT NULL
     ORDER BY person, opened_at
), first AS MATERIALIZED (
    SELECT * FROM week
     WHERE NOT EXISTS (SELECT FROM links JOIN week AS before ON before.person = links.earlier
                        WHERE links.person = week.person)
), known (root, person) AS (
    SELECT person, person FROM first
    UNION
    SELECT known.root, links.person FROM known JOIN links ON links.earlier = known.person
), told AS (
    SELECT state, EXISTS (SELECT FROM known JOIN task AS later ON later.person = known.person
                           WHERE later.tenant = %(tenant)s AND known.root = first.person AND later.why_not = ''
                             AND later.last_at > first.last_at AND later.opened_at > first.opened_at
                             AND later.opened_at <= first.last_at + make_interval(days => %(days)s)
                             AND later.reopens = '')::integer AS back
      FROM first
), cell AS (
    INSERT INTO tally_cell VALUES (%(tenant)s, md5('')::uuid, '', '', '', '', '', '', '') ON CONFLICT DO NOTHING
)
INSERT INTO tally (tenant, counter, day, cell, bin, kind, n, total)
SELECT %(tenant)s, counter, %(day)s, md5('')::uuid, 0, 'cohort', count(*) FILTER (WHERE counts),
       coalesce(sum(back) FILTER (WHERE counts), 0)
  FROM told CROSS JOIN LATERAL (VALUES
        ('cohort.' || %(days)s::text, true),
        ('cohort.' || %(days)s::text || '.completed', state IN ('confirmed', 'verified')),
        ('cohort.' || %(days)s::text || '.failed', state IN ('failed', 'reopened'))) AS one (counter, counts)
 GROUP BY counter
UNION ALL
SELECT %(tenant)s, 'cohort.' || %(days)s::text, %(day)s, md5('')::uuid, 0, 'cohort', 0, 0
 WHERE NOT EXISTS (SELECT FROM told);

-- name: clear_cohort
-- One week at one distance.
DELETE FROM tally WHERE tenant = %(tenant)s AND kind = 'cohort' AND day = %(day)s
   AND counter LIKE 'cohort.' || %(days)s::text || '%%';

-- name: sum_tallies
-- Counters over whole days, by what is asked for; the other dimensions are empty.
SELECT CASE WHEN 'day' = ANY (%(by)s::text[]) THEN to_char(t.day, 'YYYY-MM-DD') END AS day,
       CASE WHEN 'prompt' = ANY (%(by)s::text[]) THEN c.prompt_id END AS prompt,
       CASE WHEN 'prompt.version' = ANY (%(by)s::text[]) THEN
            CASE WHEN c.prompt_id = '' THEN '' ELSE c.prompt_id || '@' || c.prompt_version END END AS "prompt.version",
       CASE WHEN 'model' = ANY (%(by)s::text[]) THEN c.model END AS model,
       CASE WHEN 'rollout' = ANY (%(by)s::text[]) THEN c.rollout END AS rollout,
       CASE WHEN 'language' = ANY (%(by)s::text[]) THEN c.language END AS language,
       CASE WHEN 'channel' = ANY (%(by)s::text[]) THEN c.channel END AS channel,
       CASE WHEN 'topic' = ANY (%(by)s::text[]) THEN c.topic END AS topic,
       CASE WHEN t.counter = ANY (%(daily)s::text[]) THEN t.day END AS of_day,
       t.counter, t.bin, sum(t.n)::bigint AS n, sum(t.total) AS total
  FROM tally AS t JOIN tally_cell AS c ON c.tenant = t.tenant AND c.id = t.cell
 WHERE t.tenant = %(tenant)s AND t.counter = ANY (%(counters)s::text[])
   AND t.day >= %(since)s AND t.day < %(until)s AND (%(prompt)s::text IS NULL OR c.prompt_id = %(prompt)s)
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11;

-- name: count_persons
-- How many persons are behind each row, exactly below five: at least as many as its fullest cell, and all that are known.
SELECT day, prompt, "prompt.version", model, rollout, language, channel, topic,
       greatest(max(known), count(DISTINCT person)) AS persons
  FROM (SELECT CASE WHEN 'day' = ANY (%(by)s::text[]) THEN to_char(p.day, 'YYYY-MM-DD') END AS day,
               CASE WHEN 'prompt' = ANY (%(by)s::text[]) THEN c.prompt_id END AS prompt,
               CASE WHEN 'prompt.version' = ANY (%(by)s::text[]) THEN
                    CASE WHEN c.prompt_id = '' THEN '' ELSE c.prompt_id || '@' || c.prompt_version END END
                   AS "prompt.version",
               CASE WHEN 'model' = ANY (%(by)s::text[]) THEN c.model END AS model,
               CASE WHEN 'rollout' = ANY (%(by)s::text[]) THEN c.rollout END AS rollout,
               CASE WHEN 'language' = ANY (%(by)s::text[]) THEN c.language END AS language,
               CASE WHEN 'channel' = ANY (%(by)s::text[]) THEN c.channel END AS channel,
               CASE WHEN 'topic' = ANY (%(by)s::text[]) THEN c.topic END AS topic,
               p.known, p.persons
          FROM tally_person AS p JOIN tally_cell AS c ON c.tenant = p.tenant AND c.id = p.cell
         WHERE p.tenant = %(tenant)s AND p.kind = %(kind)s AND p.day >= %(since)s AND p.day < %(until)s
           AND (%(prompt)s::text IS NULL OR c.prompt_id = %(prompt)s)) AS cells
  LEFT JOIN LATERAL unnest(CASE WHEN known < 5 THEN persons ELSE '{}' END) AS person ON true
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;

-- name: list_labels
-- What people said of answers, once an answer (not the second reader's word), with the task that it belongs to.
-- By its conversation: row-level security lets no index look into the tasks' arrays of answers.
SELECT CASE WHEN 'day' = ANY (%(by)s::text[]) THEN
            to_char(coalesce(t.closed_at, r.at) AT TIME ZONE 'UTC', 'YYYY-MM-DD') END AS day,
       CASE WHEN 'prompt' = ANY (%(by)s::text[]) THEN w.prompt_id END AS prompt,
       CASE WHEN 'prompt.version' = ANY (%(by)s::text[]) THEN
            CASE WHEN w.prompt_id = '' THEN '' ELSE w.prompt_id || '@' || w.prompt_version END END AS "prompt.version",
       CASE WHEN 'model' = ANY (%(by)s::text[]) THEN coalesce(t.model, r.model) END AS model,
       CASE WHEN 'rollout' = ANY (%(by)s::text[]) THEN coalesce(t.rollout, r.rollout) END AS rollout,
       CASE WHEN 'language' = ANY (%(by)s::text[]) THEN coalesce(t.language, r.language) END AS language,
       CASE WHEN 'channel' = ANY (%(by)s::text[]) THEN coalesce(t.channel, r.channel) END AS channel,
       CASE WHEN 'topic' = ANY (%(by)s::text[]) THEN coalesce(t.topic, r.topic) END AS topic,
       coalesce(t.id, '') AS task, coalesce(cardinality(t.answers), 1) AS answers,
       coalesce(t.p_complete, 0.5) AS score,
       coalesce(t.escalation <> '' OR t.state = 'escalated', false) AS escalated,
       coalesce(nullif(r.outcome, ''), t.outcome, '') AS outcome,
       coalesce((r.props ->> 'inclusion_weight')::double precision, 1) AS weight,
       coalesce(r.props ->> 'stratum', '') AS stratum, coalesce(r.props ->> 'completed', '') AS completed,
       coalesce(r.props ->> 'needed_person', '') AS needed_person, coalesce(r.props ->> 'answerable', '') AS answerable,
       coalesce(r.props ->> 'harm', '') AS harm, coalesce(r.props ->> 'severity', '') AS severity
  FROM (SELECT DISTINCT ON (answer) * FROM event
         WHERE tenant = %(tenant)s AND name = 'review.completed' AND at >= %(since)s AND answer <> ''
         ORDER BY answer, (props -> 'second_reader' = 'true') IS TRUE, at DESC) AS r
  LEFT JOIN LATERAL (SELECT * FROM task WHERE task.tenant = %(tenant)s AND task.conversation = r.conversation
                        AND r.answer = ANY (task.answers) LIMIT 1) AS t ON r.conversation <> ''
  CROSS JOIN LATERAL (SELECT CASE WHEN coalesce(t.prompt_id, '') = '' THEN r.prompt_id ELSE t.prompt_id END AS prompt_id,
                             CASE WHEN coalesce(t.prompt_id, '') = '' THEN r.prompt_version ELSE t.prompt_version END
                                 AS prompt_version) AS w
 WHERE coalesce(t.closed_at, r.at) >= %(since)s AND coalesce(t.closed_at, r.at) < %(until)s
   AND coalesce(t.why_not, '') = '' AND (%(prompt)s::text IS NULL OR w.prompt_id = %(prompt)s);

-- name: list_readings
-- What readers did in a span, one row a reading: no more of it than the figures want.
SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, answer, (props ->> 'minutes')::double precision AS minutes,
       (props -> 'blind' = 'true') IS TRUE AS blind, (props -> 'second_reader' = 'true') IS TRUE AS second,
       coalesce(props ->> 'verdict', '') AS verdict
  FROM event
 WHERE tenant = %(tenant)s AND name = 'review.completed' AND at >= %(since)s AND at < %(until)s;

-- name: list_task_items
-- The tasks behind a number, the newest first.
SELECT id, closed_at AS at, state, outcome, escalation, why_not, topic, language, p_complete, turns, answers
  FROM task
 WHERE tenant = %(tenant)s AND closed_at >= %(since)s AND closed_at < %(until)s
   AND (%(prompt)s::text IS NULL OR prompt_id = %(prompt)s)
   AND CASE %(what)s WHEN 'left_out' THEN why_not <> ''
                     WHEN 'state' THEN why_not = '' AND state = %(value)s
                     WHEN 'escalated' THEN why_not = '' AND (escalation = %(value)s OR %(value)s = 'any' AND escalation <> '')
                     WHEN 'down' THEN why_not = '' AND coalesce((votes ->> 'down')::integer, 0) > 0
                     WHEN 'gaps' THEN why_not = '' AND outcome = 'abstained'
                     WHEN 'unpriced' THEN why_not = '' AND (cost IS NULL OR unpriced > 0)
                     WHEN 'follow' THEN why_not = '' AND coalesce((follow_ups ->> %(value)s)::integer, 0) > 0
                     END
 ORDER BY closed_at DESC, id LIMIT %(limit)s;

-- name: list_event_items
-- The events behind a number, the newest first.
SELECT id::text AS id, at, name, answer, trace, outcome, topic, language, latency_ms, props
  FROM event
 WHERE tenant = %(tenant)s AND at >= %(since)s AND at < %(until)s AND name = ANY (%(names)s::text[])
   AND (%(prompt)s::text IS NULL OR prompt_id = %(prompt)s)
   AND CASE %(what)s WHEN 'abstained' THEN CASE WHEN %(value)s <> '' THEN props ->> 'reason' = %(value)s
                                           ELSE coalesce(props ->> 'reason', '') IN
                                                ('', 'no_context', 'low_score', 'conflict', 'verify_failed') END
                     WHEN 'blocked' THEN outcome = 'blocked' OR props ->> 'reason' = 'guard'
                     WHEN 'deadline' THEN props -> 'deadline_hit' = 'true' OR props ->> 'reason' = 'deadline'
                     WHEN 'degraded' THEN degraded <> '{}'
                     WHEN 'stale' THEN coalesce((props ->> 'stale_citations')::integer, 0) > 0
                     WHEN 'conflict' THEN coalesce((props ->> 'conflicts')::integer, 0) > 0
                     WHEN 'cached' THEN coalesce(props ->> 'cache', 'none') <> 'none'
                     WHEN 'fallback' THEN props -> 'fallback' = 'true'
                     WHEN 'call_failed' THEN props ->> 'status' <> 'ok'
                     WHEN 'harm' THEN props ->> 'harm' = %(value)s
                     WHEN 'reviews' THEN true
                     WHEN 'labels' THEN props ->> 'completed' IN ('yes', 'no')
                     END
 ORDER BY at DESC, id LIMIT %(limit)s;

-- name: count_corpus
-- The pages that are there, and those past their date or no longer to be had.
SELECT count(*) AS pages,
       count(*) FILTER (WHERE d.review_by < %(today)s OR f.error <> ''
                          OR (d.review_by IS NULL AND d.updated_at < %(today)s - make_interval(secs => %(stale_s)s)))
           AS stale
  FROM document AS d LEFT JOIN source_file AS f ON f.tenant = d.tenant AND f.source = d.source AND f.uri = d.uri
 WHERE d.tenant = %(tenant)s AND d.status = 'published';

-- name: list_lags
-- Seconds from the change of a file to its new text being in the index; the last change of each file only.
SELECT to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day,
       extract(epoch FROM c.at)::double precision - f.mtime_ns / 1e9 AS lag_s
  FROM (SELECT DISTINCT ON (source, uri) source, uri, what, at FROM run_change
         WHERE tenant = %(tenant)s AND at >= %(since)s AND at < %(until)s ORDER BY source, uri, no DESC) AS c
  JOIN source_file AS f ON f.tenant = %(tenant)s AND f.source = c.source AND f.uri = c.uri
 WHERE c.what = 'changed' AND f.uri !~ '^https?:' AND f.mtime_ns > 0 AND f.mtime_ns / 1e9 <= extract(epoch FROM c.at);
