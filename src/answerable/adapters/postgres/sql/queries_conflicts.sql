-- name: open_conflicts
-- New ones come in, known ones are open again; a document that is gone takes its conflicts along.
INSERT INTO conflict AS c (tenant, id, left_id, right_id, kind, detail, left_text, right_text)
SELECT %(tenant)s::text, f.id, f.left_id, f.right_id, f.kind, f.detail, f.left_text, f.right_text
  FROM jsonb_to_recordset(%(found)s) AS f (id text, left_id text, right_id text, kind text, detail jsonb,
                                           left_text text, right_text text)
 WHERE EXISTS (SELECT FROM document AS d WHERE d.tenant = %(tenant)s::text AND d.id = f.left_id)
   AND EXISTS (SELECT FROM document AS d WHERE d.tenant = %(tenant)s::text AND d.id = f.right_id)
ON CONFLICT (tenant, id) DO UPDATE SET detail = excluded.detail, kind = excluded.kind, closed_at = NULL
RETURNING (c.xmax = 0) AS is_new, NOT c.detail ? 'both_stand' AS is_conflict;

-- name: close_conflicts
-- What is not found any more.
UPDATE conflict SET closed_at = now()
 WHERE tenant = %(tenant)s AND closed_at IS NULL AND NOT (id = ANY (%(ids)s::text[]))
RETURNING NOT detail ? 'both_stand' AS is_conflict;

-- name: read_both_stand
-- Whether a pair is known to be no conflict.
SELECT 1 FROM conflict
 WHERE tenant = %(tenant)s AND id = %(id)s AND closed_at IS NULL AND (detail ? 'both_stand' OR state = 'accepted');

-- name: list_conflicts
-- With what is known of both documents now.
SELECT c.id, c.kind, c.detail, c.state, c.note, c.decided_by, c.left_text, c.right_text,
       l.id AS left_id, l.uri AS left_uri, l.source AS left_source, l.title AS left_title, l.owner AS left_owner,
       l.updated_at AS left_updated, NULL::text AS left_chunk, NULL::integer AS left_start,
       r.id AS right_id, r.uri AS right_uri, r.source AS right_source, r.title AS right_title, r.owner AS right_owner,
       r.updated_at AS right_updated, NULL::text AS right_chunk, NULL::integer AS right_start
  FROM conflict AS c
  JOIN document AS l ON l.tenant = c.tenant AND l.id = c.left_id
  JOIN document AS r ON r.tenant = c.tenant AND r.id = c.right_id
 WHERE c.tenant = %(tenant)s AND c.closed_at IS NULL AND NOT c.detail ? 'both_stand'
 ORDER BY c.id;

-- name: decide_conflict
-- An owner's word on an open one.
UPDATE conflict SET state = %(state)s, note = %(note)s, decided_by = %(by)s, decided_at = now()
 WHERE tenant = %(tenant)s AND id = %(id)s AND closed_at IS NULL AND NOT detail ? 'both_stand';

-- name: find_standing
-- Conflicts of documents, for one reader: both documents readable, both sentences still there.
SELECT c.id, c.kind, c.detail, c.state, c.note, c.decided_by, c.left_text, c.right_text,
       l.id AS left_id, l.uri AS left_uri, l.source AS left_source, l.title AS left_title, l.owner AS left_owner,
       l.updated_at AS left_updated, lc.id AS left_chunk, lc.start AS left_start,
       r.id AS right_id, r.uri AS right_uri, r.source AS right_source, r.title AS right_title, r.owner AS right_owner,
       r.updated_at AS right_updated, rc.id AS right_chunk, rc.start AS right_start
  FROM conflict AS c
  JOIN readable(%(groups)s, %(statuses)s, %(sources)s, %(languages)s, %(documents)s, %(wanted)s) AS l
    ON l.tenant = c.tenant AND l.id = c.left_id
  JOIN readable(%(groups)s, %(statuses)s, %(sources)s, %(languages)s, %(documents)s, %(wanted)s) AS r
    ON r.tenant = c.tenant AND r.id = c.right_id
  JOIN LATERAL (SELECT h.id, h.start_at + strpos(h.text, c.left_text) - 1 AS start FROM chunk AS h
                 WHERE h.tenant = c.tenant AND h.document = l.no AND h.level = 0 AND strpos(h.text, c.left_text) > 0
                 ORDER BY h.n LIMIT 1) AS lc ON true
  JOIN LATERAL (SELECT h.id, h.start_at + strpos(h.text, c.right_text) - 1 AS start FROM chunk AS h
                 WHERE h.tenant = c.tenant AND h.document = r.no AND h.level = 0 AND strpos(h.text, c.right_text) > 0
                 ORDER BY h.n LIMIT 1) AS rc ON true
 WHERE c.tenant = %(tenant)s AND c.closed_at IS NULL AND NOT c.detail ? 'both_stand' AND c.left_text <> '' AND c.right_text <> ''
   AND (c.left_id = ANY (%(ids)s::text[]) OR c.right_id = ANY (%(ids)s::text[]))
 ORDER BY c.id;
