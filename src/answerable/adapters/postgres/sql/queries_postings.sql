-- name: read_postings
-- What a question's terms have: the blocks they fall into (0), what was written lately (1), what is gone (2).
SELECT 0 AS kind, b.segment, b.postings, NULL::bigint[] AS chunks, NULL::bytea AS lengths
  FROM (SELECT DISTINCT s.no AS segment, posting_bucket(u.term, s.bits) AS bucket
          FROM posting_segment AS s CROSS JOIN unnest(%(terms)b::bigint[]) AS u (term)
         WHERE s.tenant = %(tenant)s) AS w
  JOIN posting_block AS b ON b.tenant = %(tenant)s AND b.segment = w.segment AND b.bucket = w.bucket
UNION ALL
SELECT 1, NULL, f.postings, f.chunks, f.lengths FROM posting_fresh AS f WHERE f.tenant = %(tenant)s
UNION ALL
SELECT 2, NULL, string_agg(int8send(g.chunk), '' ORDER BY g.chunk), NULL, NULL
  FROM posting_gone AS g WHERE g.tenant = %(tenant)s;

-- name: read_segments
-- Which chunks segments are about, and how long those are.
SELECT no, chunks, lengths FROM posting_segment WHERE tenant = %(tenant)s AND no = ANY (%(segments)s);

-- name: lock_postings
-- One at a time seals a tenant's postings; who comes second leaves it to the first.
SELECT pg_try_advisory_xact_lock(hashtextextended('answerable.postings.' || current_schema(), 0)::bigint
                                 # hashtextextended(%(tenant)s, 1)) AS mine;

-- name: list_segments
-- All of a tenant's, smallest first.
SELECT no, size FROM posting_segment WHERE tenant = %(tenant)s ORDER BY size, no;

-- name: list_gone
-- Chunks that segments hold still and no document does.
SELECT chunk FROM posting_gone WHERE tenant = %(tenant)s ORDER BY chunk;

-- name: take_fresh
-- Take over what writers have left, as much as fits a segment, except what one of them holds just now.
DELETE FROM posting_fresh AS f
 USING (SELECT document, part, sum(size) OVER (ORDER BY document, part) AS upto
          FROM (SELECT document, part, octet_length(lengths) / 4 AS size FROM posting_fresh WHERE tenant = %(tenant)s
                 ORDER BY document, part LIMIT %(limit)s FOR UPDATE SKIP LOCKED) AS free) AS held
 WHERE f.tenant = %(tenant)s AND f.document = held.document AND f.part = held.part AND held.upto <= %(most)s
RETURNING f.chunks, f.lengths, f.postings;

-- name: read_blocks
-- The blocks of segments whose terms begin with the `cut` bits of `slice`.
SELECT b.segment, b.postings
  FROM posting_segment AS s
  JOIN posting_block AS b ON b.tenant = s.tenant AND b.segment = s.no
 WHERE s.tenant = %(tenant)s AND s.no = ANY (%(segments)s)
   AND b.bucket >= %(slice)s << (s.bits - %(cut)s) AND b.bucket < (%(slice)s + 1) << (s.bits - %(cut)s);

-- name: drop_segments
-- Segments whose postings are elsewhere now.
WITH gone AS (
    DELETE FROM posting_block WHERE tenant = %(tenant)s AND segment = ANY (%(segments)s)
)
DELETE FROM posting_segment WHERE tenant = %(tenant)s AND no = ANY (%(segments)s);

-- name: put_segment
-- A new one, whose blocks follow or are there.
INSERT INTO posting_segment (tenant, no, bits, size, chunks, lengths)
VALUES (%(tenant)s, %(no)s, %(bits)s, %(size)s, %(chunks)s, %(lengths)s);

-- name: put_blocks
-- Of a new segment.
INSERT INTO posting_block (tenant, segment, bucket, postings)
SELECT %(tenant)s, %(no)s, u.bucket, u.postings
  FROM unnest(%(buckets)s::integer[], %(postings)s::bytea[]) AS u (bucket, postings);

-- name: forget_gone
-- These are in no segment any more.
DELETE FROM posting_gone WHERE tenant = %(tenant)s AND chunk = ANY (%(chunks)s);
