-- The log is read in order of time, and its key is in that order. It is append-only for the service: what is too
-- old, and what is a person's, goes through functions that stay inside of the tenant of the transaction.

ALTER TABLE event DROP CONSTRAINT event_pkey;
ALTER TABLE event ADD PRIMARY KEY (tenant, at, id);
DO $$ BEGIN
    EXECUTE format('REVOKE DELETE ON event FROM %I', service_role());
END $$;

-- Keys that make pseudonyms of persons, each for its time. Without its key a pseudonym says nothing.
CREATE TABLE person_key (
    tenant tenant_name NOT NULL,
    starts timestamptz NOT NULL,
    ends   timestamptz NOT NULL CHECK (ends > starts),
    secret bytea NOT NULL CHECK (length(secret) = 32),
    PRIMARY KEY (tenant, starts)
);
SELECT protect('person_key', 'SELECT, INSERT, DELETE');

-- What the log has of a person, by their pseudonyms and by their answers, before those are gone. Rows by table.
CREATE FUNCTION forget_events(person text, pseudonyms bytea[]) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
#variable_conflict use_column
DECLARE
    here  tenant_name := current_setting('answerable.tenant');  -- the domain refuses the unset one
    told  jsonb := '{}';
    theirs text[];
    n     bigint;
BEGIN
    PERFORM set_config('answerable.maintenance', 'on', true);
    theirs := ARRAY (SELECT a.id FROM answer AS a WHERE a.tenant = here AND a.principal_id = person
                     UNION SELECT t.answer_id FROM trace AS t WHERE t.tenant = here AND t.principal_id = person);
    DELETE FROM event AS e
     WHERE e.tenant = here AND (e.person = ANY (pseudonyms) OR (e.answer <> '' AND e.answer = ANY (theirs)));
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('event', n);
    DELETE FROM task AS t WHERE t.tenant = here AND (t.person = ANY (pseudonyms) OR t.answers && theirs);
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('task', n);
    PERFORM set_config('answerable.maintenance', '', true);
    RETURN told;
END
$$;
REVOKE EXECUTE ON FUNCTION forget_events(text, bytea[]) FROM PUBLIC;

-- Delete what is older; NULL: never. `personal`: the names that are kept as long as persons_s only, as tasks keep
-- their person and answers; `links`: the name of what ties two pseudonyms, which goes after links_s.
CREATE FUNCTION purge_events(personal text[], links text, persons_s double precision, links_s double precision,
                             events_s double precision) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    here    tenant_name := current_setting('answerable.tenant');
    persons timestamptz := now() - make_interval(secs => least(persons_s, events_s));
    linked  timestamptz := now() - make_interval(secs => links_s);
    events  timestamptz := now() - make_interval(secs => events_s);
    told    jsonb := '{}';
    n       bigint;
BEGIN
    PERFORM set_config('answerable.maintenance', 'on', true);
    DELETE FROM event AS e
     WHERE e.tenant = here AND e.at < greatest(persons, linked, events)
       AND (e.at < events OR (e.at < persons AND e.name = ANY (personal)) OR (e.at < linked AND e.name = links));
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('event', n);
    DELETE FROM task AS t WHERE t.tenant = here AND t.last_at < events;
    GET DIAGNOSTICS n = ROW_COUNT;
    UPDATE task AS t SET person = NULL, conversation = '', answers = '{}'
     WHERE t.tenant = here AND t.last_at < persons AND (t.person IS NOT NULL OR t.answers <> '{}');
    told := told || jsonb_build_object('task', n);
    PERFORM set_config('answerable.maintenance', '', true);
    RETURN told;
END
$$;
REVOKE EXECUTE ON FUNCTION purge_events(text[], text, double precision, double precision, double precision)
    FROM PUBLIC;

-- Days of the log that nothing is left of, for any tenant, are dropped; how many were. A day that somebody reads
-- just now stays until the next time: nobody waits.
CREATE FUNCTION drop_empty_days() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    part    text;
    left_in boolean;
    dropped integer := 0;
BEGIN
    PERFORM set_config('answerable.maintenance', 'on', true);
    PERFORM set_config('lock_timeout', '100ms', true);
    FOR part IN SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
                 WHERE i.inhparent = 'event'::regclass AND c.relname ~ '^event_[0-9]{8}$'
                   AND c.relname < 'event_' || to_char((now() - interval '7 days') AT TIME ZONE 'UTC', 'YYYYMMDD')
    LOOP
        BEGIN
            EXECUTE format('SELECT EXISTS (SELECT FROM %I)', part) INTO left_in;
            CONTINUE WHEN left_in;
            EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', part);
            EXECUTE format('SELECT EXISTS (SELECT FROM %I)', part) INTO left_in;
            CONTINUE WHEN left_in;
            EXECUTE format('DROP TABLE %I', part);
            dropped := dropped + 1;
        EXCEPTION WHEN lock_not_available THEN
            NULL;
        END;
    END LOOP;
    PERFORM set_config('answerable.maintenance', '', true);
    RETURN dropped;
END
$$;
REVOKE EXECUTE ON FUNCTION drop_empty_days() FROM PUBLIC;
DO $$ BEGIN
    EXECUTE format('GRANT EXECUTE ON FUNCTION forget_events(text, bytea[]), purge_events(text[], text, '
                   'double precision, double precision, double precision), drop_empty_days() TO %I',
                   service_role());
END $$;
