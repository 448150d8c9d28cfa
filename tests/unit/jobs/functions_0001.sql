-- Every change of a state passes here: a move that is not allowed is refused, and each one that is leaves one event row
-- in its own transaction. The lists of moves are filled in from pressrun.jobs.states.

CREATE OR REPLACE FUNCTION job_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state || '>' || NEW.state) <> ALL (ARRAY['queued>rate_limited', 'queued>dispatched', 'queued>failed', 'queued>cancelled', 'rate_limited>queued', 'rate_limited>dispatched', 'rate_limited>failed', 'rate_limited>cancelled', 'retried>queued', 'retried>rate_limited', 'retried>dispatched', 'retried>failed', 'retried>cancelled', 'dispatched>queued', 'dispatched>in_progress', 'dispatched>failed', 'dispatched>cancelled', 'in_progress>queued', 'in_progress>retried', 'in_progress>completed', 'in_progress>failed', 'in_progress>cancelled', 'failed>queued', 'failed>cancelled']) THEN
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
    IF (OLD.state || '>' || NEW.state) <> ALL (ARRAY['pending>running', 'pending>completing', 'pending>canceling', 'pending>failed', 'running>pausing', 'running>completing', 'running>canceling', 'running>failed', 'pausing>paused', 'pausing>completing', 'pausing>canceling', 'pausing>failed', 'paused>running', 'paused>canceling', 'paused>failed', 'completing>completed', 'completing>failed', 'canceling>canceled', 'failed>running', 'failed>canceling']) THEN
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

-- Wakes every worker: there is something to admit. One row for all of a transaction, however often it is asked for.
CREATE OR REPLACE FUNCTION wake_workers() RETURNS void LANGUAGE sql AS $$
    SELECT pg_notify('procrastinate_any_queue_v1', '{"type": "job_inserted", "job_id": 0}')
$$;

-- Tells every worker to look whether its jobs may go on.
CREATE OR REPLACE FUNCTION tell_workers() RETURNS void LANGUAGE sql AS $$
    SELECT pg_notify('pressrun_orders', '')
$$;

-- What follows for a batch from how its jobs stand. Its row is locked. One that missed its deadline is told outside once
-- nothing of it runs any more.
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

-- Puts the webhook of a batch that has ended into the outbox, in the transaction of its end.
CREATE OR REPLACE FUNCTION tell_outside(b batches) RETURNS void LANGUAGE sql AS $$
    INSERT INTO webhook_outbox (batch_id, owner, url, body)
    SELECT b.id, b.owner, b.request->>'callback_url',
        jsonb_build_object('job_id', b.id, 'state', b.state, 'percent_complete', round(b.percent::numeric, 1),
            'items_total', b.total, 'items_completed', b.completed, 'items_failed', b.failed, 'items_skipped', b.skipped,
            'items_canceled', b.canceled, 'finished_at', b.finished_at)
    WHERE coalesce(b.request->>'callback_url', '') <> ''
$$;

-- Admission: jobs wait in our own table, and only what pause, limits and rates allow becomes a ticket of procrastinate.
-- A ticket has the id of its job, so tickets are taken by priority and, within one, in the order of creation. A ticket
-- whose job is not dispatched any more (paused, cancelled) means nothing and is thrown away by whoever takes it.
--
-- Locks are always taken in this order: admission, batch, job. That is why no two of these can wait for each other.

-- How many of `_want` jobs the limits of an owner and a project allow now, and seconds until they allow one more. A limit
-- of 0 is none.
CREATE OR REPLACE FUNCTION rates_left(
    _owner text, _project text, _want integer, _per_user integer, _per_project integer, _refill double precision,
    OUT allowed integer, OUT wait double precision
) LANGUAGE plpgsql AS $$
DECLARE
    _now timestamptz := clock_timestamp();
    _used integer;
    _tokens double precision;
