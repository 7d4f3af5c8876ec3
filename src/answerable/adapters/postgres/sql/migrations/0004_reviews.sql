-- Human review: batches, their items, and what readers said. Append-only, but for the holds.

-- Refuses what would rewrite history, whoever asks: the service has no right to it, and an owner must say so aloud
-- (SET answerable.maintenance = 'on'), as when a person's data has to go.
CREATE FUNCTION keep_history() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    IF current_setting('answerable.maintenance', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
REVOKE EXECUTE ON FUNCTION keep_history() FROM PUBLIC;

-- What is reviewed of one period.
CREATE TABLE review_batch (
    tenant     tenant_name NOT NULL,
    id         id_text NOT NULL,           -- 2026-W47
    starts     timestamptz NOT NULL,
    ends       timestamptz NOT NULL CHECK (ends >= starts),
    due        timestamptz NOT NULL,
    seed       bigint NOT NULL,
    population integer NOT NULL CHECK (population >= 0),
    draws      jsonb NOT NULL,             -- [{stratum, size, drawn}]
    criteria   text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, id)
);
SELECT protect('review_batch', 'SELECT, INSERT');

-- One drawn answer, with its chance of having been drawn. It outlives its trace.
CREATE TABLE review_item (
    tenant      tenant_name NOT NULL,
    id          id_text NOT NULL,
    batch       id_text NOT NULL,
    answer_id   id_text NOT NULL,
    trace_id    id_text NOT NULL,
    drawn_by    text[] NOT NULL,
    strata      text[] NOT NULL,
    probability double precision NOT NULL CHECK (probability > 0 AND probability <= 1),
    seats       text[] NOT NULL,
    place       integer NOT NULL,
    outcome     text NOT NULL,
    language    text NOT NULL,
    topic       text NOT NULL,
    score       double precision CHECK (score >= 0 AND score <= 1),
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, batch, place),
    FOREIGN KEY (tenant, batch) REFERENCES review_batch (tenant, id)
);
SELECT protect('review_item', 'SELECT, INSERT');

-- What one person said of one item, once. The last row of an item, reader and role is what counts.
CREATE TABLE review_reading (
    tenant     tenant_name NOT NULL,
    number     bigint GENERATED ALWAYS AS IDENTITY,
    item       id_text NOT NULL,
    reader     text NOT NULL CHECK (reader <> ''),
    role       text NOT NULL CHECK (role IN ('reader', 'adjudicator')),
    verdicts   jsonb NOT NULL,             -- criterion → YES, NO or UNSURE
    reason     text NOT NULL,
    severity   text NOT NULL CHECK (severity IN ('', 'S1', 'S2', 'S3', 'S4')),
    correction text NOT NULL,
    comment    text NOT NULL,
    seconds    double precision CHECK (seconds >= 0),
    withdrawn  boolean NOT NULL,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant, number),
    FOREIGN KEY (tenant, item) REFERENCES review_item (tenant, id)
);
CREATE INDEX review_reading_item ON review_reading (tenant, item, number);
SELECT protect('review_reading', 'SELECT, INSERT');

DO $$
DECLARE
    target text;
BEGIN
    FOREACH target IN ARRAY ARRAY['review_batch', 'review_item', 'review_reading'] LOOP
        EXECUTE format('CREATE TRIGGER keep_history BEFORE UPDATE OR DELETE ON %I '
                       'FOR EACH ROW EXECUTE FUNCTION keep_history()', target);
        EXECUTE format('CREATE TRIGGER keep_history_whole BEFORE TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION keep_history()', target);
    END LOOP;
END
$$;

-- Who has which item open, and until when.
CREATE TABLE review_hold (
    tenant tenant_name NOT NULL,
    item   id_text NOT NULL,
    reader text NOT NULL CHECK (reader <> ''),
    role   text NOT NULL CHECK (role IN ('reader', 'adjudicator')),
    since  timestamptz NOT NULL,
    until  timestamptz NOT NULL,
    PRIMARY KEY (tenant, item, reader),
    FOREIGN KEY (tenant, item) REFERENCES review_item (tenant, id)
);
SELECT protect('review_hold', 'SELECT, INSERT, UPDATE, DELETE');
