-- Who may do what, and a record of who did it that cannot be changed unseen.
--
-- The audit log becomes a chain: each row carries the hash of the one before it. Credentials get a kind and scopes,
-- sessions an idle limit, people the groups and roles they have now; failed attempts are counted by network.

-- The audit log as a chain ----------------------------------------------------------------------------------

ALTER TABLE audit ADD COLUMN n bigint, ADD COLUMN previous text COLLATE "C", ADD COLUMN hash text COLLATE "C";

-- What is hashed: a JSON list of strings, so that no two rows look alike; times as RFC 3339 in UTC, microseconds.
-- docs/security/access.md says how to check it without this database.
CREATE FUNCTION audit_hash(one audit) RETURNS text
LANGUAGE sql STABLE
RETURN encode(sha256(convert_to(jsonb_build_array(
    one.previous, one.tenant, one.n::text,
    to_char(one.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    one.actor, one.action, one.subject, one.detail::text)::text, 'UTF8')), 'hex');

-- The only way to write into it. One writer a tenant at a time; call it last, for the lock is held to the end.
CREATE FUNCTION audit_append(actor text, action text, subject text, detail jsonb) RETURNS audit
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    here tenant_name := current_setting('answerable.tenant');  -- the domain refuses the unset one
    one  audit;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('answerable.audit.' || current_schema() || '.' || here, 0));
    SELECT a.n, a.hash INTO one.n, one.previous FROM audit AS a WHERE a.tenant = here ORDER BY a.n DESC LIMIT 1;
    one.tenant := here;
    one.n := coalesce(one.n, 0) + 1;
    one.previous := coalesce(one.previous, repeat('0', 64));
    one.created_at := clock_timestamp();
    one.actor := audit_append.actor;
    one.action := audit_append.action;
    one.subject := audit_append.subject;
    one.detail := coalesce(audit_append.detail, '{}');
    INSERT INTO audit (tenant, n, previous, created_at, actor, action, subject, detail, hash)
    VALUES (one.tenant, one.n, one.previous, one.created_at, one.actor, one.action, one.subject, one.detail,
            audit_hash(one))
    RETURNING * INTO one;
    RETURN one;
END
$$;
REVOKE EXECUTE ON FUNCTION audit_append(text, text, text, jsonb) FROM PUBLIC;

-- What was written before there was a chain becomes its beginning.
SET LOCAL answerable.maintenance = 'on';
DO $$
DECLARE
    one  audit;
    last audit;
BEGIN
    FOR one IN SELECT * FROM audit ORDER BY tenant, id LOOP
        IF last.tenant IS DISTINCT FROM one.tenant THEN
            last := NULL;
        END IF;
        one.n := coalesce(last.n, 0) + 1;
        one.previous := coalesce(last.hash, repeat('0', 64));
        one.hash := audit_hash(one);
        UPDATE audit SET n = one.n, previous = one.previous, hash = one.hash WHERE tenant = one.tenant AND id = one.id;
        last := one;
    END LOOP;
END
$$;
SET LOCAL answerable.maintenance = 'off';

ALTER TABLE audit ALTER COLUMN n SET NOT NULL, ALTER COLUMN previous SET NOT NULL, ALTER COLUMN hash SET NOT NULL;
CREATE UNIQUE INDEX audit_chain ON audit (tenant, n);
DO $$
BEGIN
    EXECUTE format('REVOKE INSERT ON audit FROM %I', service_role());
    EXECUTE format('GRANT EXECUTE ON FUNCTION audit_append(text, text, text, jsonb) TO %I', service_role());
END
$$;


-- Credentials -----------------------------------------------------------------------------------------------

-- api: a program's, in the Authorization header. session: a browser's, in the cookie. once: a sign-in link.
ALTER TABLE api_token ADD COLUMN kind text NOT NULL DEFAULT 'api' CHECK (kind IN ('api', 'session', 'once')),
    ADD COLUMN scopes  text[] NOT NULL DEFAULT '{}',   -- what it is good for; none: all that the roles allow
    ADD COLUMN idle_s  double precision,               -- unused for so long, it is dead
    ADD COLUMN seen_at timestamptz,                    -- of one with an idle limit, to about a minute
    ADD COLUMN made_by text NOT NULL DEFAULT '';       -- how its person showed who they are: link, header, oidc
SET LOCAL answerable.maintenance = 'on';
UPDATE api_token SET kind = CASE WHEN once THEN 'once' WHEN label = 'browser session' THEN 'session' ELSE 'api' END;
SET LOCAL answerable.maintenance = 'off';
ALTER TABLE api_token DROP COLUMN once;
CREATE INDEX api_token_person ON api_token (tenant, principal_id);

-- What a person may now. A credential gives what both it and its person have, so that taking a group from somebody
-- takes it from every credential at once. NULL: whatever the credential says.
ALTER TABLE principal ADD COLUMN roles text[], ADD COLUMN groups text[];


-- Failed attempts -------------------------------------------------------------------------------------------

-- By the minute and whoever failed: network:…, token:…, person:…. Kept for an hour.
CREATE TABLE failed_attempt (
    tenant tenant_name NOT NULL,
    who    text COLLATE "C" NOT NULL CHECK (length(who) <= 200),
    minute timestamptz NOT NULL,
    count  integer NOT NULL,
    PRIMARY KEY (tenant, who, minute)
);
SELECT protect('failed_attempt', 'SELECT, INSERT, UPDATE, DELETE');
