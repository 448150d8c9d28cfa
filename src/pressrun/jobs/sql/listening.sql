-- Notifies listeners that a batch has new events. PostgreSQL sends equal notifications of a transaction only once.
CREATE OR REPLACE FUNCTION tell_listeners() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('pressrun_events', NEW.batch_id);
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER tell_listeners AFTER INSERT ON job_events FOR EACH ROW EXECUTE FUNCTION tell_listeners();
