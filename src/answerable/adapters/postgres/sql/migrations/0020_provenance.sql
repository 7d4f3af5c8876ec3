-- Documents that wait for their owner before anybody finds them, and what each sync changed, so that it can be undone.

-- The table of before was never written.
DROP TABLE quarantine;

-- A text that a rule held back, or that somebody sent away. It belongs to the tenant, whichever index is built: a
-- decision on a text holds until the text is another. The document is here whole, and nowhere else.
CREATE TABLE quarantine (
    tenant      tenant_name NOT NULL,
    id          id_text NOT NULL,           -- of source, uri and text
    source      text COLLATE "C" NOT NULL,
    uri         text COLLATE "C" NOT NULL,
    document_id id_text NOT NULL,
    title       text NOT NULL,
    text_sha256 text COLLATE "C" NOT NULL,
    trust       text NOT NULL,
    owner       text NOT NULL,
    reasons     jsonb NOT NULL,             -- [{kind, rule, words, start, end}]
    document    jsonb,                      -- as it was parsed; NULL: it was purged
    run         text COLLATE "C" NOT NULL,  -- ingest_run.id; empty: no sync held it
    state       text NOT NULL CHECK (state IN ('held', 'released', 'rejected')),
    held_at     timestamptz NOT NULL DEFAULT now(),
    decided_at  timestamptz,
    decided_by  text NOT NULL DEFAULT '',
    note        text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, id)
);
CREATE INDEX quarantine_place ON quarantine (tenant, source, uri);
SELECT protect('quarantine', 'SELECT, INSERT, UPDATE, DELETE');

-- Which sync wrote which version of a document, and what was there before. Like the documents it carries the name of
-- their index as its tenant; it is written in the transaction that writes them.
CREATE TABLE run_change (
    tenant      tenant_name NOT NULL,
    no          bigint GENERATED ALWAYS AS IDENTITY,
    run         id_text NOT NULL,           -- ingest_run.id
    document_id id_text NOT NULL,
    source      text COLLATE "C" NOT NULL,
    uri         text COLLATE "C" NOT NULL,
    what        text NOT NULL CHECK (what IN ('added', 'changed', 'removed')),
    version     integer,                    -- that was written; NULL: it was removed
    sha256      text COLLATE "C",           -- document.sha256 that was written
    text_sha256 text COLLATE "C",           -- and of its text
    before      jsonb,                      -- {document, chunks} without text; NULL: there was none, or its time is over
    before_text text,
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, no)
);
CREATE INDEX run_change_run ON run_change (tenant, run, no);
CREATE INDEX run_change_document ON run_change (tenant, document_id, no DESC);
CREATE INDEX run_change_age ON run_change (tenant, at) WHERE before IS NOT NULL;
SELECT protect('run_change', 'SELECT, INSERT, UPDATE, DELETE');
