-- name: lose_runs
-- Earlier attempts at a tick whose worker never said how they ended.
UPDATE job_run SET state = 'lost', ended_at = %(started_at)s
 WHERE tenant = %(tenant)s AND job = %(job)s AND tick = %(tick)s AND state = 'running';

-- name: put_run
-- A run as it stands now.
INSERT INTO job_run AS r (tenant, job, tick, attempt, worker, state, started_at, ended_at, told, error)
VALUES (%(tenant)s, %(job)s, %(tick)s, %(attempt)s, %(worker)s, %(state)s, %(started_at)s, %(ended_at)s, %(told)s,
        %(error)s)
    ON CONFLICT (tenant, job, tick, attempt)
    DO UPDATE SET worker = excluded.worker, state = excluded.state, started_at = excluded.started_at,
                  ended_at = excluded.ended_at, told = excluded.told, error = excluded.error;

-- name: last_runs
-- By job: the newest run, and the newest that was done.
SELECT (n.run).*, n.why, n.failed
  FROM unnest(%(jobs)s::text[]) AS j (job)
 CROSS JOIN LATERAL (
       SELECT r AS run, 'last' AS why,
              (SELECT count(*) FROM job_run AS f
                WHERE f.tenant = %(tenant)s AND f.job = j.job AND f.state IN ('failed', 'lost')
                  AND f.started_at > coalesce((SELECT max(d.started_at) FROM job_run AS d
                                                WHERE d.tenant = %(tenant)s AND d.job = j.job AND d.state = 'done'),
                                              '-infinity')) AS failed
         FROM (SELECT * FROM job_run AS l WHERE l.tenant = %(tenant)s AND l.job = j.job AND l.state <> 'skipped'
                ORDER BY l.started_at DESC, l.tick DESC, l.attempt DESC LIMIT 1) AS r
       UNION ALL
       SELECT r, 'done', 0
         FROM (SELECT * FROM job_run AS l WHERE l.tenant = %(tenant)s AND l.job = j.job AND l.state = 'done'
                ORDER BY l.started_at DESC, l.tick DESC, l.attempt DESC LIMIT 1) AS r) AS n;

-- name: newest_runs
-- Of one job or all.
SELECT * FROM job_run WHERE tenant = %(tenant)s AND (%(job)s = '' OR job = %(job)s)
 ORDER BY started_at DESC, tick DESC, attempt DESC LIMIT %(limit)s;

-- name: forget_runs
-- All but the newest that was done, of each job.
DELETE FROM job_run AS r
 WHERE r.tenant = %(tenant)s AND r.started_at < %(before)s
   AND NOT (r.state = 'done'
            AND r.started_at = (SELECT max(d.started_at) FROM job_run AS d
                                 WHERE d.tenant = r.tenant AND d.job = r.job AND d.state = 'done'));

-- name: rescue_jobs
-- Jobs whose worker is dead: anew, or for good where they were tried often enough. Of several that look, one has it.
UPDATE procrastinate_jobs AS j
   SET status = CASE WHEN j.attempts + 1 >= %(most)s THEN 'failed' ELSE 'todo' END::procrastinate_job_status,
       attempts = j.attempts + 1, scheduled_at = now(), worker_id = NULL
 WHERE j.id IN (SELECT s.id FROM procrastinate_jobs AS s
                  LEFT JOIN procrastinate_workers AS w ON w.id = s.worker_id
                 WHERE s.status = 'doing' AND s.queue_name = %(tenant)s
                   AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => %(stalled_s)s))
                   FOR UPDATE OF s SKIP LOCKED)
   AND j.status = 'doing'
RETURNING j.task_name AS name;

-- name: newer_waits
-- Whether a later tick of the same job is in the queue.
SELECT EXISTS (SELECT FROM procrastinate_jobs AS j
                WHERE j.queue_name = %(tenant)s AND j.task_name = %(job)s AND j.status = 'todo' AND j.id > %(id)s)
       AS yes;

-- name: last_failed
-- The newest of a name that was given up.
SELECT j.id FROM procrastinate_jobs AS j
 WHERE j.queue_name = %(tenant)s AND j.task_name = %(job)s AND j.status = 'failed' ORDER BY j.id DESC LIMIT 1;

-- name: waiting_jobs
-- How many of each name wait, and how many are under way.
SELECT j.task_name AS name, count(*) FILTER (WHERE j.status = 'todo') AS waiting,
       count(*) FILTER (WHERE j.status = 'doing') AS doing
  FROM procrastinate_jobs AS j
 WHERE j.queue_name = %(tenant)s AND j.status IN ('todo', 'doing') GROUP BY j.task_name;

-- name: state_of_job
-- Nothing where it succeeded: it is deleted then.
SELECT j.status::text AS status FROM procrastinate_jobs AS j WHERE j.queue_name = %(tenant)s AND j.id = %(id)s;
