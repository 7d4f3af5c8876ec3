-- Forgetting a person over every table, and what is older than it may be. Both are the owner's work: the service may
-- not change what was written down otherwise. Each stays inside of the tenant that the transaction is for.

-- How many rows were deleted or lost the person, by table. The same again finds nothing.
CREATE FUNCTION forget_person(person text, pseudonym text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
#variable_conflict use_column
DECLARE
    here    tenant_name := current_setting('answerable.tenant');  -- the domain refuses the unset one
    told    jsonb := '{}';
    traces  text[];
    answers text[];
    tokens  text[];
    asked   text[];
    n       bigint;
BEGIN
    PERFORM set_config('answerable.maintenance', 'on', true);  -- here: a plain owner cannot restore it as a SET
    IF coalesce(person, '') = '' OR coalesce(pseudonym, '') = '' THEN
        RAISE EXCEPTION 'nobody is named' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    traces := ARRAY (SELECT t.id FROM trace AS t WHERE t.tenant = here AND t.principal_id = person
                     UNION SELECT a.trace_id FROM answer AS a WHERE a.tenant = here AND a.principal_id = person);
    answers := ARRAY (SELECT a.id FROM answer AS a WHERE a.tenant = here AND a.principal_id = person
                      UNION SELECT t.answer_id FROM trace AS t WHERE t.tenant = here AND t.principal_id = person);
    tokens := ARRAY (SELECT k.id FROM api_token AS k WHERE k.tenant = here AND k.principal_id = person);
    asked := ARRAY (SELECT DISTINCT c.question FROM model_call AS c
                     WHERE c.tenant = here AND c.principal = person AND c.question <> '');

    DELETE FROM reply AS r WHERE r.tenant = here AND r.question = ANY (asked);
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('reply', n);
    DELETE FROM step AS s WHERE s.tenant = here AND s.trace_id = ANY (traces);
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('step', n);
    DELETE FROM trace AS t WHERE t.tenant = here AND t.principal_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('trace', n);
    DELETE FROM feedback AS f WHERE f.tenant = here AND (f.principal_id = person OR f.answer_id = ANY (answers));
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('feedback', n);
    DELETE FROM answer_fact AS f WHERE f.tenant = here AND f.principal_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('answer_fact', n);
    DELETE FROM answer AS a WHERE a.tenant = here AND a.principal_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('answer', n);
    DELETE FROM turn AS u USING conversation AS c
     WHERE u.tenant = here AND c.tenant = here AND c.id = u.conversation AND c.principal_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('turn', n);
    DELETE FROM conversation AS c WHERE c.tenant = here AND c.principal_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('conversation', n);

    -- A judgment of their answers stays with its verdict; what its reader wrote may quote them.
    UPDATE review_reading AS r SET reason = '', correction = '', comment = ''
      FROM review_item AS i
     WHERE r.tenant = here AND i.tenant = here AND i.id = r.item AND i.answer_id = ANY (answers)
       AND (r.reason, r.correction, r.comment) <> ('', '', '');
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('review_reading', n);
    UPDATE review_reading AS r SET reader = pseudonym WHERE r.tenant = here AND r.reader = person;
    GET DIAGNOSTICS n = ROW_COUNT;
    told := told || jsonb_build_object('review_reading', n + (told ->> 'review_reading')::bigint);
    UPDATE review_item AS i SET topic = '', seats = array_replace(i.seats, person, pseudonym)
     WHERE i.tenant = here AND ((i.answer_id = ANY (answers) AND i.topic <> '') OR person = ANY (i.seats));
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('review_item', n);
    DELETE FROM review_hold AS h WHERE h.tenant = here AND h.reader = person;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('review_hold', n);

    -- What was paid stays; for whom and for what question does not.
    UPDATE model_call AS c SET principal = '', key = '', trace_id = '', question = ''
     WHERE c.tenant = here AND c.principal = person;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('model_call', n);
    DELETE FROM happening AS h
     WHERE h.tenant = here AND (h.props ->> 'principal' = person OR (h.trace <> '' AND h.trace = ANY (traces)));
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('happening', n);
    UPDATE happening AS h
       SET props = (SELECT jsonb_object_agg(p.key, CASE WHEN p.value = to_jsonb(person) THEN to_jsonb(pseudonym)
                                                        ELSE p.value END) FROM jsonb_each(h.props) AS p)
     WHERE h.tenant = here AND EXISTS (SELECT FROM jsonb_each(h.props) AS p WHERE p.value = to_jsonb(person));
    GET DIAGNOSTICS n = ROW_COUNT;
    told := told || jsonb_build_object('happening', n + (told ->> 'happening')::bigint);

    DELETE FROM rate_meter AS m WHERE m.tenant = here
       AND ((m.scope = 'user' AND m.name = person) OR (m.scope = 'key' AND m.name = ANY (tokens)));
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('rate_meter', n);
    DELETE FROM walk_window AS w WHERE w.tenant = here AND w.name = person;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('walk_window', n);
    DELETE FROM failed_attempt AS f WHERE f.tenant = here
       AND (f.who = 'person:' || person OR f.who = ANY (SELECT 'token:' || t FROM unnest(tokens) AS t));
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('failed_attempt', n);

    UPDATE quarantine AS q SET decided_by = pseudonym WHERE q.tenant = here AND q.decided_by = person;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('quarantine', n);
    UPDATE conflict AS c SET decided_by = pseudonym WHERE c.decided_by = person
       AND split_part(c.tenant, '#', 1) = here;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('conflict', n);
    UPDATE incident AS i SET opened_by = CASE i.opened_by WHEN person THEN pseudonym ELSE i.opened_by END,
                             closed_by = CASE i.closed_by WHEN person THEN pseudonym ELSE i.closed_by END,
                             question = CASE WHEN i.value = ANY (answers) THEN '' ELSE i.question END
     WHERE i.tenant = here
       AND (person IN (i.opened_by, i.closed_by) OR (i.value = ANY (answers) AND i.question <> ''));
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('incident', n);

    DELETE FROM api_token AS k WHERE k.tenant = here AND k.principal_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('api_token', n);
    DELETE FROM principal AS p WHERE p.tenant = here AND p.id = person;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('principal', n);
    PERFORM set_config('answerable.maintenance', '', true);
    RETURN told;
END
$$;
REVOKE EXECUTE ON FUNCTION forget_person(text, text) FROM PUBLIC;

-- Delete what is older; NULL: never. Conversations go with their last turn.
CREATE FUNCTION purge_old(messages_s double precision, traces_s double precision, events_s double precision)
RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    here     tenant_name := current_setting('answerable.tenant');
    messages timestamptz := now() - make_interval(secs => messages_s);
    traced   timestamptz := now() - make_interval(secs => least(traces_s, messages_s));
    events   timestamptz := now() - make_interval(secs => events_s);
    told     jsonb := '{}';
    n        bigint;
BEGIN
    PERFORM set_config('answerable.maintenance', 'on', true);  -- here: a plain owner cannot restore it as a SET
    DELETE FROM step AS s WHERE s.tenant = here AND s.started_at < traced;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('step', n);
    DELETE FROM trace AS t WHERE t.tenant = here AND t.started_at < traced;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('trace', n);
    DELETE FROM answer AS a WHERE a.tenant = here AND a.created_at < messages;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('answer', n);
    DELETE FROM turn AS u WHERE u.tenant = here AND u.created_at < messages;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('turn', n);
    DELETE FROM conversation AS c WHERE c.tenant = here AND c.created_at < messages
       AND NOT EXISTS (SELECT FROM turn AS u WHERE u.tenant = here AND u.conversation = c.id);
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('conversation', n);
    DELETE FROM judgment AS j WHERE j.tenant = here AND j.stored_at < messages;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('judgment', n);
    DELETE FROM happening AS h WHERE h.tenant = here AND h.at < events;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('happening', n);
    DELETE FROM model_call AS c WHERE c.tenant = here AND c.at < events;
    GET DIAGNOSTICS n = ROW_COUNT; told := told || jsonb_build_object('model_call', n);
    PERFORM set_config('answerable.maintenance', '', true);
    RETURN told;
END
$$;
REVOKE EXECUTE ON FUNCTION purge_old(double precision, double precision, double precision) FROM PUBLIC;
DO $$ BEGIN
    EXECUTE format('GRANT EXECUTE ON FUNCTION forget_person(text, text), '
                   'purge_old(double precision, double precision, double precision) TO %I', service_role());
END $$;
