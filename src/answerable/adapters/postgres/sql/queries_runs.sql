-- name: start_run
-- A run that is there already stays as it stands.
INSERT INTO eval_run (tenant, id, started_at, finished_at, label, commit_id, branch, record)
VALUES (%(tenant)s, %(id)s, %(started_at)s, %(finished_at)s, %(label)s, %(commit)s, %(branch)s, %(record)s::jsonb)
ON CONFLICT (tenant, id) DO NOTHING;

-- name: get_run
-- By its id.
SELECT finished_at, record FROM eval_run WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: add_row
-- The same case and repeat again takes the row's place. Nothing is written for a run that is not there.
INSERT INTO eval_row (tenant, run, case_id, repeat, key, reusable, record)
SELECT r.tenant, r.id, %(case)s, %(repeat)s, %(key)s, %(reusable)s, %(record)s::jsonb
  FROM eval_run AS r WHERE r.tenant = %(tenant)s AND r.id = %(run)s
ON CONFLICT (tenant, run, case_id, repeat) DO UPDATE
   SET key = excluded.key, reusable = excluded.reusable, record = excluded.record, recorded_at = clock_timestamp()
RETURNING run;

-- name: finish_run
-- The end is the last one said.
UPDATE eval_run SET finished_at = clock_timestamp() WHERE tenant = %(tenant)s AND id = %(id)s
RETURNING finished_at, record;

-- name: find_runs
-- What a reference may mean, the surest meaning first: the id; the label; of the finished runs `latest`, the branch,
-- the commit (seven characters or more of it; without changes before with); the beginning of an id. Of one meaning
-- the newest comes first; two are enough to know that a beginning is ambiguous.
SELECT m.sense, e.id, e.finished_at, e.record
  FROM eval_run AS e
  CROSS JOIN LATERAL (
      SELECT CASE WHEN e.id = %(reference)s THEN 1
                  WHEN e.label = %(reference)s THEN 2
                  WHEN e.finished_at IS NOT NULL AND %(reference)s = 'latest' THEN 3
                  WHEN e.finished_at IS NOT NULL AND e.branch = %(reference)s THEN 4
                  WHEN e.finished_at IS NOT NULL AND length(%(reference)s) >= 7
                       AND starts_with(e.commit_id, %(reference)s)
                       THEN 5 + (right(e.commit_id, 1) = '+')::int
                  WHEN starts_with(e.id, %(reference)s) THEN 7 END AS sense) AS m
 WHERE e.tenant = %(tenant)s AND %(reference)s <> '' AND m.sense IS NOT NULL
 ORDER BY m.sense, e.started_at DESC, e.id DESC LIMIT 2;

-- name: list_runs
-- Newest first.
SELECT finished_at, record FROM eval_run WHERE tenant = %(tenant)s
 ORDER BY started_at DESC, id DESC LIMIT %(limit)s;

-- name: has_run
-- Whether it is the tenant's.
SELECT 1 AS yes FROM eval_run WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: list_rows
-- By case, then repeat.
SELECT record FROM eval_row WHERE tenant = %(tenant)s AND run = %(run)s ORDER BY case_id, repeat;

-- name: find_rows
-- The newest measured row of each key.
SELECT DISTINCT ON (key) key, record FROM eval_row
 WHERE tenant = %(tenant)s AND key = ANY (%(keys)s::text[]) AND reusable
 ORDER BY key, recorded_at DESC, run;

-- name: hash_corpus
-- Every document with all that is written of it to the index, and every conflict that stands with what its owner made
-- of it; a page that went stale is another page, since answers say so.
SELECT encode(sha256(convert_to(coalesce(string_agg(
           concat_ws(chr(31), id, sha256, index_sha256, coalesce(review_by < %(day)s::date, false)),
           chr(30) ORDER BY id COLLATE "C"), '') || coalesce((
               SELECT chr(29) || string_agg(concat_ws(chr(31), c.id, c.state, c.detail ? 'both_stand'), chr(30)
                                            ORDER BY c.id COLLATE "C")
                 FROM conflict AS c WHERE c.tenant = %(tenant)s AND c.closed_at IS NULL), ''), 'UTF8')), 'hex') AS sha256
  FROM document WHERE tenant = %(tenant)s;
