-- name: hold
-- A text that waits already, or was decided on, stays as it is.
INSERT INTO quarantine (tenant, id, source, uri, document_id, title, text_sha256, trust, owner, reasons, document, run,
                        state, decided_at, decided_by, note)
VALUES (%(tenant)s, %(id)s, %(source)s, %(uri)s, %(document_id)s, %(title)s, %(text_sha256)s, %(trust)s, %(owner)s,
        %(reasons)s, %(document)s, %(run)s, 'held', NULL, '', '')
ON CONFLICT DO NOTHING RETURNING id;

-- name: drop_waiting
-- Texts that the file no longer has: nobody can release them any more.
DELETE FROM quarantine
 WHERE tenant = %(tenant)s AND source = %(source)s AND uri = ANY (%(uris)s::text[]) AND state = 'held'
   AND id <> %(but)s;

-- name: list_source
-- Of one source, without the documents.
SELECT source, uri, document_id, title, text_sha256, trust, owner, reasons, NULL AS document, run, state, held_at,
       decided_at, decided_by, note
  FROM quarantine WHERE tenant = %(tenant)s AND source = %(source)s;

-- name: list_state
-- Newest first, without the documents; no state means any.
SELECT source, uri, document_id, title, text_sha256, trust, owner, reasons, NULL AS document, run, state, held_at,
       decided_at, decided_by, note
  FROM quarantine WHERE tenant = %(tenant)s AND (%(state)s::text IS NULL OR state = %(state)s)
 ORDER BY held_at DESC, id;

-- name: find_held
-- Those that a reference may mean: by id, by the beginning of one, which nothing is not, or by uri, where what waits
-- goes before what was decided.
SELECT id, uri FROM quarantine
 WHERE tenant = %(tenant)s AND %(reference)s <> '' AND (starts_with(id, %(reference)s) OR uri = %(reference)s)
 ORDER BY (id = %(reference)s) DESC, (uri = %(reference)s AND state = 'held') DESC, held_at DESC, id LIMIT 2;

-- name: read_held
-- One, with its document.
SELECT source, uri, document_id, title, text_sha256, trust, owner, reasons, document, run, state, held_at, decided_at,
       decided_by, note
  FROM quarantine WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: decide
-- The last word counts.
UPDATE quarantine SET state = %(state)s, decided_at = now(), decided_by = %(by)s, note = %(note)s
 WHERE tenant = %(tenant)s AND id = %(id)s
RETURNING source, uri, document_id, title, text_sha256, trust, owner, reasons, document, run, state, held_at, decided_at,
          decided_by, note;

-- name: reject
-- A text that must not come in again, held before or not. Of a purged one nothing but its hash is kept.
INSERT INTO quarantine AS q (tenant, id, source, uri, document_id, title, text_sha256, trust, owner, reasons, document, run,
                             state, decided_at, decided_by, note)
VALUES (%(tenant)s, %(id)s, %(source)s, %(uri)s, %(document_id)s, %(title)s, %(text_sha256)s, %(trust)s, %(owner)s,
        %(reasons)s, %(document)s, %(run)s, 'rejected', now(), %(by)s, %(note)s)
ON CONFLICT (tenant, id) DO UPDATE
   SET state = 'rejected', decided_at = now(), decided_by = excluded.decided_by, note = excluded.note,
       reasons = excluded.reasons, title = excluded.title, document = coalesce(excluded.document, q.document);

-- name: empty_held
-- Nothing of a document's texts stays; that they were sent away does.
UPDATE quarantine SET document = NULL, title = '', reasons = '[]'
 WHERE tenant = %(tenant)s AND document_id = %(document_id)s;
