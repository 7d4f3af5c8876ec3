-- Postings packed into bytes, in place of a row for each: docs/decisions/0133-packed-postings.md has the form.
--
-- posting_fresh   what a writer leaves: a document's postings, in the transaction that writes its chunks
-- posting_segment many documents' chunks, sealed: it never changes, and is replaced by larger ones
-- posting_block   the postings of a segment whose terms begin with the same bits
-- posting_gone    chunks that are in a segment still, but in no document: searches leave them out

CREATE TABLE posting_fresh (
    tenant   tenant_name NOT NULL,
    document bigint NOT NULL,
    part     integer NOT NULL,              -- 4096 chunks of the document each
    chunks   bigint[] NOT NULL,             -- by slot
    lengths  bytea NOT NULL,                -- int4 by slot
    postings bytea NOT NULL,                -- a block
    PRIMARY KEY (tenant, document, part)
);
ALTER TABLE posting_fresh ALTER COLUMN postings SET STORAGE EXTERNAL;
ALTER TABLE posting_fresh SET (toast_tuple_target = 8160);

CREATE TABLE posting_segment (
    tenant  tenant_name NOT NULL,
    no      bigint NOT NULL,                -- a hash of chunks and lengths
    bits    smallint NOT NULL,              -- of a term that name its bucket
    size    integer NOT NULL,               -- chunks
    chunks  bytea NOT NULL,                 -- int8 by slot, ascending
    lengths bytea NOT NULL,                 -- int4 by slot
    PRIMARY KEY (tenant, no)
);
ALTER TABLE posting_segment ALTER COLUMN chunks SET STORAGE EXTERNAL, ALTER COLUMN lengths SET STORAGE EXTERNAL;

-- The number comes first in the key, because comparing it decides.
CREATE TABLE posting_block (
    segment  bigint NOT NULL,
    bucket   integer NOT NULL,
    tenant   tenant_name NOT NULL,
    postings bytea NOT NULL,
    PRIMARY KEY (segment, bucket, tenant)
);
ALTER TABLE posting_block ALTER COLUMN postings SET STORAGE EXTERNAL;
ALTER TABLE posting_block SET (toast_tuple_target = 8160);

CREATE TABLE posting_gone (
    tenant tenant_name NOT NULL,
    chunk  bigint NOT NULL,
    PRIMARY KEY (tenant, chunk)
);

-- A term's bucket: its first bits, 0 to 24 of them.
CREATE FUNCTION posting_bucket(term bigint, bits smallint) RETURNS integer
LANGUAGE sql IMMUTABLE
RETURN ((term >> (64 - bits)) & ((1::bigint << bits) - 1))::integer;

-- What is there already: segments of at most 65,536 chunks, straight from the rows, each read once and sorted.
SET LOCAL answerable.maintenance = 'on';

CREATE TABLE moving_slot AS
SELECT tenant::text AS tenant, no AS chunk, length, place / 65536 AS part, (place % 65536)::integer AS slot
  FROM (SELECT tenant, no, length, row_number() OVER (PARTITION BY tenant ORDER BY no) - 1 AS place
          FROM chunk WHERE level = 0) AS numbered;

CREATE TABLE moving_segment AS
SELECT tenant, part, hashtextextended(encode(sha256(chunks || lengths), 'hex'), 0) & 9223372036854775807 AS no,
       least(24, greatest(4, round(log(2, greatest(1, 4 * terms / 4096.0)))))::smallint AS bits, size, chunks, lengths
  FROM (SELECT tenant, part, count(*)::integer AS size, sum(length) AS terms,
               string_agg(int8send(chunk), '' ORDER BY slot) AS chunks,
               string_agg(int4send(length), '' ORDER BY slot) AS lengths
          FROM moving_slot GROUP BY tenant, part) AS made;

INSERT INTO posting_segment (tenant, no, bits, size, chunks, lengths)
SELECT tenant, no, bits, size, chunks, lengths FROM moving_segment;

INSERT INTO posting_block (segment, bucket, tenant, postings)
SELECT g.no, posting_bucket(t.term, g.bits), t.tenant,
       int4send(count(*)::integer) || string_agg(int8send(t.term), '' ORDER BY t.term)
       || string_agg(int4send(t.held), '' ORDER BY t.term) || string_agg(t.slots, '' ORDER BY t.term)
       || CASE WHEN max(t.most) < 256 THEN string_agg(t.narrow, '' ORDER BY t.term)
               ELSE string_agg(t.wide, '' ORDER BY t.term) END
  FROM (SELECT s.tenant, s.part, p.term, count(*)::integer AS held, max(p.frequency) AS most,
               string_agg(substring(int4send(s.slot) FROM 3), '' ORDER BY s.slot) AS slots,
               string_agg(substring(int4send(p.frequency) FROM 4), '' ORDER BY s.slot) AS narrow,
               string_agg(int4send(p.frequency), '' ORDER BY s.slot) AS wide
          FROM posting AS p JOIN moving_slot AS s ON s.tenant = p.tenant AND s.chunk = p.chunk
         GROUP BY s.tenant, s.part, p.term) AS t
  JOIN moving_segment AS g ON g.tenant = t.tenant AND g.part = t.part
 GROUP BY g.no, posting_bucket(t.term, g.bits), t.tenant;

DROP TABLE moving_slot, moving_segment, posting;
SET LOCAL answerable.maintenance = 'off';

SELECT protect('posting_fresh', 'SELECT, INSERT, UPDATE, DELETE'); -- UPDATE: to lock rows needs it
SELECT protect('posting_segment', 'SELECT, INSERT, DELETE');
SELECT protect('posting_block', 'SELECT, INSERT, DELETE');
SELECT protect('posting_gone', 'SELECT, INSERT, DELETE');
-- Merging leaves what was merged behind: vacuum early, so that its place is used again.
ALTER TABLE posting_fresh SET (autovacuum_vacuum_threshold = 256, autovacuum_vacuum_scale_factor = 0);
ALTER TABLE posting_block SET (autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_scale_factor = 0.05);

-- A filter on any of the metadata is an index's work when little has it.
CREATE INDEX document_meta ON document USING gin (meta jsonb_path_ops);
