-- Documents and what makes them findable: chunks, vectors, postings; and what ingestion remembers.
--
-- Inside a tenant, rows are tied by numbers (document.no, chunk.no): a posting or a vector that named its chunk by
-- id would be half again as large. Postings and vectors have no foreign keys, whose check of each row would cost
-- more than the row; they are written and deleted in the one statement that writes and deletes their chunks.

-- Documents -------------------------------------------------------------------------------------------------

-- One row a document: its current version, without its text.
CREATE TABLE document (
    tenant       tenant_name NOT NULL,
    no           bigint GENERATED ALWAYS AS IDENTITY,
    id           id_text NOT NULL,          -- of tenant, source and uri
    source       text NOT NULL,
    uri          text COLLATE "C" NOT NULL,
    version      integer NOT NULL,          -- counts texts, from 1
    title        text NOT NULL,
    status       text NOT NULL,             -- published, draft, archived
    language     text NOT NULL,
    acl          text[] NOT NULL,           -- groups that may read it; none: nobody may
    updated_at   date,
    review_by    date,
    owner        text,
    trust        text NOT NULL,
    media_type   text NOT NULL,
    meta         jsonb NOT NULL,
    text_sha256  text COLLATE "C" NOT NULL,
    index_sha256 text COLLATE "C" NOT NULL, -- of all that is written to chunk, posting and embedding
    sha256       text COLLATE "C" NOT NULL, -- of the document as a whole: the same again is no work
    stored_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, no),
    UNIQUE (tenant, id)
);
CREATE INDEX document_uri ON document (tenant, uri, id);
SELECT protect('document', 'SELECT, INSERT, UPDATE, DELETE');

-- The text of every version: what the offsets of old answers point into.
CREATE TABLE document_version (
    tenant      tenant_name NOT NULL,
    document    bigint NOT NULL,
    version     integer NOT NULL,
    title       text NOT NULL,
    text        text NOT NULL,
    text_sha256 text COLLATE "C" NOT NULL,
    stored_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, document, version),
    FOREIGN KEY (tenant, document) REFERENCES document (tenant, no) ON DELETE CASCADE
);
SELECT protect('document_version', 'SELECT, INSERT, UPDATE, DELETE');

-- The documents that a question may see: the one place where access and filters are decided. Row-level security
-- has taken the other tenants' away already. An empty array means any; groups must share one with the acl.
-- It is inlined into the searches, so it costs nothing of its own.
CREATE FUNCTION readable(groups text[], statuses text[], sources text[], languages text[], documents text[],
                         wanted jsonb) RETURNS SETOF document
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.*
      FROM document AS d
     WHERE d.tenant = current_setting('answerable.tenant', true)
       AND d.acl && groups
       AND (statuses = '{}' OR d.status = ANY (statuses))
       AND (sources = '{}' OR d.source = ANY (sources))
       AND (languages = '{}' OR d.language = ANY (languages))
       AND (documents = '{}' OR d.id = ANY (documents))
       AND (wanted = '{}' OR d.meta @> wanted);
END;


-- The index --------------------------------------------------------------------------------------------------

-- Current versions only.
CREATE TABLE chunk (
    tenant    tenant_name NOT NULL,
    no        bigint GENERATED ALWAYS AS IDENTITY,
    document  bigint NOT NULL,
    n         integer NOT NULL,             -- its place among the document's chunks
    id        id_text NOT NULL,
    level     smallint NOT NULL,            -- 0 is searched
    parent    id_text,
    start_at  integer NOT NULL,             -- text[start_at:end_at] in code points, from 0
    end_at    integer NOT NULL,
    text      text NOT NULL,
    headings  text[] NOT NULL,
    tokens    integer NOT NULL,             -- the embedding model's
    length    integer NOT NULL,             -- in index terms, repeats counted; 0 above level 0
    meta      jsonb NOT NULL,
    PRIMARY KEY (tenant, no),
    UNIQUE (tenant, document, n),
    FOREIGN KEY (tenant, document) REFERENCES document (tenant, no) ON DELETE CASCADE
);
CREATE INDEX chunk_id ON chunk (tenant, id);
SELECT protect('chunk', 'SELECT, INSERT, UPDATE, DELETE');

-- The spaces of vectors a tenant has; its searches use the active one.
CREATE TABLE embedding_model (
    tenant tenant_name NOT NULL,
    no     integer GENERATED ALWAYS AS IDENTITY,
    key    text NOT NULL,                   -- name, revision and engine
    dim    smallint NOT NULL CHECK (dim > 0),
    active boolean NOT NULL DEFAULT true,
    PRIMARY KEY (tenant, no),
    UNIQUE (tenant, key, dim)
);
CREATE UNIQUE INDEX embedding_model_active ON embedding_model (tenant) WHERE active;
SELECT protect('embedding_model', 'SELECT, INSERT, UPDATE, DELETE');

-- Unit vectors at half precision, one a chunk of level 0 and model.
CREATE TABLE embedding (
    model    integer NOT NULL,
    dim      smallint NOT NULL,
    chunk    bigint NOT NULL,
    document bigint NOT NULL,
    vector   halfvec NOT NULL,
    tenant   tenant_name NOT NULL
);
-- A vector stays in its row as long as the row fits a page: an exact search reads them all.
ALTER TABLE embedding ALTER COLUMN vector SET STORAGE EXTERNAL;
ALTER TABLE embedding SET (toast_tuple_target = 8160);
CREATE UNIQUE INDEX embedding_key ON embedding (tenant, document, model, chunk);
SELECT protect('embedding', 'SELECT, INSERT, DELETE');

