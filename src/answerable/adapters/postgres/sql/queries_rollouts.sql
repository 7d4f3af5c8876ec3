-- name: try_turn
-- Whether nobody else looks at this rollout now; until the end of the transaction nobody else does.
SELECT pg_try_advisory_xact_lock(
           hashtextextended('answerable.rollout.' || current_schema() || %(rollout)s::text, 0)) AS mine;