BEGIN
    allowed := _want;
    wait := 0;
    IF _per_user > 0 THEN
        SELECT coalesce(sum(jobs), 0) INTO _used FROM dispatches
        WHERE owner = _owner AND at > _now - interval '60 seconds';
        allowed := greatest(0, least(allowed, _per_user - _used));
        IF allowed < _want THEN
            SELECT coalesce(extract(epoch FROM min(at) + interval '60 seconds' - _now), 60) INTO wait
            FROM dispatches WHERE owner = _owner AND at > _now - interval '60 seconds';
        END IF;
    END IF;
    IF _per_project > 0 AND _project IS NOT NULL THEN
        SELECT least(_per_project, tokens + _refill * greatest(0, extract(epoch FROM _now - counted_at))) INTO _tokens
        FROM project_tokens WHERE project = _project;
        _tokens := coalesce(_tokens, _per_project);
        IF floor(_tokens) < allowed THEN
            allowed := floor(_tokens);
            wait := greatest(wait, (allowed + 1 - _tokens) / greatest(_refill, 0.001));
        END IF;
    END IF;
END $$;

-- Takes as many as are allowed; under the lock of admission, as two at once would both find the same room.
CREATE OR REPLACE FUNCTION take_rates(
    _owner text, _project text, _want integer, _per_user integer, _per_project integer, _refill double precision,
    OUT allowed integer, OUT wait double precision
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('pressrun.admission'));
    SELECT l.allowed, l.wait INTO allowed, wait
    FROM rates_left(_owner, _project, _want, _per_user, _per_project, _refill) l;
    IF allowed > 0 AND _per_user > 0 THEN
        DELETE FROM dispatches WHERE owner = _owner AND at <= clock_timestamp() - interval '60 seconds';
        INSERT INTO dispatches (owner, jobs) VALUES (_owner, allowed);
    END IF;
    IF allowed > 0 AND _per_project > 0 AND _project IS NOT NULL THEN
        INSERT INTO project_tokens AS t (project, tokens) VALUES (_project, _per_project - allowed)
        ON CONFLICT (project) DO UPDATE SET counted_at = clock_timestamp(), tokens = least(_per_project,
            t.tokens + _refill * greatest(0, extract(epoch FROM clock_timestamp() - t.counted_at))) - allowed;
    END IF;
END $$;

