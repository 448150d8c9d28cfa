-- Triggers for every change of a state: they reject a move that is not allowed, and store an event for each other
-- move, in the same transaction. The lists of moves are filled in from pressrun.jobs.states.

CREATE OR REPLACE FUNCTION job_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state || '>' || NEW.state) <> ALL (ARRAY[{job_moves}]) THEN
        RAISE EXCEPTION USING ERRCODE = 'PR409',
            MESSAGE = format('A job cannot go from %s to %s', OLD.state, NEW.state), DETAIL = OLD.state;
    END IF;
    NEW.updated_at := now();
    INSERT INTO job_events (batch_id, job_id, owner, level, kind, message, stage, percent, data)
    VALUES (NEW.batch_id, NEW.id, NEW.owner,
            CASE NEW.state WHEN 'failed' THEN 'error' WHEN 'retried' THEN 'warning' WHEN 'rate_limited' THEN 'warning'
            ELSE 'info' END,
            NEW.state, NEW.message, NEW.stage, NEW.percent,
            CASE WHEN NEW.state IN ('failed', 'retried') THEN NEW.error END);
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER job_moved BEFORE UPDATE OF state ON jobs
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION job_moved();

CREATE OR REPLACE FUNCTION batch_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state || '>' || NEW.state) <> ALL (ARRAY[{batch_moves}]) THEN
        RAISE EXCEPTION USING ERRCODE = 'PR409',
            MESSAGE = format('A batch cannot go from %s to %s', OLD.state, NEW.state), DETAIL = OLD.state;
    END IF;
    NEW.updated_at := now();
    NEW.finished_at := CASE WHEN NEW.state IN ('completed', 'canceled', 'failed') THEN now() END;
    INSERT INTO job_events (batch_id, owner, level, kind, percent)
    VALUES (NEW.id, NEW.owner, CASE NEW.state WHEN 'failed' THEN 'error' ELSE 'info' END, 'batch_' || NEW.state,
            NEW.percent);
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER batch_moved BEFORE UPDATE OF state ON batches
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION batch_moved();

-- Wakes every worker to admit jobs. PostgreSQL sends equal notifications of a transaction only once.
CREATE OR REPLACE FUNCTION wake_workers() RETURNS void LANGUAGE sql AS $$
    SELECT pg_notify('procrastinate_any_queue_v1', '{"type": "job_inserted", "job_id": 0}')
$$;

-- Makes every worker check whether its jobs may continue.
CREATE OR REPLACE FUNCTION tell_workers() RETURNS void LANGUAGE sql AS $$
    SELECT pg_notify('pressrun_orders', '')
$$;

-- Moves a batch to the state that follows from its jobs, and returns the state. Its row is locked. A batch that
-- missed its deadline is already failed; its webhook is stored once none of its jobs runs any more.
CREATE OR REPLACE FUNCTION settle(_batch text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    b batches;
BEGIN
    SELECT * INTO b FROM batches WHERE id = _batch;
    IF b.active > 0 THEN
        RETURN b.state;
    ELSIF b.state = 'canceling' THEN
        UPDATE batches SET state = 'canceled' WHERE id = _batch;
    ELSIF b.state IN ('pending', 'running', 'pausing') AND b.waiting = 0 THEN
        UPDATE batches SET state = 'completing' WHERE id = _batch;
        UPDATE batches SET state = CASE WHEN b.failed > 0 THEN 'failed' ELSE 'completed' END WHERE id = _batch;
    ELSIF b.state = 'pausing' THEN
        UPDATE batches SET state = 'paused' WHERE id = _batch;
        RETURN 'paused';
    ELSIF b.state <> 'failed' THEN
        RETURN b.state;
    END IF;
    SELECT * INTO b FROM batches WHERE id = _batch;
    PERFORM tell_outside(b);
    RETURN b.state;
END $$;
