-- Actions of an owner on a batch, and their effects on its jobs. Row-level security limits each owner to their own
-- batches.

-- Locks a batch. Rejects an action that its state does not allow (PR409), and a batch that does not exist (PR404).
CREATE OR REPLACE FUNCTION hold(_batch text, _action text, _states text[]) RETURNS batches LANGUAGE plpgsql AS $$
DECLARE
    b batches;
BEGIN
    SELECT * INTO b FROM batches WHERE id = _batch FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'PR404', MESSAGE = format('There is no batch %s', _batch);
    ELSIF b.state <> ALL (_states) THEN
        RAISE EXCEPTION USING ERRCODE = 'PR409', MESSAGE = format('Cannot %s a batch that is %s', _action, b.state),
            DETAIL = b.state;
    END IF;
    RETURN b;
END $$;

-- Moves all jobs of a batch that no worker runs to the state `_to` and updates the counters. Its row is locked.
CREATE OR REPLACE FUNCTION withdraw(_batch text, _to text, _error jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    _waiting integer;
    _dispatched integer;
    _percent double precision;
BEGIN
    WITH moved AS (
        UPDATE jobs j SET state = _to, not_before = NULL, error = coalesce(_error, j.error),
            message = coalesce(_error->>'message', ''), finished_at = now()
        FROM (SELECT id, state AS was FROM jobs WHERE batch_id = _batch
              AND state IN ('queued', 'rate_limited', 'retried', 'dispatched') ORDER BY id FOR NO KEY UPDATE) earlier
        WHERE j.id = earlier.id RETURNING earlier.was, j.percent
    )
    SELECT count(*) FILTER (WHERE was <> 'dispatched'), count(*) FILTER (WHERE was = 'dispatched'),
        coalesce(sum(percent), 0)
    INTO _waiting, _dispatched, _percent FROM moved;
    UPDATE batches SET waiting = waiting - _waiting, active = active - _dispatched, limited = 0,
        partial = partial - _percent,
        failed = failed + CASE _to WHEN 'failed' THEN _waiting + _dispatched ELSE 0 END,
        canceled = canceled + CASE _to WHEN 'cancelled' THEN _waiting + _dispatched ELSE 0 END
    WHERE id = _batch;
    IF _to = 'failed' THEN
        -- now() is the time of this transaction, so these are the jobs that the statement above failed.
        PERFORM announce_item(j.id) FROM (SELECT id FROM jobs WHERE batch_id = _batch AND state = 'failed'
            AND finished_at = now() ORDER BY position) j;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION pause_batch(_batch text, _states text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    _dispatched integer;
BEGIN
    PERFORM hold(_batch, 'pause', _states);
    UPDATE batches SET state = 'pausing' WHERE id = _batch;
    UPDATE jobs SET state = 'queued' WHERE batch_id = _batch AND state IN ('dispatched');
    GET DIAGNOSTICS _dispatched = ROW_COUNT;
    UPDATE jobs SET state = 'queued', not_before = NULL WHERE batch_id = _batch AND state = 'rate_limited';
    UPDATE batches SET active = active - _dispatched, waiting = waiting + _dispatched, limited = 0 WHERE id = _batch;
    PERFORM settle(_batch);
    PERFORM tell_workers();
END $$;

CREATE OR REPLACE FUNCTION resume_batch(_batch text, _states text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hold(_batch, 'resume', _states);
    UPDATE batches SET state = 'running' WHERE id = _batch;
    PERFORM wake_workers();
END $$;

CREATE OR REPLACE FUNCTION cancel_batch(_batch text, _states text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hold(_batch, 'cancel', _states);
    UPDATE batches SET state = 'canceling' WHERE id = _batch;
    PERFORM withdraw(_batch, 'cancelled', NULL);
    PERFORM settle(_batch);
    PERFORM tell_workers();
END $$;

-- Queues failed jobs again, with all their retries and, if the batch has a deadline, with the full time.
CREATE OR REPLACE FUNCTION retry_batch(_batch text, _states text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    _count integer;
    _percent double precision;
BEGIN
    PERFORM hold(_batch, 'retry', _states);
    WITH again AS (
        UPDATE jobs SET state = 'queued', tries = 0, not_before = NULL, message = '', finished_at = NULL,
            error = error - 'lost'
        WHERE batch_id = _batch AND state = 'failed' RETURNING percent
    )
    SELECT count(*), coalesce(sum(percent), 0) INTO _count, _percent FROM again;
    UPDATE batches SET waiting = waiting + _count, failed = failed - _count, partial = partial + _percent,
        webhook_percent = 0, deadline = now() + make_interval(mins => minutes) WHERE id = _batch;
    UPDATE batches SET state = 'running' WHERE id = _batch;
    PERFORM settle(_batch);
    PERFORM wake_workers();
END $$;

-- Adds rows to a batch that is being created.
CREATE OR REPLACE FUNCTION add_jobs(_batch text, _rows jsonb) RETURNS void LANGUAGE sql AS $$
    INSERT INTO jobs (batch_id, owner, project, position, priority, state, title, data, error, problems, message)
    SELECT b.id, b.owner, b.project, r.position, coalesce(r.priority, b.priority), coalesce(r.state, 'queued'),
        coalesce(r.title, ''), r.data, r.error, coalesce(r.problems, '[]'), coalesce(r.error->>'message', '')
    FROM batches b, jsonb_to_recordset(_rows)
        AS r(position integer, priority smallint, state text, title text, data jsonb, error jsonb, problems jsonb)
    WHERE b.id = _batch ORDER BY r.position
$$;

-- Deletes a batch that has ended, with its jobs and events.
CREATE OR REPLACE FUNCTION forget(_batch text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hold(_batch, 'remove', ARRAY['completed', 'canceled', 'failed']);
    DELETE FROM job_events WHERE batch_id = _batch;
    DELETE FROM batches WHERE id = _batch;
END $$;
