-- Tolls: how fast and how much a person, a key, a network and a tenant may ask, and how far somebody has walked
-- through the documents. Counters only: no question, no passage and no address is in here.

-- One limit of one payer, as a leaky bucket (GCRA, ITU-T I.371): at `paid_at` all that was charged has flowed off.
-- How much fits in is the configuration's word, not the table's.
CREATE TABLE rate_meter (
    tenant   tenant_name NOT NULL,
    scope    text COLLATE "C" NOT NULL CHECK (scope IN ('key', 'user', 'network', 'tenant')),
    name     id_text NOT NULL,             -- the key's or person's id, the tenant, or a hash of the address
    unit     text COLLATE "C" NOT NULL CHECK (unit IN ('questions', 'tokens')),
    period_s integer NOT NULL CHECK (period_s > 0),
    paid_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant, scope, name, unit, period_s)
) WITH (fillfactor = 50);                  -- updated in place: no index entry is ever made anew
CREATE INDEX rate_meter_name ON rate_meter (tenant, name);
SELECT protect('rate_meter', 'SELECT, INSERT, UPDATE, DELETE');

-- What one person has seen in one window of time, as bitmaps for linear counting (Whang et al. 1990, TODS 15(2)).
CREATE TABLE walk_window (
    tenant   tenant_name NOT NULL,
    name     id_text NOT NULL,             -- the person's id
    period_s integer NOT NULL CHECK (period_s > 0),
    since    timestamptz NOT NULL,         -- a whole number of periods since 1970
    asked    integer NOT NULL DEFAULT 0,
    shapes   bit(1024) NOT NULL,           -- forms of questions, without their words
    seen     bit(8192) NOT NULL,           -- passages that were shown
    told     text[] NOT NULL DEFAULT '{}', -- alarms that were given, each once
    PRIMARY KEY (tenant, name, period_s, since)
) WITH (fillfactor = 50);
SELECT protect('walk_window', 'SELECT, INSERT, UPDATE, DELETE');

-- Charge every meter, or none: `room` is what is left of it then, `wait_s` above 0 says that it is the one that was
-- full, and for how long. Rows are locked in the order of their key by everybody. `charges` are objects of scope,
-- name, unit, period_s, most (what fits in) and amount.
CREATE FUNCTION charge_meters(of_tenant text, charges jsonb)
RETURNS TABLE (n bigint, room double precision, wait_s double precision)
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
#variable_conflict use_column
DECLARE
    moment timestamptz := clock_timestamp();
    over   boolean;
    rows   jsonb;
BEGIN
    WITH wanted AS (
        SELECT w.*, make_interval(secs => least(w.amount, w.most) * w.period_s / w.most) AS step
          FROM jsonb_to_recordset(charges) AS w (n bigint, scope text, name text, unit text, period_s integer,
                                                 most double precision, amount double precision)
    ), grown AS (
        INSERT INTO rate_meter AS m (tenant, scope, name, unit, period_s, paid_at)
        SELECT of_tenant, scope, name, unit, period_s, moment + step FROM wanted ORDER BY 2, 3, 4, 5
            ON CONFLICT (tenant, scope, name, unit, period_s)
            DO UPDATE SET paid_at = greatest(m.paid_at, moment) + (excluded.paid_at - moment)
        RETURNING scope, name, unit, period_s, paid_at
    ), measured AS (
        SELECT w.*, extract(epoch FROM g.paid_at - moment)::double precision - w.period_s AS late_s
          FROM wanted AS w JOIN grown AS g USING (scope, name, unit, period_s)
    )
    SELECT bool_or(late_s > 0.001), jsonb_agg(to_jsonb(measured)) INTO over, rows FROM measured;
    IF over THEN
        UPDATE rate_meter AS m SET paid_at = m.paid_at - w.step
          FROM jsonb_to_recordset(rows) AS w (scope text, name text, unit text, period_s integer, step interval)
         WHERE m.tenant = of_tenant AND m.scope = w.scope AND m.name = w.name AND m.unit = w.unit
           AND m.period_s = w.period_s;
    END IF;
    RETURN QUERY
        SELECT w.n,
               greatest(0, -w.late_s * w.most / w.period_s
                           + CASE WHEN over THEN least(w.amount, w.most) ELSE 0 END),
               CASE WHEN w.late_s > 0.001 THEN w.late_s ELSE 0 END
          FROM jsonb_to_recordset(rows) AS w (n bigint, period_s integer, most double precision,
                                              amount double precision, late_s double precision)
         ORDER BY w.n;
END
$$;
REVOKE EXECUTE ON FUNCTION charge_meters(text, jsonb) FROM PUBLIC;

