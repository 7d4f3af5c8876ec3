-- What drift is told from: sums by block of six hours, without anybody in them; and the topics that questions have.

-- One signal of one slice of the answers in one block. A person's answers of a block are one unit with a weight, so
-- that the spread of a share can be told where some ask much: the sums over persons of answers squared, of answers
-- times values, and of values squared.
CREATE TABLE drift_cell (
    tenant    tenant_name NOT NULL,
    block     timestamptz NOT NULL,                -- its beginning; 00, 06, 12 or 18 o'clock UTC
    dimension text COLLATE "C" NOT NULL,           -- language, topic, prompt, model, index ...; empty: all answers
    value     text COLLATE "C" NOT NULL,
    signal    text COLLATE "C" NOT NULL,
    n         bigint NOT NULL CHECK (n > 0),       -- answers that have a value
    persons   bigint NOT NULL,
    total     double precision NOT NULL,           -- of the values
    nn        double precision NOT NULL,
    nx        double precision NOT NULL,
    xx        double precision NOT NULL,
    PRIMARY KEY (tenant, block, dimension, value, signal)
);
SELECT protect('drift_cell', 'SELECT, INSERT, UPDATE, DELETE');

-- What people ask about, as one clustering found it: centers, and names of words that several persons used.
CREATE TABLE topic_set (
    tenant  tenant_name NOT NULL,
    version id_text NOT NULL,                      -- of its content
    made_at timestamptz NOT NULL,
    model   text COLLATE "C" NOT NULL,             -- the space of its vectors
    topics  jsonb NOT NULL,
    PRIMARY KEY (tenant, version)
);
CREATE INDEX topic_set_made ON topic_set (tenant, made_at);
SELECT protect('topic_set', 'SELECT, INSERT, DELETE');
