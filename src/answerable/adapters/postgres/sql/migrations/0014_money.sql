-- Money: what may be spent and what is held for it, and the book of every call of a model.

-- One budget in one of its periods. How much may be spent is the configuration's word, not the table's.
CREATE TABLE budget_period (
    tenant tenant_name NOT NULL,
    scope  text COLLATE "C" NOT NULL CHECK (scope IN ('key', 'daily', 'monthly')),
    name   text COLLATE "C" NOT NULL,      -- the key's id, or the tenant
    period date NOT NULL,                  -- the day, or the first of the month (UTC)
    spent  numeric NOT NULL DEFAULT 0,
    held   numeric NOT NULL DEFAULT 0,     -- for calls under way; with those whose process is gone
    warned boolean NOT NULL DEFAULT false, -- the soft limit was crossed and said so
    PRIMARY KEY (tenant, scope, name, period)
);
SELECT protect('budget_period', 'SELECT, INSERT, UPDATE');

-- Money held for one call, until it is settled.
CREATE TABLE budget_hold (
    tenant  tenant_name NOT NULL,
    id      id_text NOT NULL,
    amount  numeric NOT NULL CHECK (amount >= 0),
    scopes  text[] NOT NULL,
    names   text[] NOT NULL,
    periods date[] NOT NULL,
    until   timestamptz NOT NULL,          -- from then on it counts as spent
    PRIMARY KEY (tenant, id)
);
SELECT protect('budget_hold', 'SELECT, INSERT, DELETE');

-- Hold an amount against several budgets, or none of it: the first that is full is `refused`. Rows are locked in the
-- order of their key by everybody, so two calls never wait for one another. `crossed` are the scopes whose soft limit
-- this is the first to reach.
CREATE FUNCTION hold_budget(
    of_tenant text, hold text, wanted numeric, scopes text[], names text[], periods date[], amounts numeric[],
    softs numeric[], seconds double precision,
    OUT refused text, OUT spent numeric, OUT held numeric, OUT crossed text[]
)
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO budget_period (tenant, scope, name, period)
    SELECT of_tenant, w.scope, w.name, w.period FROM unnest(scopes, names, periods) AS w (scope, name, period)
     ORDER BY 2, 3, 4
        ON CONFLICT DO NOTHING;
    PERFORM FROM budget_period b JOIN unnest(scopes, names, periods) AS w (scope, name, period)
            ON b.tenant = of_tenant AND b.scope = w.scope AND b.name = w.name AND b.period = w.period
      ORDER BY b.scope, b.name, b.period
        FOR UPDATE OF b;
    SELECT b.scope, b.spent, b.held INTO refused, hold_budget.spent, hold_budget.held
      FROM unnest(scopes, names, periods, amounts) AS w (scope, name, period, amount)
      JOIN budget_period b
        ON b.tenant = of_tenant AND b.scope = w.scope AND b.name = w.name AND b.period = w.period
     WHERE b.spent + b.held + wanted > w.amount
     ORDER BY w.amount - b.spent - b.held
     LIMIT 1;
    IF refused IS NOT NULL THEN
        RETURN;
    END IF;
    WITH grown AS (
        UPDATE budget_period b
           SET held = b.held + wanted, warned = b.warned OR coalesce(b.spent + b.held + wanted >= w.soft, false)
          FROM unnest(scopes, names, periods, softs) AS w (scope, name, period, soft),
               budget_period before
         WHERE b.tenant = of_tenant AND b.scope = w.scope AND b.name = w.name AND b.period = w.period
           AND before.tenant = b.tenant AND before.scope = b.scope AND before.name = b.name
           AND before.period = b.period
        RETURNING b.scope, b.warned AND NOT before.warned AS first
    )
    SELECT coalesce(array_agg(scope ORDER BY scope) FILTER (WHERE first), '{}') INTO crossed FROM grown;
    INSERT INTO budget_hold (tenant, id, amount, scopes, names, periods, until)
    VALUES (of_tenant, hold, wanted, scopes, names, periods, now() + make_interval(secs => seconds));
END
$$;

-- Write what a call did cost in place of what was held for it; once, however often it is said, and however late.
CREATE FUNCTION settle_budget(of_tenant text, hold text, cost numeric) RETURNS boolean
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    was budget_hold;
BEGIN
    DELETE FROM budget_hold h WHERE h.tenant = of_tenant AND h.id = hold RETURNING * INTO was;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM FROM budget_period b JOIN unnest(was.scopes, was.names, was.periods) AS w (scope, name, period)
            ON b.tenant = of_tenant AND b.scope = w.scope AND b.name = w.name AND b.period = w.period
      ORDER BY b.scope, b.name, b.period
        FOR UPDATE OF b;
    UPDATE budget_period b
       SET held = b.held - was.amount, spent = b.spent + cost
      FROM unnest(was.scopes, was.names, was.periods) AS w (scope, name, period)
     WHERE b.tenant = of_tenant AND b.scope = w.scope AND b.name = w.name AND b.period = w.period;
    RETURN true;
END
$$;

REVOKE EXECUTE ON FUNCTION hold_budget(text, text, numeric, text[], text[], date[], numeric[], numeric[], double precision)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION settle_budget(text, text, numeric) FROM PUBLIC;
DO $$
BEGIN
    EXECUTE format('GRANT EXECUTE ON FUNCTION hold_budget(text, text, numeric, text[], text[], date[], numeric[], '
                   'numeric[], double precision) TO %I', service_role());
    EXECUTE format('GRANT EXECUTE ON FUNCTION settle_budget(text, text, numeric) TO %I', service_role());
END
$$;

-- Every try at a provider, and every hit of the cache. Append-only; no text of anybody.
CREATE TABLE model_call (
    tenant         tenant_name NOT NULL,
    id             id_text NOT NULL,
    at             timestamptz NOT NULL,
    use            text NOT NULL,
    outcome        text NOT NULL CHECK (outcome IN ('ok', 'transient', 'permanent', 'cancelled', 'hit')),
    provider       text NOT NULL,
    endpoint       text NOT NULL,
    model          text NOT NULL,          -- as asked for
    reported       text NOT NULL,
    fingerprint    text NOT NULL,
    principal      text NOT NULL,
    key            text NOT NULL,
    trace_id       text NOT NULL,
    question       text NOT NULL,          -- a hash: equal where a cache could have answered
    prompt_id      text NOT NULL,
    prompt_version text NOT NULL,
    prompt_sha256  text NOT NULL,
    status         integer,
    duration_ms    double precision NOT NULL,
    first_text_ms  double precision,
    input          integer,                -- tokens; empty: nothing was used
    cached         integer,
    written        integer,
    output         integer,
    searches       integer,
    estimated      boolean NOT NULL,
    cost           numeric,                -- empty where the model has no price
    saved          numeric,                -- of a hit: what the reply had cost
    currency       text NOT NULL,
    price_table    text NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX model_call_at ON model_call (tenant, at);
SELECT protect('model_call', 'SELECT, INSERT');
CREATE TRIGGER keep_history BEFORE UPDATE OR DELETE ON model_call FOR EACH ROW EXECUTE FUNCTION keep_history();
CREATE TRIGGER keep_history_whole BEFORE TRUNCATE ON model_call FOR EACH STATEMENT EXECUTE FUNCTION keep_history();
