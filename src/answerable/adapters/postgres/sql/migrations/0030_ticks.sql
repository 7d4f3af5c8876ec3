-- A process whose clock is ahead put in a tick of next year, and until next year nobody could put in another: no job
-- ran, alerts among them. The database's clock says what is in the future; such a tick is refused, and one that was
-- taken counts no more.
CREATE OR REPLACE FUNCTION only_newer_ticks() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    future bigint := extract(epoch FROM clock_timestamp() + interval '2 minutes');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('answerable.tick.' || NEW.periodic_id || '.' || NEW.task_name, 0));
    IF NEW.defer_timestamp > future
       OR EXISTS (SELECT FROM procrastinate_periodic_defers AS p
                   WHERE p.task_name = NEW.task_name AND p.periodic_id = NEW.periodic_id
                     AND p.defer_timestamp >= NEW.defer_timestamp AND p.defer_timestamp <= future) THEN
        RETURN NULL;
    END IF;
    DELETE FROM procrastinate_periodic_defers AS p
     WHERE p.task_name = NEW.task_name AND p.periodic_id = NEW.periodic_id AND p.defer_timestamp > future;
    RETURN NEW;
END
$$;
