-- name: drop_cells
-- Of the blocks that are told anew, and those that are too old to be looked at.
DELETE FROM drift_cell
 WHERE tenant = %(tenant)s AND (block >= %(since)s AND block < %(until)s OR block < %(oldest)s);

-- name: fold_cells
-- Sums of each signal by block of six hours, for all answers and for each slice of them. Signals are those of
-- monitor/drift/signals.py. What staff, bots and canaries ask is left out; a signal of nobody we know counts each
-- answer for itself.
WITH idle AS MATERIALIZED (
    SELECT DISTINCT answer FROM event
     WHERE tenant = %(tenant)s AND name = 'question.asked' AND answer <> ''
       AND at >= %(since)s - interval '1 day' AND at < %(until)s AND coalesce(props ->> 'why_not', '') <> ''
), fact AS (
    SELECT date_bin('6 hours', e.at, timestamptz '2000-01-03 00:00:00+00') AS block,
           coalesce(encode(e.person, 'hex'), nullif(e.answer, ''), e.id::text) AS who,
           e.language, e.topic, e.channel, e.model, e.provider, e.index_version, e.code_version, e.rollout,
           CASE WHEN e.prompt_id <> '' THEN e.prompt_id || '@' || e.prompt_version ELSE '' END AS prompt,
           v.signal, v.x
      FROM event AS e CROSS JOIN LATERAL (VALUES
           ('asked', CASE WHEN e.name IN ('answer.shown', 'answer.abstained') THEN 1.0 END),
           ('refusals', CASE WHEN e.name = 'answer.shown' THEN 0.0
                             WHEN e.name = 'answer.abstained' AND e.props ->> 'reason' IS DISTINCT FROM 'out_of_scope'
                             THEN 1.0 END),
           ('withheld', CASE WHEN e.name = 'answer.shown' AND (e.props ->> 'claims')::float > 0
                             THEN ((e.props ->> 'claims_withheld')::float > 0)::int::float END),
           ('conflicts', CASE WHEN e.name = 'answer.shown'
                              THEN ((e.props ->> 'conflicts')::float > 0)::int::float END),
           ('deadlines', CASE WHEN e.name = 'answer.shown'
                              THEN (e.props ->> 'deadline_hit')::boolean::int::float
                              WHEN e.name = 'answer.abstained'
                              THEN (e.props ->> 'reason' IS NOT DISTINCT FROM 'deadline')::int::float END),
           ('latency', CASE WHEN e.name = 'answer.shown' AND e.latency_ms > 0 THEN ln(e.latency_ms) END),
           ('cost', CASE WHEN e.name IN ('answer.shown', 'answer.abstained') AND e.cost > 0
                         THEN ln(e.cost::float) END),
           ('fallback', CASE WHEN e.name = 'model.called' AND e.props ->> 'use' = 'answer'
                             THEN coalesce((e.props ->> 'fallback')::boolean, false)::int::float END),
           ('dislikes', CASE WHEN e.name = 'feedback.given' AND e.props ->> 'value' IN ('up', 'down')
                             THEN (e.props ->> 'value' = 'down')::int::float END),
           ('rephrased', CASE WHEN e.name = 'followup.classified'
                              THEN (e.props ->> 'class' IN ('rephrase', 'pushback'))::int::float END),
           ('completion', CASE WHEN e.name = 'task.closed' AND e.props ->> 'state' <> 'unknown'
                               THEN (e.props ->> 'state' IN ('confirmed', 'verified', 'assumed'))::int::float END),
           ('escalation', CASE WHEN e.name = 'task.closed' AND e.props ->> 'state' <> 'unknown'
                               THEN (e.props ->> 'state' = 'escalated')::int::float END),
           ('guards', CASE WHEN e.name = 'answer.shown' THEN 0.0
                           WHEN e.name = 'answer.abstained' THEN (e.props ->> 'reason' = 'guard')::int::float END),
           ('length', CASE WHEN e.name = 'question.asked' AND (e.props ->> 'chars')::float > 0
                           THEN ln((e.props ->> 'chars')::float) END),
           ('novelty', CASE WHEN e.name = 'question.asked' THEN (e.props ->> 'novelty')::float END)
           ) AS v(signal, x)
     WHERE e.tenant = %(tenant)s AND e.at >= %(since)s AND e.at < %(until)s AND v.x IS NOT NULL AND NOT e.holdout
       AND e.name IN ('question.asked', 'answer.shown', 'answer.abstained', 'model.called', 'feedback.given',
                      'followup.classified', 'task.closed')
       AND coalesce(e.props ->> 'why_not', '') = ''
       AND NOT EXISTS (SELECT 1 FROM idle WHERE idle.answer = e.answer)
), unit AS (
    SELECT f.block, d.dimension, d.value, f.signal, f.who, count(*) AS n, sum(f.x) AS x
      FROM fact AS f CROSS JOIN LATERAL (VALUES
           ('', ''), ('language', f.language), ('topic', f.topic), ('channel', f.channel), ('prompt', f.prompt),
           ('model', f.model), ('provider', f.provider), ('index', f.index_version), ('code', f.code_version),
           ('rollout', f.rollout)) AS d(dimension, value)
     WHERE d.dimension = '' OR d.value <> ''
     GROUP BY f.block, d.dimension, d.value, f.signal, f.who
)
INSERT INTO drift_cell (tenant, block, dimension, value, signal, n, persons, total, nn, nx, xx)
SELECT %(tenant)s, block, dimension, value, signal, sum(n), count(*), sum(x), sum(n * n), sum(n * x), sum(x * x)
  FROM unit GROUP BY block, dimension, value, signal;

