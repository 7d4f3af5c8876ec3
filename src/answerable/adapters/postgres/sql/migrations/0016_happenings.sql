-- What happened that somebody should know of: a provider's change of model, a budget that is nearly spent.
--
-- Append-only, by the service's own rights; a few rows a day, so it is not partitioned. Names and their props are
-- in core/happenings.py.

CREATE TABLE happening (
    tenant tenant_name NOT NULL,
    id     id_text NOT NULL,
    at     timestamptz NOT NULL,
    name   text COLLATE "C" NOT NULL CHECK (name <> '' AND length(name) <= 100),
    trace  text COLLATE "C" NOT NULL DEFAULT '',
    props  jsonb NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX happening_newest ON happening (tenant, at DESC, id DESC);
CREATE INDEX happening_named ON happening (tenant, name, at DESC, id DESC);
SELECT protect('happening', 'SELECT, INSERT');
