-- Alerts as they stand, the past that they are held against, and the messages that wait to be sent.
--
-- No table names a person: who acked or silenced stands in the audit log.

CREATE TABLE alert (
    tenant      tenant_name NOT NULL,
    id          id_text NOT NULL,
    rule        text COLLATE "C" NOT NULL CHECK (rule <> ''),
    key         text COLLATE "C" NOT NULL DEFAULT '',  -- a document, a job …; empty: the whole
    severity    text COLLATE "C" NOT NULL CHECK (severity IN ('page', 'ticket', 'note')),
    opened_at   timestamptz NOT NULL,
    began_at    timestamptz,                           -- the likely time of the change
    last_at     timestamptz,
    resolved_at timestamptz,
    n           integer NOT NULL DEFAULT 0 CHECK (n >= 0),
    bad         integer NOT NULL DEFAULT 0 CHECK (bad >= 0),
    value       double precision,
    usual       double precision,
    blame       text NOT NULL DEFAULT '',
    facts       jsonb NOT NULL DEFAULT '{}',
    acked_at    timestamptz,
    told_at     timestamptz,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX alert_standing ON alert (tenant, rule, key) WHERE resolved_at IS NULL;
CREATE INDEX alert_newest ON alert (tenant, opened_at DESC, id);
SELECT protect('alert', 'SELECT, INSERT, UPDATE, DELETE');

-- What a signal showed in an hour.
CREATE TABLE alert_hour (
    tenant tenant_name NOT NULL,
    signal text COLLATE "C" NOT NULL,
    at     timestamptz NOT NULL,
    n      integer NOT NULL CHECK (n >= 0),
    bad    integer NOT NULL CHECK (bad >= 0),
    bins   jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant, at, signal)
);
SELECT protect('alert_hour', 'SELECT, INSERT, UPDATE, DELETE');

-- One row a tenant. A look that was begun at an earlier version is void: of several workers one counts.
CREATE TABLE alert_watch (
    tenant  tenant_name NOT NULL PRIMARY KEY,
    version bigint NOT NULL,
    at      timestamptz NOT NULL,
    state   jsonb NOT NULL
);
SELECT protect('alert_watch', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE alert_silence (
    tenant     tenant_name NOT NULL,
    id         id_text NOT NULL,
    rule       text COLLATE "C" NOT NULL CHECK (rule <> ''),
    key        text COLLATE "C" NOT NULL DEFAULT '',
    reason     text NOT NULL DEFAULT '' CHECK (length(reason) <= 500),
    created_at timestamptz NOT NULL,
    until      timestamptz NOT NULL,
    PRIMARY KEY (tenant, id)
);
SELECT protect('alert_silence', 'SELECT, INSERT, UPDATE, DELETE');

-- The outbox. The same id is the same message.
CREATE TABLE notice (
    tenant      tenant_name NOT NULL,
    id          id_text NOT NULL,
    channel     text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    payload     jsonb NOT NULL,
    created_at  timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    leased_till timestamptz,
    tries       integer NOT NULL DEFAULT 0,
    sent_at     timestamptz,
    given_up_at timestamptz,
    error       text NOT NULL DEFAULT '' CHECK (length(error) <= 500),
    PRIMARY KEY (tenant, id)
);
CREATE INDEX notice_due ON notice (tenant, due_at) WHERE sent_at IS NULL AND given_up_at IS NULL;
CREATE INDEX notice_newest ON notice (tenant, created_at DESC, id);
SELECT protect('notice', 'SELECT, INSERT, UPDATE, DELETE');
