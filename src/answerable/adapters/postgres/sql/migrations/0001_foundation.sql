-- The ground: who may see which rows, and what is kept of every question.
--
-- Names have no schema: migrations run with the search path set. Every table with rows of a tenant is made safe by
-- protect(); a test walks over all tables of the schema and fails for one that is not.

-- The role that requests run as. Created before the first migration, named after the schema.
CREATE FUNCTION service_role() RETURNS text
LANGUAGE sql STABLE SET search_path FROM CURRENT
RETURN current_schema() || '_service';

-- Forced row-level security by tenant, and what the service may do with the table.
--   tenant       rows of the transaction's tenant; none when it is unset (then the setting is NULL or '')
--   maintenance  the owner, and only who says so aloud (backup, data migrations): SET answerable.maintenance = 'on'
-- Without `privileges` the service may not touch the table itself: so it is with partitions.
CREATE FUNCTION protect(target regclass, privileges text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY tenant ON %s USING (tenant = current_setting(''answerable.tenant'', true))', target);
    EXECUTE format('CREATE POLICY maintenance ON %s TO CURRENT_ROLE '
                   'USING (current_setting(''answerable.maintenance'', true) = ''on'')', target);
    IF privileges IS NOT NULL THEN
        EXECUTE format('GRANT %s ON %s TO %I', privileges, target, service_role());
    END IF;
END
$$;
REVOKE EXECUTE ON FUNCTION protect(regclass, text) FROM PUBLIC;

-- Tenants are short names; '' would be the unset tenant.
CREATE DOMAIN tenant_name AS text CHECK (VALUE <> '' AND length(VALUE) <= 200);
-- Ids compare byte by byte, so that a prefix is a range of the index.
CREATE DOMAIN id_text AS text COLLATE "C" CHECK (VALUE <> '' AND length(VALUE) <= 200);


-- People and credentials ------------------------------------------------------------------------------------

CREATE TABLE principal (
    tenant      tenant_name NOT NULL,
    id          id_text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz,               -- suspends every credential at once
    PRIMARY KEY (tenant, id)
);
SELECT protect('principal', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE api_token (
    tenant        tenant_name NOT NULL,
    id            id_text NOT NULL,
    secret_sha256 text COLLATE "C" NOT NULL UNIQUE CHECK (secret_sha256 ~ '^[0-9a-f]{64}$'),
    principal_id  id_text NOT NULL,
    roles         text[] NOT NULL,
    groups        text[] NOT NULL,
    label         text NOT NULL,
    once          boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz,
    revoked_at    timestamptz,
    used_at       timestamptz,             -- of a once-token
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, principal_id) REFERENCES principal (tenant, id) ON DELETE CASCADE
);
SELECT protect('api_token', 'SELECT, INSERT, UPDATE');
-- Who presents a secret has no tenant yet. Whoever knows the hash may read that one row, and no other.
CREATE POLICY presented ON api_token FOR SELECT
    USING (secret_sha256 = current_setting('answerable.secret_sha256', true));

-- Who did what to what. Append-only.
CREATE TABLE audit (
    tenant     tenant_name NOT NULL,
    id         bigint GENERATED ALWAYS AS IDENTITY,
    created_at timestamptz NOT NULL DEFAULT now(),
    actor      text NOT NULL,
    action     text NOT NULL,              -- token.create, token.revoke, …
    subject    text NOT NULL,
    detail     jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant, id)
);
SELECT protect('audit', 'SELECT, INSERT');


-- What is kept of a question --------------------------------------------------------------------------------

CREATE TABLE trace (
    tenant       tenant_name NOT NULL,
    id           id_text NOT NULL,
    started_at   timestamptz NOT NULL,
    duration_ms  double precision NOT NULL,
    outcome      text NOT NULL,
    answer_id    id_text NOT NULL,
    principal_id id_text NOT NULL,
    conversation id_text,
    language     text NOT NULL,
    query        text NOT NULL,
    model        text NOT NULL,
    degraded     text[] NOT NULL,
    detail       jsonb NOT NULL,           -- answer, prompt as rendered, passages, usage, verdicts, withheld
    PRIMARY KEY (tenant, id, started_at)
) PARTITION BY RANGE (started_at);
CREATE INDEX trace_latest ON trace (tenant, started_at DESC);
SELECT protect('trace', 'SELECT, INSERT, DELETE');

