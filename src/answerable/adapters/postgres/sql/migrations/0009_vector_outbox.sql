-- Vectors that lie in an outside index. A document's vectors are written to `embedding` with its chunks, in one
-- transaction, and are searched there; they leave it in the transaction that marks their set as live outside.

-- One row for each set of points that was, or may have been, written to an outside index.
CREATE TABLE vector_set (
    tenant          tenant_name NOT NULL,
    stamp           uuid NOT NULL DEFAULT gen_random_uuid(), -- of this one write; in every point of it
    place           text COLLATE "C" NOT NULL,  -- which outside index
    model           text NOT NULL,              -- embedding_model.key
    dim             smallint NOT NULL,
    document_id     id_text NOT NULL,
    document_sha256 text COLLATE "C" NOT NULL,  -- document.sha256: a set of another one is not searched
    points          integer NOT NULL CHECK (points >= 0),
    state           text NOT NULL CHECK (state IN ('sending', 'live', 'superseded')),
    changed_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, stamp)
);
CREATE INDEX vector_set_document ON vector_set (tenant, document_id);
SELECT protect('vector_set', 'SELECT, INSERT, UPDATE, DELETE');
