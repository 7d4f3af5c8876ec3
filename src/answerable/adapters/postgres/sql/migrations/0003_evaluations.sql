-- Evaluation runs and their rows.

CREATE TABLE eval_run (
    tenant      tenant_name NOT NULL,
    id          id_text NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,                -- NULL: it runs, or it was killed
    label       text COLLATE "C" NOT NULL,
    commit_id   text COLLATE "C" NOT NULL,  -- with "+" where the checkout had changes
    branch      text COLLATE "C" NOT NULL,
    record      jsonb NOT NULL,             -- suite, target, fingerprint, cases, repeats, detail
    PRIMARY KEY (tenant, id)
);
CREATE INDEX eval_run_latest ON eval_run (tenant, started_at DESC, id DESC);
SELECT protect('eval_run', 'SELECT, INSERT, UPDATE, DELETE');

-- One case answered once. The answer with its passages is in the record, so that a report needs nothing else.
CREATE TABLE eval_row (
    tenant      tenant_name NOT NULL,
    run         id_text NOT NULL,
    case_id     text COLLATE "C" NOT NULL,
    repeat      integer NOT NULL CHECK (repeat >= 0),
    key         text COLLATE "C" NOT NULL,  -- equal keys, equal rows
    reusable    boolean NOT NULL,           -- it was measured
    record      jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant, run, case_id, repeat),
    FOREIGN KEY (tenant, run) REFERENCES eval_run (tenant, id) ON DELETE CASCADE
);
CREATE INDEX eval_row_key ON eval_row (tenant, key, recorded_at DESC) WHERE reusable;
SELECT protect('eval_row', 'SELECT, INSERT, UPDATE, DELETE');