-- The inverted index: how often a term occurs in a chunk of level 0, and how long that chunk is. Everything BM25
-- needs of a match is in the covering index. A term is the first 64 bits of its BLAKE2b: no dictionary to contend for.
-- There are seventy rows for each chunk, so what a row costs was measured: plain text where the other tables have a
-- domain (the document's row has passed its check), and indexes that begin with a number.
CREATE TABLE posting (
    term      bigint NOT NULL,
    chunk     bigint NOT NULL,
    frequency integer NOT NULL,
    length    integer NOT NULL,
    tenant    text NOT NULL
);
CREATE UNIQUE INDEX posting_key ON posting (term, tenant, chunk) INCLUDE (frequency, length);
CREATE INDEX posting_chunk ON posting (chunk);
SELECT protect('posting', 'SELECT, INSERT, DELETE');
-- Index-only scans need the visibility map: vacuum early, after inserts too.
ALTER TABLE posting SET (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_vacuum_scale_factor = 0.05);

-- How many chunks of level 0 a tenant has, and how many terms in all. Spread over stripes by document, so that
-- writers rarely meet; a snapshot sums them up.
CREATE TABLE index_size (
    tenant tenant_name NOT NULL,
    stripe smallint NOT NULL,
    chunks bigint NOT NULL,
    terms  bigint NOT NULL,
    PRIMARY KEY (tenant, stripe)
) WITH (fillfactor = 50);
SELECT protect('index_size', 'SELECT, INSERT, UPDATE');

-- An HNSW index over all vectors of one dimension, for searches too large to be exact. Made once, by the owner's
-- right; the service asks for it after ingestion. Writers wait while it is built.
CREATE FUNCTION make_vector_index(wanted smallint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    name text := format('embedding_hnsw_%s', wanted);
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('answerable.vectors.' || current_schema(), wanted));
    IF to_regclass(format('%I.%I', current_schema(), name)) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE INDEX %I ON embedding USING hnsw ((vector::halfvec(%s)) halfvec_ip_ops) '
                   'WITH (m = 16, ef_construction = 64) WHERE dim = %s', name, wanted, wanted);
    RETURN true;
END
$$;
REVOKE EXECUTE ON FUNCTION make_vector_index(smallint) FROM PUBLIC;
DO $$ BEGIN EXECUTE format('GRANT EXECUTE ON FUNCTION make_vector_index(smallint) TO %I', service_role()); END $$;


-- What ingestion remembers ----------------------------------------------------------------------------------

CREATE TABLE source (
    tenant     tenant_name NOT NULL,
    id         text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, id)
);
SELECT protect('source', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE source_file (
    tenant      tenant_name NOT NULL,
    source      text COLLATE "C" NOT NULL,
    uri         text COLLATE "C" NOT NULL,
    sha256      text COLLATE "C" NOT NULL,  -- of the bytes and the settings that shape the chunks
    document_id id_text,                    -- NULL: it could not be read
    size        bigint NOT NULL,
    mtime_ns    bigint NOT NULL,
    error       text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, source, uri)
);
SELECT protect('source_file', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE ingest_run (
    tenant      tenant_name NOT NULL,
    id          id_text NOT NULL,
    source      text COLLATE "C" NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,                -- NULL: it runs, or it was killed
    counts      jsonb NOT NULL DEFAULT '{}',
    errors      jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, source) REFERENCES source (tenant, id)
);
CREATE INDEX ingest_run_latest ON ingest_run (tenant, source, started_at DESC);
SELECT protect('ingest_run', 'SELECT, INSERT, UPDATE, DELETE');

-- Vectors already paid for, at full precision: little-endian float32.
CREATE TABLE embedding_cache (
    tenant    tenant_name NOT NULL,
    model     text NOT NULL,                -- the model's key
    sha256    text COLLATE "C" NOT NULL,    -- of the embedded text
    vector    bytea NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, model, sha256)
);
ALTER TABLE embedding_cache ALTER COLUMN vector SET STORAGE EXTERNAL;
SELECT protect('embedding_cache', 'SELECT, INSERT, DELETE');

-- Files held back by a rule, until their owner decides.
CREATE TABLE quarantine (
    tenant     tenant_name NOT NULL,
    source     text COLLATE "C" NOT NULL,
    uri        text COLLATE "C" NOT NULL,
    sha256     text COLLATE "C" NOT NULL,
    rule       text NOT NULL,
    detail     jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, source, uri, rule)
);
SELECT protect('quarantine', 'SELECT, INSERT, UPDATE, DELETE');

-- Two documents that say different things.
CREATE TABLE conflict (
    tenant     tenant_name NOT NULL,
    id         id_text NOT NULL,
    left_id    id_text NOT NULL,            -- documents
    right_id   id_text NOT NULL,
    kind       text NOT NULL,
    detail     jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    closed_at  timestamptz,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, left_id) REFERENCES document (tenant, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant, right_id) REFERENCES document (tenant, id) ON DELETE CASCADE
);
CREATE INDEX conflict_right ON conflict (tenant, right_id);
CREATE INDEX conflict_left ON conflict (tenant, left_id);
SELECT protect('conflict', 'SELECT, INSERT, UPDATE, DELETE');