-- Dispatches up to `_want` jobs; says how many. Where an owner or a project is at its limit, the jobs of others are
-- looked at in the same call, so that nobody waits for the limit of somebody else.
CREATE OR REPLACE FUNCTION admit(
    _queues varchar[], _want integer, _per_user integer, _per_project integer, _refill double precision,
    _overall integer
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    _picked record;
    _rates record;
    _admitted integer := 0;
    _limited integer;
    _ids bigint[];
    _full text[] := '{}';
    _more boolean := true;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('pressrun.admission'));
    IF _overall > 0 THEN
        _want := least(_want, _overall - (SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'pressrun.run'
            AND (status = 'doing' OR _queues IS NULL OR queue_name = ANY (_queues))));
    END IF;
    WHILE _more AND _admitted < _want LOOP
        _more := false;
        FOR _picked IN
            SELECT batch_id, queue, owner, project, array_agg(id ORDER BY priority, id) AS ids FROM (
                SELECT b.id AS batch_id, b.queue, b.owner, b.project, j.id, j.priority
                FROM batches b CROSS JOIN LATERAL (
                    SELECT id, priority, not_before FROM jobs
                    WHERE batch_id = b.id AND state IN ('queued', 'rate_limited', 'retried')
                        AND (state <> 'retried' OR not_before <= now())
                    ORDER BY priority, id LIMIT b.parallel - b.active
                ) j
                WHERE b.state IN ('pending', 'running') AND b.waiting > 0 AND b.active < b.parallel
                    AND (b.deadline IS NULL OR b.deadline > now())
                    AND (_queues IS NULL OR b.queue = ANY (_queues))
                    AND whose(b.owner, b.project) <> ALL (_full)
                    AND (j.not_before IS NULL OR j.not_before <= now())
                ORDER BY j.priority, j.id LIMIT _want - _admitted
            ) best
            GROUP BY batch_id, queue, owner, project ORDER BY batch_id
        LOOP
            SELECT limited INTO _limited FROM batches WHERE id = _picked.batch_id AND state IN ('pending', 'running')
            FOR NO KEY UPDATE;
            CONTINUE WHEN NOT FOUND;
            _ids := _picked.ids;
            IF _per_user > 0 OR _per_project > 0 THEN
                SELECT * INTO _rates FROM take_rates(_picked.owner, _picked.project, cardinality(_ids),
                                                     _per_user, _per_project, _refill);
                IF _rates.allowed < cardinality(_ids) THEN
                    PERFORM hold_back(_picked.batch_id, _ids[_rates.allowed + 1:], _rates.wait);
                    _ids := _ids[1:_rates.allowed];
                    _full := _full || whose(_picked.owner, _picked.project);
                    _more := true;
                END IF;
                CONTINUE WHEN cardinality(_ids) = 0;
            END IF;
            IF _limited > 0 THEN
                SELECT count(*) INTO _limited FROM jobs WHERE id = ANY (_ids) AND state = 'rate_limited';
            END IF;
            UPDATE jobs SET state = 'dispatched', not_before = NULL, message = '' WHERE id = ANY (_ids);
            UPDATE batches SET active = active + cardinality(_ids), waiting = waiting - cardinality(_ids),
                limited = limited - _limited WHERE id = _picked.batch_id;
            INSERT INTO procrastinate_jobs (id, queue_name, task_name, priority)
            SELECT j.id, _picked.queue, 'pressrun.run', -j.priority FROM jobs j WHERE j.id = ANY (_ids)
            ON CONFLICT (id) DO UPDATE SET status = 'todo', worker_id = NULL, priority = excluded.priority;
            _admitted := _admitted + cardinality(_ids);
        END LOOP;
    END LOOP;
    IF _admitted > 1 THEN
        PERFORM wake_workers();
    END IF;
    RETURN _admitted;
END $$;

