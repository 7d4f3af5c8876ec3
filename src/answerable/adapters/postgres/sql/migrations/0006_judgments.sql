-- What judges said. The first judgment of a key stays: asking again on purpose is another key.

CREATE TABLE judgment (
    tenant    tenant_name NOT NULL,
    key       text COLLATE "C" NOT NULL CHECK (key <> '' AND length(key) <= 200), -- a hash of all that decides it
    said      jsonb NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, key)
);
SELECT protect('judgment', 'SELECT, INSERT, DELETE');
