-- What can be counted of an answer, as columns and without a word of it: a month of answers is summed in a moment.
--
-- A row is made by the database as the answer is written, whichever process writes it, and goes with the answer.
CREATE TABLE answer_fact (
    tenant         tenant_name NOT NULL,
    answer_id      id_text NOT NULL,
    trace_id       id_text NOT NULL,
    at             timestamptz NOT NULL,
    principal_id   id_text NOT NULL,
    conversation   id_text,
    outcome        text NOT NULL,
    language       text NOT NULL,
    prompt_id      text NOT NULL,          -- that answers were made with then, asked or not; empty: nothing tells
    prompt_version text NOT NULL,
    prompt_sha256  text NOT NULL,          -- the whole, or its first 12 digits where no model was asked
    rollout        text NOT NULL,          -- the arm of a rollout: stable, candidate; empty: there was none
    model          text NOT NULL,
    cache          text NOT NULL,
    degraded       boolean NOT NULL,
    total_ms       double precision,
    first_text_ms  double precision,       -- empty: nothing was streamed
    supported      integer NOT NULL,       -- statements of facts that were shown
    unsupported    integer NOT NULL,
    withheld       integer,                -- sentences that were not shown; empty: its trace was gone
    PRIMARY KEY (tenant, answer_id),
    FOREIGN KEY (tenant, answer_id) REFERENCES answer (tenant, id) ON DELETE CASCADE
);
CREATE INDEX answer_fact_at ON answer_fact (tenant, at);
SELECT protect('answer_fact', 'SELECT, INSERT, DELETE');

-- The facts of one answer. `prompt` is as in the trace's setup: id@version, a blank, digits of its hash.
CREATE FUNCTION keep_fact(one answer) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    told   jsonb;                          -- what its trace says besides; empty: it is gone
    setup  text;
    prompt jsonb := nullif(one.record -> 'prompt', 'null');
    arm    jsonb;
    claims jsonb := coalesce(one.record -> 'claims', '[]');
BEGIN
    SELECT jsonb_build_object('setup', w.detail #> '{setup,prompt}', 'rollouts', w.detail -> 'rollouts',
                              'withheld', jsonb_array_length(coalesce(w.detail -> 'withheld', '[]')))
      INTO told
      FROM trace AS w WHERE w.tenant = one.tenant AND w.id = one.trace_id AND w.started_at = one.created_at;
    setup := coalesce(told ->> 'setup', '');
    arm := jsonb_path_query_first(coalesce(told -> 'rollouts', '[]'), '$[*] ? (@.prompt == $id)',
               jsonb_build_object('id', coalesce(prompt ->> 'id', split_part(setup, '@', 1))));
    INSERT INTO answer_fact VALUES (
        one.tenant, one.id, one.trace_id, one.created_at, one.principal_id, one.conversation, one.outcome, one.language,
        coalesce(prompt ->> 'id', split_part(setup, '@', 1)),
        coalesce(prompt ->> 'version', arm ->> 'version', split_part(split_part(setup, ' ', 1), '@', 2)),
        coalesce(prompt ->> 'sha256', arm ->> 'sha256', split_part(setup, ' ', 2)),
        coalesce(prompt ->> 'rollout', arm ->> 'name', ''),
        coalesce(one.record ->> 'model', ''),
        coalesce(nullif(one.record ->> 'cache', 'none'), ''),
        coalesce(jsonb_array_length(one.record -> 'degraded'), 0) > 0,
        (one.record #>> '{timing_ms,total}')::double precision,
        (one.record #>> '{timing_ms,first_text}')::double precision,
        jsonb_array_length(jsonb_path_query_array(claims, '$[*] ? (@.kind == "fact" && @.support == "supported")')),
        jsonb_array_length(jsonb_path_query_array(claims, '$[*] ? (@.kind == "fact" && @.support == "unsupported")')),
        (told ->> 'withheld')::integer)
        ON CONFLICT DO NOTHING;
END
$$;
REVOKE EXECUTE ON FUNCTION keep_fact(answer) FROM PUBLIC;
DO $$ BEGIN EXECUTE format('GRANT EXECUTE ON FUNCTION keep_fact(answer) TO %I', service_role()); END $$;

CREATE FUNCTION keep_fact_of_answer() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    PERFORM keep_fact(NEW);
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION keep_fact_of_answer() FROM PUBLIC;
CREATE TRIGGER keep_fact AFTER INSERT ON answer FOR EACH ROW EXECUTE FUNCTION keep_fact_of_answer();

SET LOCAL answerable.maintenance = 'on';
DO $$ BEGIN PERFORM keep_fact(a) FROM answer AS a; END $$;
SET LOCAL answerable.maintenance = 'off';
