-- name: list_asked
-- Every question of a span with what tells whether its answer is worth a look.
SELECT t.id, t.started_at, t.outcome, t.answer_id, t.principal_id AS principal, t.conversation, t.query AS question,
       t.language, t.degraded, coalesce(t.detail -> 'withheld', '[]') AS withheld, a.record AS answer,
       (SELECT s.detail FROM step s
         WHERE s.trace_id = t.id AND s.started_at = t.started_at AND s.name = 'answerable'
         ORDER BY s.n DESC LIMIT 1) AS answerable,
       (SELECT f.value FROM feedback f WHERE f.answer_id = t.answer_id ORDER BY f.id DESC LIMIT 1) AS feedback
  FROM trace t LEFT JOIN answer a ON a.tenant = t.tenant AND a.id = t.answer_id
 WHERE t.started_at >= %(since)s AND t.started_at < %(until)s
 ORDER BY t.started_at, t.id;

-- name: list_scores
-- How answerable the newest answered questions were, and their language.
SELECT (s.detail ->> 'probability')::double precision AS score, t.language
  FROM trace t JOIN step s ON s.tenant = t.tenant AND s.trace_id = t.id AND s.started_at = t.started_at
 WHERE t.started_at >= %(since)s AND s.started_at >= %(since)s AND s.name = 'answerable'
   AND t.outcome IN ('answered', 'partial', 'conflict') AND s.detail ? 'probability'
 ORDER BY t.started_at DESC, t.id DESC
 LIMIT %(limit)s;

-- name: insert_batch
-- The first draw of a period is the one that stays: returns nothing where there is one.
INSERT INTO review_batch (tenant, id, starts, ends, due, seed, population, draws, criteria)
VALUES (%(tenant)s, %(id)s, %(starts)s, %(ends)s, %(due)s, %(seed)s, %(population)s, %(draws)s, %(criteria)s)
ON CONFLICT DO NOTHING RETURNING id;

-- name: insert_item
-- One drawn answer.
INSERT INTO review_item (tenant, id, batch, answer_id, trace_id, drawn_by, strata, probability, seats, place, outcome,
                         language, topic, score)
VALUES (%(tenant)s, %(id)s, %(batch)s, %(answer_id)s, %(trace_id)s, %(drawn_by)s, %(strata)s, %(probability)s,
        %(seats)s, %(place)s, %(outcome)s, %(language)s, %(topic)s, %(score)s);

-- name: get_batch
-- One period's.
SELECT * FROM review_batch WHERE id = %(id)s;

-- name: list_batches
-- The newest period first.
SELECT * FROM review_batch ORDER BY starts DESC, id DESC;

-- name: list_items
-- Of one batch or of all, in reading order.
SELECT i.* FROM review_item i JOIN review_batch b ON b.tenant = i.tenant AND b.id = i.batch
 WHERE %(batch)s::text IS NULL OR i.batch = %(batch)s
 ORDER BY b.starts DESC, b.id DESC, i.place;

-- name: lock_item
-- Until the end of the transaction nobody else opens or closes this item.
SELECT pg_advisory_xact_lock(hashtextextended('answerable.review.' || current_setting('answerable.tenant') || '.' ||
                                              %(item)s, 0));

-- name: find_item
-- Whether there is such an item.
SELECT FROM review_item WHERE id = %(item)s;

-- name: count_others
-- How many others have it open or have read it in this role, and did not take it back.
SELECT count(DISTINCT reader) AS others
  FROM (SELECT reader FROM review_hold
         WHERE item = %(item)s AND role = %(role)s AND until > clock_timestamp()
        UNION ALL
        SELECT reader FROM (SELECT DISTINCT ON (reader) reader, withdrawn FROM review_reading
                             WHERE item = %(item)s AND role = %(role)s ORDER BY reader, number DESC) AS last
         WHERE NOT withdrawn) AS busy
 WHERE reader <> %(reader)s;

-- name: put_hold
-- Open it, or go on: who still holds it keeps the moment of opening, by which the time is counted.
INSERT INTO review_hold AS h (tenant, item, reader, role, since, until)
VALUES (%(tenant)s, %(item)s, %(reader)s, %(role)s, clock_timestamp(),
        clock_timestamp() + %(seconds)s::double precision * interval '1 second')
ON CONFLICT (tenant, item, reader) DO UPDATE
   SET since = CASE WHEN h.until > clock_timestamp() AND h.role = excluded.role THEN h.since ELSE excluded.since END,
       role = excluded.role, until = excluded.until;

-- name: drop_hold
-- Close it.
DELETE FROM review_hold WHERE item = %(item)s AND reader = %(reader)s;

-- name: list_holds
-- Those that have not run out.
SELECT item, reader, role, since, until FROM review_hold WHERE until > clock_timestamp() ORDER BY item, reader;

-- name: insert_reading
-- What somebody said; never changed afterwards.
INSERT INTO review_reading (tenant, item, reader, role, verdicts, reason, severity, correction, comment, seconds,
                            withdrawn)
VALUES (%(tenant)s, %(item)s, %(reader)s, %(role)s, %(verdicts)s, %(reason)s, %(severity)s, %(correction)s,
        %(comment)s, %(seconds)s, %(withdrawn)s)
RETURNING number, at;

-- name: list_readings
-- Of one batch or of all, oldest first.
SELECT r.* FROM review_reading r JOIN review_item i ON i.tenant = r.tenant AND i.id = r.item
 WHERE %(batch)s::text IS NULL OR i.batch = %(batch)s
 ORDER BY r.number;
