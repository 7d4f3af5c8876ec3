-- name: list_guarded
-- The answers of one rollout since its start with what tells good from bad; its arm is as the trace kept it.
-- `seconds`: how long after an answer what its asker says of it is heard. `harmful_at`: when somebody first called it so.
SELECT t.id, t.started_at AS at, t.outcome, t.duration_ms, t.degraded, t.query AS question,
       t.language, arm.one ->> 'unit' AS person, arm.one ->> 'name' = 'candidate' AS candidate,
       (arm.one ->> 'share')::double precision AS share,
       jsonb_array_length(coalesce(kept.withheld, '[]')) AS withheld,
       said.value, said.solved, least(complained.at, found.at) AS harmful_at
  FROM trace t
 CROSS JOIN LATERAL jsonb_to_record(t.detail) AS kept (rollouts jsonb, withheld jsonb)  -- unpacked once: it is large
 CROSS JOIN LATERAL (SELECT one FROM jsonb_array_elements(kept.rollouts) AS one
                      WHERE one ->> 'rollout' = %(rollout)s AND one ->> 'name' <> 'rolled_back' LIMIT 1) AS arm
  LEFT JOIN LATERAL (SELECT f.value, f.solved FROM feedback f
                      WHERE f.tenant = t.tenant AND f.answer_id = t.answer_id
                        AND f.created_at <= t.started_at + make_interval(secs => %(seconds)s)
                      ORDER BY f.id DESC LIMIT 1) AS said ON true
  LEFT JOIN LATERAL (SELECT min(f.created_at) AS at FROM feedback f
                      WHERE f.tenant = t.tenant AND f.answer_id = t.answer_id
                        AND 'harmful' = ANY (f.reasons)) AS complained ON true
  LEFT JOIN LATERAL (SELECT min(last.at) AS at
                       FROM (SELECT DISTINCT ON (r.item, r.reader, r.role) r.at, r.severity, r.withdrawn
                               FROM review_item i JOIN review_reading r ON r.tenant = i.tenant AND r.item = i.id
                              WHERE i.tenant = t.tenant AND i.answer_id = t.answer_id
                              ORDER BY r.item, r.reader, r.role, r.number DESC) AS last
                      WHERE NOT last.withdrawn AND last.severity IN ('S1', 'S2')) AS found ON true
 WHERE t.started_at >= %(since)s AND t.started_at <= %(until)s
 ORDER BY t.started_at, t.id;
