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
DECLARE
    b batches := hold(_batch, 'remove', ARRAY['completed', 'canceled', 'failed']);
BEGIN
    IF b.active > 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'PR409', MESSAGE = 'Cannot remove a batch whose jobs have not stopped yet',
            DETAIL = b.state;
    END IF;
    DELETE FROM job_events WHERE batch_id = _batch;
    DELETE FROM batches WHERE id = _batch;
END $$;

-- Changes the title, the priority, the limit (`parallel`) or the deadline (`minutes` from now, or null) of a batch. The
-- priority applies to its jobs that have not started and have none of their own.
CREATE OR REPLACE FUNCTION change_batch(_batch text, _states text[], _changes jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    b batches := hold(_batch, 'change', _states);
    _priority smallint := coalesce((_changes->>'priority')::smallint, b.priority);
    _dispatched integer := 0;
BEGIN
    IF _priority <> b.priority THEN
        -- The tickets of dispatched jobs have the old priority, so these jobs wait for admission again.
        UPDATE jobs SET state = 'queued' WHERE batch_id = _batch AND state = 'dispatched' AND priority = b.priority;
        GET DIAGNOSTICS _dispatched = ROW_COUNT;
        UPDATE jobs SET priority = _priority WHERE batch_id = _batch AND priority = b.priority
            AND state IN ('queued', 'rate_limited', 'retried', 'failed');
    END IF;
    UPDATE batches SET title = coalesce(_changes->>'title', title), priority = _priority,
        parallel = coalesce((_changes->>'parallel')::smallint, parallel),
        minutes = CASE WHEN _changes ? 'minutes' THEN (_changes->>'minutes')::smallint ELSE minutes END,
        deadline = CASE WHEN _changes ? 'minutes' THEN now() + make_interval(mins => (_changes->>'minutes')::integer)
            ELSE deadline END,
        active = active - _dispatched, waiting = waiting + _dispatched, updated_at = now()
    WHERE id = _batch;
    INSERT INTO job_events (batch_id, owner, kind, message, data)
    VALUES (_batch, b.owner, 'note', 'Changed: ' || (SELECT string_agg(replace(replace(key, 'parallel',
        'max_concurrent'), 'minutes', 'deadline'), ', ' ORDER BY key) FROM jsonb_object_keys(_changes) key), _changes);
    PERFORM wake_workers();
END $$;

-- Adds rows to a batch after `add_jobs` was called with them: updates its counters. A batch without waiting jobs
-- continues. The row of the batch is locked.
CREATE OR REPLACE FUNCTION count_added(_batch text, _added integer, _skipped integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE batches SET total = total + _added, waiting = waiting + _added - _skipped, skipped = skipped + _skipped,
        updated_at = now() WHERE id = _batch;
    INSERT INTO job_events (batch_id, owner, kind, message)
    SELECT id, owner, 'note', format('Added %s rows', _added) FROM batches WHERE id = _batch;
    PERFORM wake_workers();
END $$;
