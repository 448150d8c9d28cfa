-- Writes of a worker about its attempt at a job. Each function gets the number of the attempt and rejects one that is
-- not the current one (PR001). This is the fence: a worker that counted as dead can no longer write.

CREATE OR REPLACE FUNCTION fenced(_job bigint, _attempt integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'PR001',
        MESSAGE = format('Attempt %s at job %s is not the current one', _attempt, _job);
END $$;

-- Ends an attempt as 'completed', 'failed' or 'stopped'. Returns the state of the job, whether another job was
-- dispatched for it (`next`), and whether admission may now dispatch one (`room`). Without rate limits (`_straight`),
-- the next job of a batch at its limit is dispatched in this transaction, which saves the lock of admission.
CREATE OR REPLACE FUNCTION finish(
    _job bigint, _attempt integer, _outcome text, _url text, _cost double precision, _result jsonb, _error jsonb,
    _stage text, _straight boolean, OUT state text, OUT next boolean, OUT room boolean
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    j jobs;
    b batches;
    _next integer := 0;
BEGIN
    SELECT x.* INTO b FROM batches x WHERE x.id = (SELECT y.batch_id FROM jobs y WHERE y.id = _job)
    FOR NO KEY UPDATE;
    SELECT x.* INTO j FROM jobs x WHERE x.id = _job AND x.attempt = _attempt AND x.state = 'in_progress';
    IF NOT FOUND THEN
        PERFORM fenced(_job, _attempt);
    END IF;
    finish.state := CASE
        WHEN _outcome = 'completed' THEN 'completed'
        WHEN b.state = 'canceling' THEN 'cancelled'
        WHEN b.state = 'failed' THEN 'failed'
        WHEN _outcome = 'stopped' THEN 'queued'
        WHEN (_error->>'retryable')::boolean AND j.tries < b.max_retries THEN 'retried'
        ELSE 'failed' END;
    IF finish.state = 'failed' AND _outcome = 'stopped' THEN
        _error := deadline_passed();
    END IF;
    finish.room := b.waiting > 0 AND b.active >= b.parallel;
    IF finish.room AND _straight AND b.state = 'running' AND finish.state IN ('completed', 'failed') THEN
        _next := dispatch_next(b);
        finish.room := false;
    END IF;
    finish.next := _next > 0;
    PERFORM leave(j, b, finish.state, _url, _cost, _result, _error, _stage, _next);
END $$;

-- Dispatches the first waiting job of a batch whose row is locked, in place of one that ends. Returns how many: 1 or
-- 0.
CREATE OR REPLACE FUNCTION dispatch_next(b batches) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    j jobs;
BEGIN
    UPDATE jobs SET state = 'dispatched', not_before = NULL, message = ''
    WHERE id = (SELECT id FROM jobs WHERE batch_id = b.id AND state IN ('queued', 'rate_limited', 'retried')
                AND (state = 'queued' OR not_before <= now()) ORDER BY priority, id LIMIT 1)
        AND state = 'queued'
    RETURNING * INTO j;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    INSERT INTO procrastinate_jobs (id, queue_name, task_name, priority)
    VALUES (j.id, b.queue, 'pressrun.run', -j.priority)
    ON CONFLICT (id) DO UPDATE SET status = 'todo', worker_id = NULL, priority = excluded.priority;
    RETURN 1;
END $$;

-- Returns the seconds before a retry; `_tries` is the number of retries so far. `_policy` is that of the batch, with
-- `initial_delay`, `multiplier` and `max_delay`.
CREATE OR REPLACE FUNCTION retry_delay(_policy jsonb, _tries integer) RETURNS double precision LANGUAGE sql IMMUTABLE
AS $$
    SELECT least(coalesce((_policy->>'max_delay')::float, 60), coalesce((_policy->>'initial_delay')::float, 1)
        * coalesce((_policy->>'multiplier')::float, 3) ^ _tries)
$$;

-- Moves a job in progress to the state `_to` and updates the counters of its batch, whose row is locked. `_next` is
-- the number of jobs of the batch that were dispatched in its place.
CREATE OR REPLACE FUNCTION leave(
    j jobs, b batches, _to text, _url text, _cost double precision, _result jsonb, _error jsonb, _stage text,
    _next integer
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    _ends boolean := _to IN ('completed', 'failed', 'cancelled');
    _seconds double precision := extract(epoch FROM clock_timestamp() - coalesce(j.claimed_at, j.started_at, now()));
BEGIN
    UPDATE jobs SET state = _to, output_url = coalesce(_url, output_url), cost = cost + _cost, result = _result,
        error = CASE WHEN _to = 'completed' THEN NULL ELSE coalesce(_error, error) END,
        stage = CASE WHEN _to = 'completed' THEN NULL ELSE coalesce(_stage, stage) END,
        message = CASE WHEN _to = 'completed' THEN '' ELSE coalesce(_error->>'message', '') END,
        percent = CASE WHEN _to = 'completed' THEN 100 ELSE percent END,
        tries = CASE WHEN _to = 'retried' THEN tries + 1 ELSE tries END,
        not_before = CASE WHEN _to = 'retried'
            THEN now() + make_interval(secs => retry_delay(b.request->'retry', tries)) END,
        worker = NULL, finished_at = CASE WHEN _ends THEN now() END
    WHERE id = j.id;
    UPDATE batches SET active = active - 1 + _next, waiting = waiting + (NOT _ends)::integer - _next,
        completed = completed + (_to = 'completed')::integer, failed = failed + (_to = 'failed')::integer,
        canceled = canceled + (_to = 'cancelled')::integer, cost = cost + _cost,
        partial = partial - CASE WHEN _ends THEN j.percent ELSE 0 END,
        worked = worked + _seconds, updated_at = now()
    WHERE id = b.id;
    IF b.webhook_events IS NOT NULL AND _ends THEN
        PERFORM announce_item(j.id);
        PERFORM announce_progress(b.id);
    END IF;
    DELETE FROM procrastinate_jobs WHERE id = j.id;
    IF b.state IN ('pausing', 'canceling') OR (_ends AND b.waiting = 0 AND b.active = 1) THEN
        PERFORM settle(b.id);
    ELSIF NOT _ends THEN
        PERFORM wake_workers();
    END IF;
END $$;

-- Stores a report of an attempt: `_now` updates the job, `_events` are added to its history, `_stages` update its
-- stages.
CREATE OR REPLACE FUNCTION report(_job bigint, _attempt integer, _now jsonb, _events jsonb, _stages jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    j jobs;
    _percent real;
    _announce boolean;
BEGIN
    PERFORM 1 FROM batches WHERE id = (SELECT batch_id FROM jobs WHERE id = _job) FOR NO KEY UPDATE;
    SELECT * INTO j FROM jobs WHERE id = _job AND attempt = _attempt AND state = 'in_progress' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM fenced(_job, _attempt);
    END IF;
    _percent := coalesce((_now->>'percent')::real, j.percent);
    UPDATE jobs SET percent = _percent, stage = coalesce(_now->>'stage', stage),
        message = coalesce(_now->>'message', message), run_folder = coalesce(_now->>'run_folder', run_folder),
        files = coalesce(_now->'files', files), updated_at = now()
    WHERE id = _job;
    UPDATE batches SET partial = partial + (_percent - j.percent), updated_at = now() WHERE id = j.batch_id
    RETURNING webhook_events IS NOT NULL AND percent >= webhook_percent + 10 INTO _announce;
    IF _announce THEN
        PERFORM announce_progress(j.batch_id);
    END IF;
    INSERT INTO job_events (batch_id, job_id, owner, level, kind, message, stage, percent, scene, scenes_total, data)
    SELECT j.batch_id, j.id, j.owner, e.level, e.kind, coalesce(e.message, ''), e.stage, e.percent, e.scene,
        e.scenes_total, e.data
    FROM jsonb_to_recordset(_events) AS e(
        level text, kind text, message text, stage text, percent real, scene integer, scenes_total integer, data jsonb);
    INSERT INTO job_stages AS s (job_id, owner, stage, state, percent, seconds, started_at, finished_at)
    SELECT j.id, j.owner, n.stage, n.state, coalesce(n.percent, CASE WHEN n.state = 'success' THEN 100 ELSE 0 END),
        n.seconds, now(), CASE WHEN n.state <> 'running' THEN now() END
    FROM jsonb_to_recordset(_stages) AS n(stage text, state text, percent real, seconds double precision)
    ON CONFLICT (job_id, stage) DO UPDATE SET state = excluded.state, percent = excluded.percent,
        seconds = coalesce(excluded.seconds, s.seconds), finished_at = excluded.finished_at,
        attempts = s.attempts + (excluded.state = 'running' AND s.state <> 'running')::integer,
        started_at = CASE WHEN excluded.state = 'running' AND s.state <> 'running' THEN now() ELSE s.started_at END;
END $$;

-- Stores a heartbeat. Inserts the rows again if another worker removed them because this one counted as dead.
DROP FUNCTION IF EXISTS sign_of_life(bigint);
CREATE OR REPLACE FUNCTION sign_of_life(_worker bigint, _host text, _pid integer, _threads integer, _queues text[])
RETURNS void LANGUAGE sql AS $$
    INSERT INTO procrastinate_workers (id) OVERRIDING SYSTEM VALUE VALUES (_worker)
    ON CONFLICT (id) DO UPDATE SET last_heartbeat = now();
    INSERT INTO workers (id, host, pid, concurrency, queues) VALUES (_worker, _host, _pid, _threads, _queues)
    ON CONFLICT (id) DO UPDATE SET beat = now();
$$;

-- Checks the whole queue: takes back the jobs of workers without a heartbeat for `_stalled` seconds, and fails
-- batches whose deadline has passed. Returns the orders for the jobs of the worker that calls it.
CREATE OR REPLACE FUNCTION look_after(_jobs bigint[], _attempts integer[], _stalled double precision)
RETURNS TABLE (job bigint, what text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM take_back(_stalled);
    PERFORM expire();
    RETURN QUERY SELECT * FROM orders(_jobs, _attempts);
END $$;

-- Returns an order for each job of a worker that must not simply continue: 'cancel', 'pause' or 'fenced'.
CREATE OR REPLACE FUNCTION orders(_jobs bigint[], _attempts integer[])
RETURNS TABLE (job bigint, what text) LANGUAGE sql STABLE AS $$
    SELECT mine.job, CASE
        WHEN j.id IS NULL THEN 'fenced'
        WHEN b.state IN ('canceling', 'canceled', 'failed') THEN 'cancel'
        ELSE 'pause' END
    FROM unnest(_jobs, _attempts) AS mine(job, attempt)
    LEFT JOIN jobs j ON j.id = mine.job AND j.attempt = mine.attempt AND j.state = 'in_progress'
    LEFT JOIN batches b ON b.id = j.batch_id
    WHERE j.id IS NULL OR b.state NOT IN ('pending', 'running')
$$;

-- A job that kills every worker that runs it would otherwise keep all workers busy for ever.
CREATE OR REPLACE FUNCTION worker_lost(_times integer) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('kind', 'WorkerLost', 'retryable', true, 'lost', _times,
        'message', CASE WHEN _times = 1 THEN 'Its worker stopped responding'
            ELSE format('%s workers that ran it stopped responding', _times) END,
        'remedy', 'Check the logs of the workers and whether memory ran out, then retry the batch.')
$$;

CREATE OR REPLACE FUNCTION take_back(_stalled double precision) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    _ticket bigint;
    j jobs;
    b batches;
    _lost integer;
    _count integer := 0;
BEGIN
    FOR _ticket IN
        SELECT t.id FROM procrastinate_jobs t LEFT JOIN procrastinate_workers w ON w.id = t.worker_id
        WHERE t.status = 'doing' AND t.task_name = 'pressrun.run'
            AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => _stalled))
        ORDER BY t.id
    LOOP
        SELECT x.* INTO b FROM batches x WHERE x.id = (SELECT y.batch_id FROM jobs y WHERE y.id = _ticket)
        FOR NO KEY UPDATE;
        -- Another worker may have taken it back while this one waited for the lock, and it may be in progress again.
        PERFORM 1 FROM procrastinate_jobs t LEFT JOIN procrastinate_workers w ON w.id = t.worker_id
        WHERE t.id = _ticket AND t.status = 'doing'
            AND (w.id IS NULL OR w.last_heartbeat < clock_timestamp() - make_interval(secs => _stalled));
        CONTINUE WHEN NOT FOUND;
        SELECT * INTO j FROM jobs WHERE id = _ticket AND state = 'in_progress';
        IF NOT FOUND THEN
            DELETE FROM procrastinate_jobs WHERE id = _ticket;
            CONTINUE;
        END IF;
        _lost := coalesce((j.error->>'lost')::integer, 0) + 1;
        PERFORM leave(j, b, CASE WHEN b.state = 'canceling' THEN 'cancelled' WHEN b.state = 'failed' OR _lost >= 10
            THEN 'failed' ELSE 'queued' END, NULL, 0, NULL,
            CASE b.state WHEN 'failed' THEN deadline_passed() ELSE worker_lost(_lost) END, NULL, 0);
        _count := _count + 1;
    END LOOP;
    DELETE FROM workers WHERE beat < now() - interval '1 minute';
    DELETE FROM procrastinate_workers w WHERE last_heartbeat < now() - interval '1 minute'
        AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs t WHERE t.worker_id = w.id);
    RETURN _count;
END $$;

CREATE OR REPLACE FUNCTION deadline_passed() RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('kind', 'DeadlineError', 'message', 'The deadline of the batch has passed',
        'remedy', 'Retry the batch to continue with the remaining jobs.', 'retryable', true)
$$;

-- Fails batches whose deadline has passed, together with their waiting jobs. Running jobs are ordered to stop.
CREATE OR REPLACE FUNCTION expire() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    _batch text;
BEGIN
    FOR _batch IN
        SELECT id FROM batches WHERE deadline <= now() AND state IN ('pending', 'running', 'pausing', 'paused')
        ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        PERFORM withdraw(_batch, 'failed', deadline_passed());
        UPDATE batches SET state = 'failed' WHERE id = _batch;
        PERFORM settle(_batch);
        PERFORM tell_workers();
    END LOOP;
END $$;
