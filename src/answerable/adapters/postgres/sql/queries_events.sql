-- name: insert_events
-- Many at once, from a list in JSON: COPY cannot write where rows are secured. Those that are there stay.
INSERT INTO event (tenant, id, at, name, assistant, environment, person, conversation, task, turn, answer, trace,
                   channel, language, topic, outcome, confidence, degraded, prompt_id, prompt_version, prompt_sha256,
                   model, provider, index_version, code_version, rollout, holdout, latency_ms, first_text_ms,
                   tokens_in, tokens_cached, tokens_out, cost, currency, props)
SELECT tenant, id, at, name, assistant, environment, person, conversation, task, turn, answer, trace,
       channel, language, topic, outcome, confidence, degraded, prompt_id, prompt_version, prompt_sha256,
       model, provider, index_version, code_version, rollout, holdout, latency_ms, first_text_ms,
       tokens_in, tokens_cached, tokens_out, cost, currency, props
  FROM json_populate_recordset(NULL::event, %(events)s)
ON CONFLICT DO NOTHING;

-- name: read_events
-- A page of those from one moment to another, after one of them.
SELECT tenant, id, at, name, assistant, environment, person, conversation, task, turn, answer, trace,
       channel, language, topic, outcome, confidence, degraded, prompt_id, prompt_version, prompt_sha256,
       model, provider, index_version, code_version, rollout, holdout, latency_ms, first_text_ms,
       tokens_in, tokens_cached, tokens_out, cost, currency, props
  FROM event
 WHERE tenant = %(tenant)s AND at >= %(since)s AND at < %(until)s AND (at, id) > (%(since)s, %(after)s)
   AND (%(names)s::text[] IS NULL OR name = ANY (%(names)s))
 ORDER BY at, id
 LIMIT %(limit)s;

-- name: put_tasks
-- Many at once, from a list in JSON; each takes the place of the one that was there.
INSERT INTO task (tenant, id, person, conversation, opened_at, last_at, closed_at, turns, state, p_complete, why_not,
                  outcome, escalation, reopens, reopened_at, topic, language, channel, prompt_id, prompt_version,
                  model, rollout, holdout, follow_ups, cost, currency, unpriced, answers, votes)
SELECT tenant, id, person, conversation, opened_at, last_at, closed_at, turns, state, p_complete, why_not,
       outcome, escalation, reopens, reopened_at, topic, language, channel, prompt_id, prompt_version,
       model, rollout, holdout, follow_ups, cost, currency, unpriced, answers, votes
  FROM json_populate_recordset(NULL::task, %(tasks)s)
ON CONFLICT (tenant, id) DO UPDATE SET
    person = excluded.person, conversation = excluded.conversation, opened_at = excluded.opened_at,
    last_at = excluded.last_at, closed_at = excluded.closed_at, turns = excluded.turns, state = excluded.state,
    p_complete = excluded.p_complete, why_not = excluded.why_not, outcome = excluded.outcome,
    escalation = excluded.escalation, reopens = excluded.reopens, reopened_at = excluded.reopened_at,
    topic = excluded.topic, language = excluded.language, channel = excluded.channel,
    prompt_id = excluded.prompt_id, prompt_version = excluded.prompt_version, model = excluded.model,
    rollout = excluded.rollout, holdout = excluded.holdout, follow_ups = excluded.follow_ups, cost = excluded.cost,
    currency = excluded.currency, unpriced = excluded.unpriced, answers = excluded.answers, votes = excluded.votes;

-- name: list_open_tasks
-- Not closed yet, the one that was longest without a turn first.
SELECT * FROM task WHERE tenant = %(tenant)s AND closed_at IS NULL ORDER BY last_at, id;

-- name: read_closed_tasks
-- A page of those that were closed from one moment to another, after one of them.
SELECT * FROM task
 WHERE tenant = %(tenant)s AND closed_at >= %(since)s AND closed_at < %(until)s
   AND (closed_at, id) > (%(since)s, %(after)s)
 ORDER BY closed_at, id
 LIMIT %(limit)s;
