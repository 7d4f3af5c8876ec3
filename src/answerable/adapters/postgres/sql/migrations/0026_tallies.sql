-- Events and closed tasks, counted by day and by what parts them: a month of them is summed in a moment.
--
-- A day is counted anew when something of it arrives, however late (tally_touched says which), so a tally is what
-- the raw rows say. Only days whose raw rows may be gone by age stay as they were counted last.

-- What parts a count. The id is made of the content.
CREATE TABLE tally_cell (
    tenant         tenant_name NOT NULL,
    id             uuid NOT NULL,
    prompt_id      text COLLATE "C" NOT NULL,
    prompt_version text COLLATE "C" NOT NULL,
    model          text COLLATE "C" NOT NULL,
    rollout        text COLLATE "C" NOT NULL,
    language       text COLLATE "C" NOT NULL,
    channel        text COLLATE "C" NOT NULL,
    topic          text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
);
SELECT protect('tally_cell', 'SELECT, INSERT, DELETE');

CREATE TABLE tally (
    tenant  tenant_name NOT NULL,
    counter text COLLATE "C" NOT NULL,        -- what is counted, as queries_tallies.sql names it
    day     date NOT NULL,                    -- in UTC; of a cohort the first of its week
    cell    uuid NOT NULL,
    bin     smallint NOT NULL,                -- of a size, 5 % wide: floor(ln(x) / ln(1.05)); else 0
    kind    text COLLATE "C" NOT NULL CHECK (kind IN ('task', 'event', 'cohort')),
    n       bigint NOT NULL,
    total   double precision NOT NULL,        -- sum of what was counted; 0 where only its number matters
    PRIMARY KEY (tenant, counter, day, cell, bin)
);
CREATE INDEX tally_of_day ON tally (tenant, day, kind);
SELECT protect('tally', 'SELECT, INSERT, DELETE');

-- Of whom a cell is: the five smallest hashes, so that "fewer than five persons" is exact over any days.
CREATE TABLE tally_person (
    tenant  tenant_name NOT NULL,
    kind    text COLLATE "C" NOT NULL CHECK (kind IN ('task', 'event')),
    day     date NOT NULL,
    cell    uuid NOT NULL,
    persons bytea[] NOT NULL,
    known   smallint NOT NULL,                -- how many there were when it was counted, at most 5
    PRIMARY KEY (tenant, kind, day, cell)
);
SELECT protect('tally_person', 'SELECT, INSERT, UPDATE, DELETE');

-- Days of which something came or changed. Rows are only added and taken away: whoever counts a day takes the marks
-- that it sees first and reads the raw rows then, so what is written meanwhile leaves a mark that stays.
CREATE TABLE tally_touched (
    tenant tenant_name NOT NULL,
    id     bigint GENERATED ALWAYS AS IDENTITY,
    kind   text COLLATE "C" NOT NULL CHECK (kind IN ('task', 'event')),
    day    date NOT NULL,
    PRIMARY KEY (tenant, id)
);
SELECT protect('tally_touched', 'SELECT, INSERT, DELETE');

-- Reviews find their task by it.
CREATE INDEX task_conversation ON task (tenant, conversation);

CREATE FUNCTION touch_event_days() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    INSERT INTO tally_touched (tenant, kind, day)
    SELECT DISTINCT tenant, 'event', (at AT TIME ZONE 'UTC')::date FROM new_rows;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION touch_event_days() FROM PUBLIC;

CREATE FUNCTION touch_task_days() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    INSERT INTO tally_touched (tenant, kind, day)
    SELECT DISTINCT tenant, 'task', (closed_at AT TIME ZONE 'UTC')::date FROM new_rows WHERE closed_at IS NOT NULL;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION touch_task_days() FROM PUBLIC;

CREATE FUNCTION touch_changed_task_days() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    INSERT INTO tally_touched (tenant, kind, day)
    SELECT DISTINCT tenant, 'task', (closed_at AT TIME ZONE 'UTC')::date
      FROM ((TABLE old_rows EXCEPT TABLE new_rows) UNION ALL (TABLE new_rows EXCEPT TABLE old_rows)) AS changed
     WHERE closed_at IS NOT NULL;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION touch_changed_task_days() FROM PUBLIC;

-- Who is gone from a day's raw rows is gone from its tallies, at once and whatever its age; how many they were stays.
CREATE FUNCTION forget_event_persons() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    UPDATE tally_person AS p
       SET persons = ARRAY(SELECT one FROM unnest(p.persons) AS one WHERE one <> ALL (gone.persons))
      FROM (SELECT tenant, (at AT TIME ZONE 'UTC')::date AS day, array_agg(DISTINCT person) AS persons
              FROM old_rows WHERE person IS NOT NULL GROUP BY 1, 2) AS gone
     WHERE p.tenant = gone.tenant AND p.kind = 'event' AND p.day = gone.day AND p.persons && gone.persons;
    INSERT INTO tally_touched (tenant, kind, day)
    SELECT DISTINCT tenant, 'event', (at AT TIME ZONE 'UTC')::date FROM old_rows;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION forget_event_persons() FROM PUBLIC;

CREATE FUNCTION forget_task_persons() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    UPDATE tally_person AS p
       SET persons = ARRAY(SELECT one FROM unnest(p.persons) AS one WHERE one <> ALL (gone.persons))
      FROM (SELECT tenant, (closed_at AT TIME ZONE 'UTC')::date AS day, array_agg(DISTINCT person) AS persons
              FROM old_rows WHERE person IS NOT NULL GROUP BY 1, 2) AS gone
     WHERE p.tenant = gone.tenant AND p.kind = 'task' AND p.day = gone.day AND p.persons && gone.persons;
    INSERT INTO tally_touched (tenant, kind, day)
    SELECT DISTINCT tenant, 'task', (closed_at AT TIME ZONE 'UTC')::date FROM old_rows WHERE closed_at IS NOT NULL;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION forget_task_persons() FROM PUBLIC;

CREATE TRIGGER touched AFTER INSERT ON event REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION touch_event_days();
CREATE TRIGGER forgotten AFTER DELETE ON event REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION forget_event_persons();
CREATE TRIGGER touched AFTER INSERT ON task REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION touch_task_days();
CREATE TRIGGER changed AFTER UPDATE ON task REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION touch_changed_task_days();
CREATE TRIGGER forgotten AFTER DELETE ON task REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION forget_task_persons();

INSERT INTO tally_touched (tenant, kind, day)
SELECT DISTINCT tenant, 'event', (at AT TIME ZONE 'UTC')::date FROM event;
INSERT INTO tally_touched (tenant, kind, day)
SELECT DISTINCT tenant, 'task', (closed_at AT TIME ZONE 'UTC')::date FROM task WHERE closed_at IS NOT NULL;
