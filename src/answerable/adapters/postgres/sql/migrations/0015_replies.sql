-- Replies that may be given again. No question is here, only hashes of what decided a reply, and the reply's own text.
--
-- A row belongs to one generation of an index, as its chunks do: it carries that generation's name as its tenant, so that
-- a switch of the index switches the replies, too. When a chunk goes, by whatever way, the replies made from it go in the
-- same transaction.
CREATE TABLE reply (
    tenant      tenant_name NOT NULL,
    exact       text COLLATE "C" NOT NULL CHECK (exact ~ '^[0-9a-f]{64}$'),
    question    text COLLATE "C" NOT NULL CHECK (question ~ '^[0-9a-f]{64}$'),
    alike       text COLLATE "C" NOT NULL CHECK (alike ~ '^([0-9a-f]{64})?$'),  -- empty: not found by meaning
    chunks      text[] COLLATE "C" NOT NULL CHECK (cardinality(chunks) > 0),   -- ids, in the order of the context
    text        text NOT NULL,
    text_sha256 text COLLATE "C" NOT NULL,
    model       text NOT NULL,              -- as its provider reported it
    provider    text NOT NULL,
    fingerprint text NOT NULL,
    input       integer NOT NULL,           -- tokens, and what they cost then: what a hit saves
    cached      integer NOT NULL,
    output      integer NOT NULL,
    cost        numeric,                    -- NULL: no price was known
    currency    text NOT NULL,
    vector      bytea NOT NULL,             -- of the question, float32, little-endian; empty where `alike` is
    kept_at     timestamptz NOT NULL,
    dies_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant, exact)
);
CREATE INDEX reply_question ON reply (tenant, question, kept_at DESC);
CREATE INDEX reply_alike ON reply (tenant, alike, kept_at DESC) WHERE alike <> '';
CREATE INDEX reply_end ON reply (tenant, dies_at);
CREATE INDEX reply_chunks ON reply USING gin (chunks);
SELECT protect('reply', 'SELECT, INSERT, UPDATE, DELETE');

-- Looked for in the index of ids, so an ingestion that removes a document pays a probe for each of its chunks, and one that
-- removes none pays nothing.
CREATE FUNCTION forget_replies() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    DELETE FROM reply AS r
     USING (SELECT tenant, array_agg(id::text) AS ids FROM gone GROUP BY tenant) AS g
     WHERE r.tenant = g.tenant AND r.chunks && g.ids;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION forget_replies() FROM PUBLIC;
CREATE TRIGGER forget_replies AFTER DELETE ON chunk REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION forget_replies();
