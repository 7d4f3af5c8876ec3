-- name: read_of_index
-- Of the index that is searched: its size, its documents past their review, open conflicts, and how long files took.
SELECT (SELECT coalesce(sum(chunks), 0) FROM index_size WHERE tenant = %(tenant)s)::float8 AS chunks,
       (SELECT count(*) FROM document WHERE tenant = %(tenant)s AND status = 'published')::float8 AS documents,
       (SELECT count(*) FROM document
         WHERE tenant = %(tenant)s AND status = 'published' AND review_by < %(today)s)::float8 AS stale,
       (SELECT count(*) FROM conflict
         WHERE tenant = %(tenant)s AND closed_at IS NULL AND state = 'open')::float8 AS conflicts,
       (SELECT percentile_disc(0.95) WITHIN GROUP (
                   ORDER BY greatest(0, extract(epoch FROM recorded_at) - mtime_ns / 1e9))
          FROM source_file
         WHERE tenant = %(tenant)s AND recorded_at > %(now)s::timestamptz - interval '1 day'
           AND mtime_ns > 0)::float8 AS lag_s;

-- name: read_of_tenant
-- What waits for a person: documents in quarantine, and since when the oldest batch of reviews should be read.
SELECT (SELECT count(*) FROM quarantine WHERE tenant = %(tenant)s AND state = 'held')::float8 AS quarantine,
       (SELECT extract(epoch FROM %(now)s::timestamptz - min(b.due))
          FROM review_batch AS b
         WHERE b.tenant = %(tenant)s AND b.due < %(now)s
           AND EXISTS (SELECT FROM review_item AS i
                        WHERE i.tenant = b.tenant AND i.batch = b.id
                          AND cardinality(i.seats) > (SELECT count(DISTINCT r.reader) FROM review_reading AS r
                                                       WHERE r.tenant = i.tenant AND r.item = i.id
                                                         AND NOT r.withdrawn)))::float8 AS overdue_s;

-- name: read_sources
-- When each source was last looked at to the end.
SELECT source, extract(epoch FROM %(now)s::timestamptz - max(finished_at))::float8 AS age_s
  FROM ingest_run WHERE tenant = %(tenant)s AND finished_at IS NOT NULL
 GROUP BY source ORDER BY source;
