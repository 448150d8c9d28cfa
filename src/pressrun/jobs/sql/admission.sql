-- Admission: jobs wait in our own table, and only jobs that pauses, limits and rates allow become a ticket in the
-- table of procrastinate. A ticket has the id of its job, so tickets are claimed by priority and then in the order of
-- creation. A ticket whose job is no longer dispatched (paused, cancelled) is invalid, and the worker that claims it
-- deletes it.
--
-- Every function here locks in the same order: admission, batch, job. So no two of them can deadlock.

-- Returns how many of `_want` jobs the limits of an owner and a project allow now, and the seconds until they allow
-- one more. A limit of 0: unlimited.
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

-- Uses up as many as are allowed. It holds the lock of admission: two at once would both use the same allowance.
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

-- Dispatches up to `_want` jobs and returns how many. If an owner or a project reaches its limit, the loop runs again
-- for the jobs of the others, so that no owner waits for the limit of another.
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
                FROM batches b LEFT JOIN (
                    SELECT owner, sum(active) AS active FROM batches WHERE active > 0 GROUP BY owner
                ) share ON share.owner = b.owner CROSS JOIN LATERAL (
                    SELECT id, priority, not_before FROM jobs
                    WHERE batch_id = b.id AND state IN ('queued', 'rate_limited', 'retried')
                        AND (state <> 'retried' OR not_before <= now())
                    ORDER BY priority, id LIMIT greatest(0, b.parallel - b.active)
                ) j
                WHERE b.state IN ('pending', 'running') AND b.waiting > 0 AND b.active < b.parallel
                    AND (b.deadline IS NULL OR b.deadline > now())
                    AND (_queues IS NULL OR b.queue = ANY (_queues))
                    AND whose(b.owner, b.project) <> ALL (_full)
                    AND (j.not_before IS NULL OR j.not_before <= now())
                -- Owners take turns within a priority: first come those with the fewest jobs that run or may run.
                ORDER BY j.priority, coalesce(share.active, 0)
                    + row_number() OVER (PARTITION BY b.owner ORDER BY j.priority, j.id), j.id LIMIT _want - _admitted
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

-- Returns a key that is equal for batches with the same limits.
CREATE OR REPLACE FUNCTION whose(_owner text, _project text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT _owner || E'\n' || coalesce(_project, '')
$$;

-- Procrastinate would wake every worker for every ticket. `admit` wakes them only for tickets beyond the one that its
-- caller claims.
ALTER TABLE procrastinate_jobs DISABLE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1;

-- Makes jobs wait for `_wait` seconds, as rate limited. The row of their batch is locked.
CREATE OR REPLACE FUNCTION hold_back(_batch text, _ids bigint[], _wait double precision) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    _until timestamptz := now() + make_interval(secs => _wait);
    _new integer;
BEGIN
    UPDATE jobs SET not_before = _until WHERE id = ANY (_ids) AND state = 'rate_limited';
    UPDATE jobs SET state = 'rate_limited', not_before = _until,
        message = format('Waits %s s for the rate limit', ceil(_wait))
    WHERE id = ANY (_ids) AND state <> 'rate_limited';
    GET DIAGNOSTICS _new = ROW_COUNT;
    UPDATE batches SET limited = limited + _new WHERE id = _batch;
END $$;

-- Returns the seconds until the next retried or rate limited job is due; NULL without one.
CREATE OR REPLACE FUNCTION next_due() RETURNS double precision LANGUAGE sql STABLE AS $$
    SELECT extract(epoch FROM min(not_before) - clock_timestamp())::double precision FROM jobs
    WHERE not_before IS NOT NULL AND not_before > now() AND state IN ('queued', 'rate_limited', 'retried')
$$;

-- Takes the best ticket for `_worker`: by priority, then of the owner with the fewest running jobs, then the oldest. A
-- ticket whose batch was deleted has no owner and comes first, so that it is discarded.
CREATE OR REPLACE FUNCTION take_ticket(_queues varchar[], _worker bigint) RETURNS procrastinate_jobs LANGUAGE plpgsql
AS $$
DECLARE
    _ticket procrastinate_jobs;
BEGIN
    WITH best AS (
        SELECT t.id FROM procrastinate_jobs t LEFT JOIN jobs j ON j.id = t.id
        WHERE t.status = 'todo' AND t.task_name = 'pressrun.run' AND (_queues IS NULL OR t.queue_name = ANY (_queues))
        ORDER BY t.priority DESC,
            (SELECT count(*) FROM jobs r WHERE r.owner = j.owner AND r.state = 'in_progress'), t.id
        LIMIT 1 FOR UPDATE OF t SKIP LOCKED
    )
    UPDATE procrastinate_jobs t SET status = 'doing', worker_id = _worker FROM best WHERE t.id = best.id
    RETURNING t.* INTO _ticket;
    RETURN _ticket;
END $$;

-- Claims the best ticket for `_worker` and puts its job in progress. Returns it as procrastinate reads a job, or only
-- the seconds until the next one is due. Admits jobs before that if `_first`, or else if no ticket is left.
CREATE OR REPLACE FUNCTION claim_job(
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
        _ticket := take_ticket(_queues, _worker);
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
            started_at = coalesce(j.started_at, now()), claimed_at = now()
        WHERE j.id = _ticket.id AND j.state = 'dispatched' RETURNING j.* INTO _job;
        EXIT WHEN FOUND;
        DELETE FROM procrastinate_jobs t WHERE t.id = _ticket.id;
    END LOOP;
    RETURN QUERY SELECT _ticket.id, 'doing', _ticket.task_name::text, _ticket.priority, NULL::text, NULL::text,
        jsonb_build_object('job_id', _job.id, 'attempt', _job.attempt, 'batch_id', _job.batch_id, 'owner', _job.owner,
            'project', _job.project, 'position', _job.position, 'priority', _job.priority,
            'kind', _batch.kind, 'pipeline', _batch.pipeline, 'title', _job.title, 'data', _job.data,
            'settings', _batch.settings, 'request', _batch.request, 'run_folder', _job.run_folder),
        NULL::timestamptz, _ticket.queue_name::text, _job.attempt, _worker, NULL::double precision;
END $$;