-- name: read_cells
-- In order of time; of all answers only where no dimension is named.
SELECT block, dimension, value, signal, n, persons, total, nn, nx, xx FROM drift_cell
 WHERE tenant = %(tenant)s AND block >= %(since)s AND block < %(until)s AND dimension = ANY(%(dimensions)s)
   AND (%(signal)s = '' OR signal = %(signal)s)
 ORDER BY block, dimension, value, signal;

-- name: newest_cell
-- The last block that was told; nothing where there is none.
SELECT max(block) AS block FROM drift_cell WHERE tenant = %(tenant)s;

-- name: first_event
-- When the log begins.
SELECT min(at) AS at FROM event WHERE tenant = %(tenant)s AND at >= %(since)s;

-- name: compare_documents
-- The documents that stand in answers now much more often than before: how often, and how their answers did. Whether
-- an answer is bad is told by the signal: refusals, withheld or dislikes.
WITH answer AS (
    SELECT e.at >= %(start)s AS after, e.answer,
           coalesce(encode(e.person, 'hex'), nullif(e.answer, ''), e.id::text) AS who,
           CASE %(signal)s WHEN 'withheld' THEN ((e.props ->> 'claims_withheld')::float > 0)::int
                           WHEN 'conflicts' THEN ((e.props ->> 'conflicts')::float > 0)::int
                           WHEN 'dislikes' THEN (SELECT (max(f.props ->> 'value') = 'down')::int FROM event AS f
                                                  WHERE f.tenant = e.tenant AND f.answer = e.answer
                                                    AND f.answer <> '' AND f.name = 'feedback.given')
                           ELSE (e.name = 'answer.abstained')::int END AS bad,
           e.props -> 'documents' AS documents
      FROM event AS e
     WHERE e.tenant = %(tenant)s AND e.at >= %(since)s AND e.at < %(until)s
       AND e.name IN ('answer.shown', 'answer.abstained')
), whole AS (
    SELECT count(*) FILTER (WHERE after) AS n1, count(*) FILTER (WHERE NOT after) AS n0,
           coalesce(sum(bad) FILTER (WHERE after), 0) AS bad1, coalesce(sum(bad) FILTER (WHERE NOT after), 0) AS bad0
      FROM answer
), used AS (
    SELECT d.document, count(*) FILTER (WHERE a.after) AS n1, count(*) FILTER (WHERE NOT a.after) AS n0,
           coalesce(sum(a.bad) FILTER (WHERE a.after), 0) AS bad1, count(DISTINCT a.who) FILTER (WHERE a.after) AS persons
      FROM answer AS a CROSS JOIN LATERAL jsonb_array_elements_text(a.documents) AS d(document)
     GROUP BY d.document
)
SELECT u.document, u.n0, u.n1, u.bad1, u.persons, w.n0 AS all0, w.n1 AS all1, w.bad0 AS allbad0, w.bad1 AS allbad1
  FROM used AS u CROSS JOIN whole AS w
 WHERE u.n1 >= 5 AND u.persons >= 5
   AND u.n1::float / greatest(w.n1, 1) >= 3 * (u.n0 + 1)::float / greatest(w.n0, 1)
 ORDER BY u.bad1 DESC, u.n1 DESC, u.document LIMIT 5;

-- name: list_happened
-- Of these names, in order of time.
SELECT id, at, name, props FROM happening
 WHERE tenant = %(tenant)s AND at >= %(since)s AND at <= %(until)s AND name = ANY(%(names)s) ORDER BY at, id;

-- name: list_syncs
-- Syncs that changed something in the index.
SELECT started_at AS at, source, coalesce((counts ->> 'added')::int, 0) AS added,
       coalesce((counts ->> 'changed')::int, 0) AS changed, coalesce((counts ->> 'removed')::int, 0) AS removed
  FROM ingest_run
 WHERE tenant = %(tenant)s AND started_at >= %(since)s AND started_at < %(until)s
   AND coalesce((counts ->> 'added')::int, 0) + coalesce((counts ->> 'changed')::int, 0)
       + coalesce((counts ->> 'removed')::int, 0) > 0
 ORDER BY started_at;
