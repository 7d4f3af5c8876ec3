-- The product's log, and tasks made of it. Figures and ids, never a word that a person wrote.

CREATE TABLE event (
    tenant          tenant_name NOT NULL,
    id              uuid NOT NULL,                -- version 7; the same id is the same event
    at              timestamptz NOT NULL,
    name            text COLLATE "C" NOT NULL CHECK (name <> '' AND length(name) <= 100),
    assistant       text COLLATE "C" NOT NULL DEFAULT '',
    environment     text COLLATE "C" NOT NULL DEFAULT '',
    person          bytea,                        -- a keyed hash; NULL: nobody is to be known
    conversation    text COLLATE "C" NOT NULL DEFAULT '',
    task            text COLLATE "C" NOT NULL DEFAULT '',
    turn            text COLLATE "C" NOT NULL DEFAULT '',
    answer          text COLLATE "C" NOT NULL DEFAULT '',
    trace           text COLLATE "C" NOT NULL DEFAULT '',
    channel         text COLLATE "C" NOT NULL DEFAULT '',
    language        text COLLATE "C" NOT NULL DEFAULT '',
    topic           text COLLATE "C" NOT NULL DEFAULT '',
    outcome         text COLLATE "C" NOT NULL DEFAULT '',
    confidence      text COLLATE "C" NOT NULL DEFAULT '',
    degraded        text[] NOT NULL DEFAULT '{}',
    prompt_id       text COLLATE "C" NOT NULL DEFAULT '',
    prompt_version  text COLLATE "C" NOT NULL DEFAULT '',
    prompt_sha256   text COLLATE "C" NOT NULL DEFAULT '',
    model           text COLLATE "C" NOT NULL DEFAULT '',
    provider        text COLLATE "C" NOT NULL DEFAULT '',
    index_version   text COLLATE "C" NOT NULL DEFAULT '',
    code_version    text COLLATE "C" NOT NULL DEFAULT '',
    rollout         text COLLATE "C" NOT NULL DEFAULT '',
    holdout         boolean NOT NULL DEFAULT false,
    latency_ms      integer,
    first_text_ms   integer,
    tokens_in       integer,
    tokens_cached   integer,
    tokens_out      integer,
    cost            numeric(12, 6),               -- NULL: unknown
    currency        text COLLATE "C" NOT NULL DEFAULT '',
    props           jsonb NOT NULL DEFAULT '{}',  -- by name, as core/event_names.py lists them
    PRIMARY KEY (tenant, id, at)
) PARTITION BY RANGE (at);
CREATE INDEX event_named ON event (tenant, name, at);
CREATE INDEX event_answer ON event (tenant, answer) WHERE answer <> '';
CREATE INDEX event_person ON event (tenant, person, at) WHERE person IS NOT NULL;
SELECT protect('event', 'SELECT, INSERT, DELETE');
CREATE TABLE event_default PARTITION OF event DEFAULT;
SELECT protect('event_default');

CREATE TABLE task (
    tenant         tenant_name NOT NULL,
    id             id_text NOT NULL,
    person         bytea,
    conversation   text COLLATE "C" NOT NULL,
    opened_at      timestamptz NOT NULL,
    last_at        timestamptz NOT NULL,
    closed_at      timestamptz,                   -- NULL: it may go on
    turns          integer NOT NULL CHECK (turns > 0),
    state          text COLLATE "C" NOT NULL CHECK (state IN ('escalated', 'reopened', 'failed', 'confirmed',
                                                              'verified', 'assumed', 'unknown')),
    p_complete     double precision CHECK (p_complete BETWEEN 0 AND 1),
    why_not        text COLLATE "C" NOT NULL,     -- why it does not count; empty: it does
    outcome        text COLLATE "C" NOT NULL,
    escalation     text COLLATE "C" NOT NULL CHECK (escalation IN ('', 'asked', 'policy', 'failure')),
    reopens        text COLLATE "C" NOT NULL,
    reopened_at    timestamptz,
    topic          text COLLATE "C" NOT NULL,
    language       text COLLATE "C" NOT NULL,
    channel        text COLLATE "C" NOT NULL,
    prompt_id      text COLLATE "C" NOT NULL,
    prompt_version text COLLATE "C" NOT NULL,
    model          text COLLATE "C" NOT NULL,
    rollout        text COLLATE "C" NOT NULL,
    holdout        boolean NOT NULL,
    follow_ups     jsonb NOT NULL,
    cost           numeric(14, 6),
    currency       text COLLATE "C" NOT NULL,
    unpriced       integer NOT NULL,
    answers        text[] NOT NULL,
    votes          jsonb NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX task_closed ON task (tenant, closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX task_open ON task (tenant, last_at) WHERE closed_at IS NULL;
CREATE INDEX task_person ON task (tenant, person, last_at) WHERE person IS NOT NULL;
CREATE INDEX task_answers ON task USING gin (answers);
SELECT protect('task', 'SELECT, INSERT, UPDATE, DELETE');

-- As it was, with the log's partitions.
CREATE OR REPLACE FUNCTION make_partitions(ahead integer DEFAULT 14) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    parent text;
    day    date;
    part   text;
    made   integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('answerable.partitions.' || current_schema(), 0));
    FOREACH parent IN ARRAY ARRAY['trace', 'step', 'event'] LOOP
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