-- started_at is the trace's, so that both are partitioned alike. Written in the trace's own transaction.
CREATE TABLE step (
    tenant      tenant_name NOT NULL,
    trace_id    id_text NOT NULL,
    started_at  timestamptz NOT NULL,
    n           integer NOT NULL,
    name        text NOT NULL,
    started_ms  double precision NOT NULL,  -- since the question
    duration_ms double precision NOT NULL,
    status      text NOT NULL,
    detail      jsonb NOT NULL,
    PRIMARY KEY (tenant, trace_id, started_at, n)
) PARTITION BY RANGE (started_at);
SELECT protect('step', 'SELECT, INSERT, DELETE');

-- A row whose day has no partition is kept all the same.
CREATE TABLE trace_default PARTITION OF trace DEFAULT;
CREATE TABLE step_default PARTITION OF step DEFAULT;
SELECT protect('trace_default'), protect('step_default');

-- Make the partitions from yesterday to `ahead` days from now (UTC). The service calls it daily; it runs as the
-- owner, because only an owner can. A day that already has rows in the default partition stays there.
CREATE FUNCTION make_partitions(ahead integer DEFAULT 14) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    parent text;
    day    date;
    part   text;
    made   integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('answerable.partitions.' || current_schema(), 0));
    FOREACH parent IN ARRAY ARRAY['trace', 'step'] LOOP
        FOR day IN SELECT (now() AT TIME ZONE 'UTC')::date + n FROM generate_series(-1, least(ahead, 60)) AS n LOOP
            part := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
            CONTINUE WHEN to_regclass(format('%I.%I', current_schema(), part)) IS NOT NULL;
            BEGIN
                EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', part, parent,
                               day || ' 00:00:00+00', (day + 1) || ' 00:00:00+00');
                PERFORM protect(part::regclass);
                made := made + 1;
            EXCEPTION WHEN check_violation THEN
                NULL;
            END;
        END LOOP;
    END LOOP;
    RETURN made;
END
$$;
REVOKE EXECUTE ON FUNCTION make_partitions(integer) FROM PUBLIC;
SELECT make_partitions();

-- The answer object as clients get it. It outlives its trace.
CREATE TABLE answer (
    tenant       tenant_name NOT NULL,
    id           id_text NOT NULL,
    trace_id     id_text NOT NULL,
    principal_id id_text NOT NULL,
    conversation id_text,
    outcome      text NOT NULL,
    language     text NOT NULL,
    created_at   timestamptz NOT NULL,
    record       jsonb NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX answer_person ON answer (tenant, principal_id, created_at DESC);
SELECT protect('answer', 'SELECT, INSERT, DELETE');

CREATE TABLE conversation (
    tenant       tenant_name NOT NULL,
    id           id_text NOT NULL,
    principal_id id_text NOT NULL,         -- whose it is; nobody else adds to it or reads it
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant, id)
);
SELECT protect('conversation', 'SELECT, INSERT, DELETE');

CREATE TABLE turn (
    tenant       tenant_name NOT NULL,
    conversation id_text NOT NULL,
    created_at   timestamptz NOT NULL,
    n            smallint NOT NULL,        -- 0 the question, 1 the answer
    answer_id    id_text NOT NULL,
    role         text NOT NULL CHECK (role IN ('user', 'assistant')),
    text         text NOT NULL,
    PRIMARY KEY (tenant, conversation, created_at, answer_id, n),
    FOREIGN KEY (tenant, conversation) REFERENCES conversation (tenant, id) ON DELETE CASCADE
);
SELECT protect('turn', 'SELECT, INSERT, DELETE');

-- Append-only: the last row of an answer is what counts, the others are its history.
CREATE TABLE feedback (
    tenant       tenant_name NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    answer_id    id_text NOT NULL,
    principal_id id_text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    value        text CHECK (value IN ('up', 'down')),
    reasons      text[] NOT NULL DEFAULT '{}',
    comment      text NOT NULL DEFAULT '',
    solved       text CHECK (solved IN ('yes', 'no', 'partly')),
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, answer_id) REFERENCES answer (tenant, id) ON DELETE CASCADE
);
CREATE INDEX feedback_answer ON feedback (tenant, answer_id, id DESC);
SELECT protect('feedback', 'SELECT, INSERT');

GRANT EXECUTE ON FUNCTION service_role() TO PUBLIC;
DO $$ BEGIN EXECUTE format('GRANT EXECUTE ON FUNCTION make_partitions(integer) TO %I', service_role()); END $$;