-- Correct what was charged before the price was known: `debts` are objects as above, amounts of either sign.
CREATE FUNCTION settle_meters(of_tenant text, debts jsonb) RETURNS void
LANGUAGE sql SET search_path FROM CURRENT
AS $$
    INSERT INTO rate_meter AS m (tenant, scope, name, unit, period_s, paid_at)
    SELECT of_tenant, scope, name, unit, period_s,
           statement_timestamp() + make_interval(secs => amount * period_s / most)
      FROM jsonb_to_recordset(debts) AS w (scope text, name text, unit text, period_s integer,
                                           most double precision, amount double precision)
     ORDER BY 2, 3, 4, 5
        ON CONFLICT (tenant, scope, name, unit, period_s)
        DO UPDATE SET paid_at = CASE WHEN excluded.paid_at > statement_timestamp() THEN greatest(m.paid_at, statement_timestamp())
                                     ELSE m.paid_at END + (excluded.paid_at - statement_timestamp());
$$;
REVOKE EXECUTE ON FUNCTION settle_meters(text, jsonb) FROM PUBLIC;

-- Note what was shown: `views` are objects of name, period_s, asked, and the places of `shapes` and `seen`.
CREATE FUNCTION note_walks(of_tenant text, views jsonb) RETURNS void
LANGUAGE sql SET search_path FROM CURRENT
AS $$
    INSERT INTO walk_window AS k (tenant, name, period_s, since, asked, shapes, seen)
    SELECT of_tenant, w.name, w.period_s,
           to_timestamp(floor(extract(epoch FROM clock_timestamp()) / w.period_s) * w.period_s), w.asked,
           coalesce((SELECT bit_or(set_bit(repeat('0', 1024)::bit(1024), p::integer, 1))
                       FROM jsonb_array_elements_text(w.shapes) AS p), repeat('0', 1024)::bit(1024)),
           coalesce((SELECT bit_or(set_bit(repeat('0', 8192)::bit(8192), p::integer, 1))
                       FROM jsonb_array_elements_text(w.seen) AS p), repeat('0', 8192)::bit(8192))
      FROM jsonb_to_recordset(views) AS w (name text, period_s integer, asked integer, shapes jsonb, seen jsonb)
     ORDER BY 2, 3
        ON CONFLICT (tenant, name, period_s, since)
        DO UPDATE SET asked = k.asked + excluded.asked, shapes = k.shapes | excluded.shapes,
                      seen = k.seen | excluded.seen;
$$;
REVOKE EXECUTE ON FUNCTION note_walks(text, jsonb) FROM PUBLIC;
-- How far a person has come in the windows that are open now, one object each.
CREATE FUNCTION open_walks(of_tenant text, of_name text, periods integer[]) RETURNS jsonb
LANGUAGE sql SET search_path FROM CURRENT
AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'period_s', k.period_s, 'asked', k.asked, 'shapes', bit_count(k.shapes), 'seen', bit_count(k.seen),
               'told', k.told, 'left_s', extract(epoch FROM k.since - statement_timestamp()) + k.period_s)), '[]')
      FROM walk_window AS k
     WHERE k.tenant = of_tenant AND k.name = of_name AND k.period_s = ANY (periods)
       AND k.since = to_timestamp(floor(extract(epoch FROM statement_timestamp()) / k.period_s) * k.period_s);
$$;
REVOKE EXECUTE ON FUNCTION open_walks(text, text, integer[]) FROM PUBLIC;

-- All of it for one question, in one journey: settle what is open from those before, charge, and tell how far the
-- person has come. The commit need not reach the disk at once: what is lost with the server is a few counts.
CREATE FUNCTION take_toll(of_tenant text, debts jsonb, views jsonb, charges jsonb, of_name text, periods integer[],
                          OUT rooms jsonb, OUT walks jsonb)
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    IF jsonb_array_length(debts) > 0 THEN
        PERFORM settle_meters(of_tenant, debts);
    END IF;
    IF jsonb_array_length(views) > 0 THEN
        PERFORM note_walks(of_tenant, views);
    END IF;
    IF jsonb_array_length(charges) > 0 THEN
        SELECT jsonb_agg(to_jsonb(c) ORDER BY c.n) INTO rooms FROM charge_meters(of_tenant, charges) AS c;
    END IF;
    IF cardinality(periods) > 0 THEN
        walks := open_walks(of_tenant, of_name, periods);
    END IF;
END
$$;
REVOKE EXECUTE ON FUNCTION take_toll(text, jsonb, jsonb, jsonb, text, integer[]) FROM PUBLIC;
DO $$ BEGIN
    EXECUTE format('GRANT EXECUTE ON FUNCTION charge_meters(text, jsonb), settle_meters(text, jsonb), '
                   'note_walks(text, jsonb), open_walks(text, text, integer[]), '
                   'take_toll(text, jsonb, jsonb, jsonb, text, integer[]) TO %I', service_role());
END $$;
