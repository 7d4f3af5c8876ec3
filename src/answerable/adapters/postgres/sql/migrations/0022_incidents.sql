-- What is out of use until somebody closes it, and documents that no query of the service finds meanwhile.

CREATE TABLE incident (
    tenant    tenant_name NOT NULL,
    id        id_text NOT NULL,
    kind      text COLLATE "C" NOT NULL CHECK (kind IN ('topic', 'doc', 'answer')),
    value     text COLLATE "C" NOT NULL CHECK (value <> '' AND length(value) <= 2000),
    question  text NOT NULL DEFAULT '',     -- of a blocked answer, as it was asked
    reason    text NOT NULL DEFAULT '',
    message   jsonb NOT NULL DEFAULT '{}',  -- language → what people read; '' for any other
    opened_at timestamptz NOT NULL DEFAULT now(),
    opened_by text NOT NULL,
    closed_at timestamptz,
    closed_by text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX incident_standing ON incident (tenant, kind, value) WHERE closed_at IS NULL;
SELECT protect('incident', 'SELECT, INSERT, UPDATE');
-- A query on an index carries the index's name as its tenant: it sees the incidents of the tenant whose index it is.
CREATE POLICY of_index ON incident FOR SELECT
    USING (tenant = split_part(current_setting('answerable.tenant', true), '#', 1));

-- As it was, and without documents that an incident stands for: the list is read once a query. A transaction that
-- sets answerable.incidents to 'shown' sees them: who purges a document must find it.
CREATE OR REPLACE FUNCTION readable(groups text[], statuses text[], sources text[], languages text[], documents text[],
                                    wanted jsonb) RETURNS SETOF document
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.*
      FROM document AS d
     WHERE d.tenant = current_setting('answerable.tenant', true)
       AND d.acl && groups
       AND (statuses = '{}' OR d.status = ANY (statuses))
       AND (sources = '{}' OR d.source = ANY (sources))
       AND (languages = '{}' OR d.language = ANY (languages))
       AND (documents = '{}' OR d.id = ANY (documents))
       AND (wanted = '{}' OR d.meta @> wanted)
       AND d.id <> ALL (ARRAY (
           SELECT i.value FROM incident AS i
            WHERE i.tenant = split_part(current_setting('answerable.tenant', true), '#', 1)
              AND i.kind = 'doc' AND i.closed_at IS NULL
              AND current_setting('answerable.incidents', true) IS DISTINCT FROM 'shown'));
END;