-- Who has limits in common.
CREATE OR REPLACE FUNCTION whose(_owner text, _project text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT _owner || E'\n' || coalesce(_project, '')
$$;

-- procrastinate would wake every worker for every ticket. `admit` wakes them where there is more than its caller takes.
ALTER TABLE procrastinate_jobs DISABLE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1;

CREATE OR REPLACE FUNCTION hold_back(_batch text, _ids bigint[], _wait double precision) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    _until timestamptz := now() + make_interval(secs => _wait);
    _new integer;
BEGIN
    UPDATE jobs SET not_before = _until WHERE id = ANY (_ids) AND state = 'rate_limited';
    UPDATE jobs SET state = 'rate_limited', not_before = _until,
        message = format('Waits %s s for its rate limit', ceil(_wait))
    WHERE id = ANY (_ids) AND state <> 'rate_limited';
    GET DIAGNOSTICS _new = ROW_COUNT;
    UPDATE batches SET limited = limited + _new WHERE id = _batch;
END $$;

-- Seconds until a job that waits for its time may be due; NULL where none does.
CREATE OR REPLACE FUNCTION next_due() RETURNS double precision LANGUAGE sql STABLE AS $$
    SELECT extract(epoch FROM min(not_before) - clock_timestamp())::double precision FROM jobs
    WHERE not_before IS NOT NULL AND not_before > now() AND state IN ('queued', 'rate_limited', 'retried')
$$;

-- The best ticket for `_worker`, its job being in progress from then on, as procrastinate reads a job. Admits first
-- when `_first` says so, or when no ticket is left.
CREATE OR REPLACE FUNCTION claim(
    _queues varchar[], _worker bigint, _first boolean, _want integer, _per_user integer, _per_project integer,
    _refill double precision, _overall integer
) RETURNS TABLE (
    id bigint, status text, task_name text, priority integer, lock text, queueing_lock text, args jsonb,
    scheduled_at timestamptz, queue_name text, attempts integer, worker_id bigint, due double precision
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    _ticket procrastinate_jobs;
    _job jobs;
    _batch batches;
    _tried boolean := _first;
BEGIN
    IF _first THEN
        PERFORM admit(_queues, _want, _per_user, _per_project, _refill, _overall);
    END IF;
    LOOP
        _ticket := procrastinate_fetch_job_v2(_queues, _worker);
        IF _ticket.id IS NULL THEN
            IF NOT _tried THEN
                _tried := true;
                CONTINUE WHEN admit(_queues, _want, _per_user, _per_project, _refill, _overall) > 0;
            END IF;
            due := next_due();
            RETURN NEXT;
            RETURN;
        END IF;
        SELECT b.* INTO _batch FROM batches b WHERE b.id = (SELECT j.batch_id FROM jobs j WHERE j.id = _ticket.id);
        IF _batch.state = 'pending' THEN
            UPDATE batches b SET state = 'running', started_at = now() WHERE b.id = _batch.id AND b.state = 'pending';
        END IF;
        UPDATE jobs j SET state = 'in_progress', attempt = j.attempt + 1, worker = _worker, message = '',
            started_at = coalesce(j.started_at, now())
        WHERE j.id = _ticket.id AND j.state = 'dispatched' RETURNING j.* INTO _job;
        EXIT WHEN FOUND;
        DELETE FROM procrastinate_jobs t WHERE t.id = _ticket.id;
    END LOOP;
    RETURN QUERY SELECT _ticket.id, 'doing', _ticket.task_name::text, _ticket.priority, NULL::text, NULL::text,
        jsonb_build_object('job_id', _job.id, 'attempt', _job.attempt, 'batch_id', _job.batch_id, 'owner', _job.owner,
            'project', _job.project, 'position', _job.position, 'priority', _job.priority,
            'pipeline', _batch.pipeline, 'data', _job.data, 'settings', _batch.settings,
            'request', _batch.request, 'run_folder', _job.run_folder),
        NULL::timestamptz, _ticket.queue_name::text, _job.attempt, _worker, NULL::double precision;
END $$;

-- What a worker writes about its attempt at a job. Every one names the attempt and is refused when it is not the
-- current one (PR001).

CREATE OR REPLACE FUNCTION fenced(_job bigint, _attempt integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'PR001',
        MESSAGE = format('Attempt %s at job %s is not the current one', _attempt, _job);
END $$;

-- Ends an attempt as 'completed', 'failed' or 'stopped'; returns the state of the job, whether another was dispatched for
-- it, and whether admission may find room for one. Where no rate has to be asked (`_straight`), the next job of a batch at its limit is dispatched in
-- the same transaction, without the lock of admission.
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

-- Dispatches the first waiting job of a batch whose row is locked, for one that leaves; says how many: 1 or 0.
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

-- Takes a job out of work into `_to` and keeps the counters of its batch, whose row is locked; `_next` jobs of the batch
-- were dispatched for it.
CREATE OR REPLACE FUNCTION leave(
    j jobs, b batches, _to text, _url text, _cost double precision, _result jsonb, _error jsonb, _stage text,
    _next integer
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    _ends boolean := _to IN ('completed', 'failed', 'cancelled');
    _seconds double precision := extract(epoch FROM clock_timestamp() - coalesce(j.started_at, now()));
BEGIN
    UPDATE jobs SET state = _to, output_url = coalesce(_url, output_url), cost = cost + _cost, result = _result,
        error = CASE WHEN _to = 'completed' THEN NULL ELSE coalesce(_error, error) END,
        stage = CASE WHEN _to = 'completed' THEN NULL ELSE coalesce(_stage, stage) END,
        message = CASE WHEN _to = 'completed' THEN '' ELSE coalesce(_error->>'message', '') END,
        percent = CASE WHEN _to = 'completed' THEN 100 ELSE percent END,
        tries = CASE WHEN _to = 'retried' THEN tries + 1 ELSE tries END,
        not_before = CASE WHEN _to = 'retried' THEN now() + make_interval(secs => least(60, 3 ^ tries)) END,
        worker = NULL, finished_at = CASE WHEN _ends THEN now() END
    WHERE id = j.id;
    UPDATE batches SET active = active - 1 + _next, waiting = waiting + (NOT _ends)::integer - _next,
        completed = completed + (_to = 'completed')::integer, failed = failed + (_to = 'failed')::integer,
        canceled = canceled + (_to = 'cancelled')::integer, cost = cost + _cost,
        partial = partial - CASE WHEN _ends THEN j.percent ELSE 0 END,
        worked = worked + CASE WHEN _ends THEN _seconds ELSE 0 END, updated_at = now()
    WHERE id = b.id;
    DELETE FROM procrastinate_jobs WHERE id = j.id;
    IF b.state IN ('pausing', 'canceling') OR (_ends AND b.waiting = 0 AND b.active = 1) THEN
        PERFORM settle(b.id);
    ELSIF NOT _ends THEN
        PERFORM wake_workers();
    END IF;
END $$;

-- Keeps what an attempt tells: `_now` is how the job stands, `_events` the rows for its history, `_stages` how its
-- stages stand.
CREATE OR REPLACE FUNCTION report(_job bigint, _attempt integer, _now jsonb, _events jsonb, _stages jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    j jobs;
    _percent real;
BEGIN
    PERFORM 1 FROM batches WHERE id = (SELECT batch_id FROM jobs WHERE id = _job) FOR NO KEY UPDATE;
    SELECT * INTO j FROM jobs WHERE id = _job AND attempt = _attempt AND state = 'in_progress' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM fenced(_job, _attempt);
    END IF;
    _percent := coalesce((_now->>'percent')::real, j.percent);
    UPDATE jobs SET percent = _percent, stage = coalesce(_now->>'stage', stage),
        message = coalesce(_now->>'message', message), run_folder = coalesce(_now->>'run_folder', run_folder),
        updated_at = now()
    WHERE id = _job;
    UPDATE batches SET partial = partial + (_percent - j.percent), updated_at = now() WHERE id = j.batch_id;
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

-- A sign of life. The rows are made again where somebody took the worker for dead.
DROP FUNCTION IF EXISTS sign_of_life(bigint);
CREATE OR REPLACE FUNCTION sign_of_life(_worker bigint, _host text, _pid integer, _threads integer, _queues text[])
RETURNS void LANGUAGE sql AS $$
    INSERT INTO procrastinate_workers (id) OVERRIDING SYSTEM VALUE VALUES (_worker)
    ON CONFLICT (id) DO UPDATE SET last_heartbeat = now();
    INSERT INTO workers (id, host, pid, concurrency, queues) VALUES (_worker, _host, _pid, _threads, _queues)
    ON CONFLICT (id) DO UPDATE SET beat = now();
$$;

-- A worker looks after the whole queue: jobs of workers that gave no sign of life for `_stalled` seconds wait again,
-- and batches whose time is over fail. Returns what it has to know of its own jobs, as `orders` does.
CREATE OR REPLACE FUNCTION look_after(_jobs bigint[], _attempts integer[], _stalled double precision)
RETURNS TABLE (job bigint, what text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM take_back(_stalled);
    PERFORM expire();
    RETURN QUERY SELECT * FROM orders(_jobs, _attempts);
END $$;

-- Of the jobs a worker holds, those that must not simply go on: 'cancel', 'pause' or 'fenced'.
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

-- A job that ends whoever does it would keep all workers busy for ever.
CREATE OR REPLACE FUNCTION worker_lost(_times integer) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('kind', 'WorkerLost', 'retryable', true, 'lost', _times,
        'message', CASE WHEN _times = 1 THEN 'Its worker gave no sign of life'
            ELSE format('%s workers that did it gave no sign of life any more', _times) END,
        'remedy', 'Look into the logs of the workers and for memory that ran out, then retry the batch.')
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
        -- Somebody else may have taken it back while this waited for the batch, and it may be in work again.
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
        'remedy', 'Retry the batch to go on with what is left.', 'retryable', true)
$$;

-- Batches whose time is over fail; what waits in them fails with them, and what runs is told to stop.
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

-- What an owner does with a batch, and what follows for its jobs. Row-level security lets each find only their own.

-- Locks a batch, refuses what its state does not allow (PR409) and what is not there (PR404).
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

-- Moves all jobs of a batch that no worker holds to `_to` and keeps the counters; the row of the batch is locked.
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

-- What failed waits again, with fresh tries and, where there is a deadline, fresh time.
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
        deadline = now() + make_interval(mins => minutes) WHERE id = _batch;
    UPDATE batches SET state = 'running' WHERE id = _batch;
    PERFORM settle(_batch);
    PERFORM wake_workers();
END $$;

-- Adds rows to a batch that is being created, up to a thousand at a time.
CREATE OR REPLACE FUNCTION add_jobs(_batch text, _rows jsonb) RETURNS void LANGUAGE sql AS $$
    INSERT INTO jobs (batch_id, owner, project, position, priority, state, data, error, message)
    SELECT b.id, b.owner, b.project, r.position, coalesce(r.priority, b.priority), coalesce(r.state, 'queued'), r.data,
        r.error, coalesce(r.error->>'message', '')
    FROM batches b, jsonb_to_recordset(_rows)
        AS r(position integer, priority smallint, state text, data jsonb, error jsonb)
    WHERE b.id = _batch ORDER BY r.position
$$;

-- Removes a batch that has ended, and all that belongs to it.
CREATE OR REPLACE FUNCTION forget(_batch text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hold(_batch, 'remove', ARRAY['completed', 'canceled', 'failed']);
    DELETE FROM job_events WHERE batch_id = _batch;
    DELETE FROM batches WHERE id = _batch;
END $$;

-- Tells whoever watches a batch that something happened in it: once for a transaction, however many events it writes.
CREATE OR REPLACE FUNCTION tell_listeners() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('pressrun_events', NEW.batch_id);
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER tell_listeners AFTER INSERT ON job_events FOR EACH ROW EXECUTE FUNCTION tell_listeners();

-- Two roles, neither of which may log in, is a superuser or goes around row-level security. `pressrun_api` works for one
-- user per transaction, named by the setting pressrun.user, and finds only what is theirs. `pressrun_worker` works for all.

GRANT USAGE ON SCHEMA pressrun TO pressrun_api, pressrun_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON batches, jobs, job_stages, job_events, webhook_outbox
    TO pressrun_api, pressrun_worker;
GRANT SELECT ON workers TO pressrun_api;
-- So that a user who has the two roles, and not made the tables, sees that they are of its version.
GRANT SELECT ON schema_digest TO pressrun_api, pressrun_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON workers, dispatches, project_tokens, procrastinate_jobs, procrastinate_events,
    procrastinate_workers, procrastinate_periodic_defers TO pressrun_worker;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA pressrun TO pressrun_worker;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA pressrun FROM PUBLIC, pressrun_api;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pressrun TO pressrun_worker;
-- What owners do, and what that rests on; the progress and the end of jobs are for workers to tell.
GRANT EXECUTE ON FUNCTION add_jobs, pause_batch, resume_batch, cancel_batch, retry_batch, forget, hold, withdraw, settle,
    tell_outside, tell_workers, wake_workers TO pressrun_api;

DO $$
DECLARE
    _table text;
BEGIN
    FOREACH _table IN ARRAY ARRAY['batches', 'jobs', 'job_stages', 'job_events', 'webhook_outbox'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', _table);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', _table);
        EXECUTE format('DROP POLICY IF EXISTS of_its_owner ON %I', _table);
        EXECUTE format('DROP POLICY IF EXISTS of_the_workers ON %I', _table);
        EXECUTE format('CREATE POLICY of_its_owner ON %I TO pressrun_api '
            'USING (owner = (SELECT current_setting(''pressrun.user'', true)))', _table);
        EXECUTE format('CREATE POLICY of_the_workers ON %I TO pressrun_worker USING (true)', _table);
    END LOOP;
END $$;
