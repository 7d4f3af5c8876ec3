-- A tenant's indexes beside each other: one is searched while another is built, and switching is one row's change.
--
-- The rows of a generation (document, document_version, chunk, embedding_model, embedding, posting, index_size,
-- source_file and what hangs on them) carry its name as their tenant: the tenant's own name for the first, then
-- `tenant#2`, `tenant#3` … Row-level security parts them as it parts tenants. A tenant without a row here has only
-- the first. Ids of documents and chunks are made of the tenant's own name, so they are the same in each.
CREATE TABLE index_generation (
    tenant      tenant_name NOT NULL,
    name        tenant_name NOT NULL CHECK (name = tenant OR starts_with(name, tenant || '#')),
    state       text NOT NULL CHECK (state IN ('building', 'active', 'previous')),
    note        text NOT NULL,
    detail      jsonb NOT NULL DEFAULT '{}',  -- the configuration that it was built for
    created_at  timestamptz NOT NULL DEFAULT now(),
    switched_at timestamptz,                  -- when it last became the active one
    PRIMARY KEY (tenant, name)
);
SELECT protect('index_generation', 'SELECT, INSERT, UPDATE, DELETE');

-- From here to the transaction's end the rows of one generation are there: of the one named, else of the active one.
-- Returns the tenant that its rows carry; NULL for a generation that is not there. A writer shares a lock with other
-- writers, which a switch takes alone: so none writes into an index that is just being left.
CREATE FUNCTION open_index(logical text, wanted text, writing boolean) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    found text;
BEGIN
    IF writing THEN
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('answerable.index.' || current_schema() || logical, 0));
    END IF;
    SELECT g.name INTO found FROM index_generation AS g
     WHERE g.tenant = logical AND CASE WHEN wanted = '' THEN g.state = 'active' ELSE g.name = wanted END
     ORDER BY g.switched_at DESC NULLS LAST LIMIT 1;
    IF found IS NULL AND (wanted = '' OR wanted = logical) THEN
        found := logical;
    END IF;
    PERFORM set_config('answerable.tenant', coalesce(found, ''), true);
    RETURN found;
END
$$;
REVOKE EXECUTE ON FUNCTION open_index(text, text, boolean) FROM PUBLIC;
DO $$ BEGIN EXECUTE format('GRANT EXECUTE ON FUNCTION open_index(text, text, boolean) TO %I', service_role()); END $$;
