-- What late interaction compares: the vectors of a chunk's tokens, compressed. The form is the encoder's own.

CREATE TABLE token_code (
    tenant tenant_name NOT NULL,
    chunk  bigint NOT NULL,
    code   bytea NOT NULL,
    PRIMARY KEY (tenant, chunk),
    FOREIGN KEY (tenant, chunk) REFERENCES chunk (tenant, no) ON DELETE CASCADE
);
-- Codes do not compress further, and stay in their rows: thirty are read for each question.
ALTER TABLE token_code ALTER COLUMN code SET STORAGE EXTERNAL;
ALTER TABLE token_code SET (toast_tuple_target = 8160);
SELECT protect('token_code', 'SELECT, INSERT, DELETE');

-- Codes already paid for, beside embedding_cache.
CREATE TABLE token_cache (
    tenant    tenant_name NOT NULL,
    form      text NOT NULL,                -- the model's key and the form of its codes
    sha256    text COLLATE "C" NOT NULL,    -- of the embedded text
    code      bytea NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, form, sha256)
);
ALTER TABLE token_cache ALTER COLUMN code SET STORAGE EXTERNAL;
SELECT protect('token_cache', 'SELECT, INSERT, DELETE');
