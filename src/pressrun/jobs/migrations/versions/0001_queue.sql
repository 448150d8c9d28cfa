CREATE TABLE batches (
    id text COLLATE "C" PRIMARY KEY,
    owner text NOT NULL,
    project text,
    title text NOT NULL,
    state text NOT NULL DEFAULT 'pending',
    priority smallint NOT NULL DEFAULT 5 CHECK (priority BETWEEN 1 AND 10),
    request jsonb NOT NULL DEFAULT '{}',
    settings jsonb NOT NULL DEFAULT '{}',
    pipeline text NOT NULL,
    queue text NOT NULL,
    template text,
    parallel smallint NOT NULL CHECK (parallel BETWEEN 1 AND 5),
    max_retries smallint NOT NULL DEFAULT 3 CHECK (max_retries BETWEEN 0 AND 20),
    minutes smallint CHECK (minutes BETWEEN 1 AND 1440),
    deadline timestamptz,
    -- Counters, so that neither a list nor the progress ever counts jobs. `partial` is the sum of the percents of the
    -- jobs that have not ended.
    total integer NOT NULL,
    waiting integer NOT NULL,
    active integer NOT NULL DEFAULT 0,
    completed integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    skipped integer NOT NULL DEFAULT 0,
    canceled integer NOT NULL DEFAULT 0,
    limited integer NOT NULL DEFAULT 0,
    partial double precision NOT NULL DEFAULT 0,
    cost double precision NOT NULL DEFAULT 0,
    percent double precision NOT NULL GENERATED ALWAYS AS (
        CASE WHEN total = skipped THEN 100
        ELSE least(100, greatest(0, (100.0 * (completed + failed + canceled) + partial) / (total - skipped)))
        END) STORED,
    idempotency_key text,
    digest text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    worked double precision NOT NULL DEFAULT 0,  -- seconds of work of all its ended jobs
    CHECK (waiting >= 0 AND active >= 0 AND limited >= 0
           AND waiting + active + completed + failed + skipped + canceled = total)
);
CREATE UNIQUE INDEX batches_idempotency ON batches (owner, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX batches_created ON batches (owner, created_at, id);
CREATE INDEX batches_updated ON batches (owner, updated_at, id);
CREATE INDEX batches_percent ON batches (owner, percent, id);
CREATE INDEX batches_state ON batches (owner, state, created_at, id);
CREATE INDEX batches_open ON batches (queue, id) WHERE state IN ('pending', 'running') AND waiting > 0;
CREATE INDEX batches_deadline ON batches (deadline)
    WHERE deadline IS NOT NULL AND state IN ('pending', 'running', 'pausing', 'paused');

CREATE TABLE jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id text COLLATE "C" NOT NULL REFERENCES batches ON DELETE CASCADE,
    owner text NOT NULL,
    project text,
    position integer NOT NULL,
    priority smallint NOT NULL CHECK (priority BETWEEN 1 AND 10),
    state text NOT NULL DEFAULT 'queued',
    attempt integer NOT NULL DEFAULT 0,
    tries smallint NOT NULL DEFAULT 0,
    not_before timestamptz,
    data jsonb NOT NULL,
    run_folder text,
    stage text,
    percent real NOT NULL DEFAULT 0,
    message text NOT NULL DEFAULT '',
    output_url text,
    cost double precision NOT NULL DEFAULT 0,
    result jsonb,
    error jsonb,
    worker bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    UNIQUE (batch_id, position)
);
CREATE INDEX jobs_waiting ON jobs (batch_id, priority, id) WHERE state IN ('queued', 'rate_limited', 'retried');
CREATE INDEX jobs_due ON jobs (not_before)
    WHERE not_before IS NOT NULL AND state IN ('queued', 'rate_limited', 'retried');

CREATE TABLE job_stages (
    job_id bigint NOT NULL REFERENCES jobs ON DELETE CASCADE,
    owner text NOT NULL,
    stage text NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL DEFAULT 1,
    percent real NOT NULL DEFAULT 0,
    seconds double precision,
    started_at timestamptz,
    finished_at timestamptz,
    PRIMARY KEY (job_id, stage)
);

-- No foreign keys: they would be looked up at every move; `forget` deletes the events together with a batch.
CREATE TABLE job_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id text COLLATE "C" NOT NULL,
    job_id bigint,
    owner text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    level text NOT NULL DEFAULT 'info',
    kind text NOT NULL,
    message text NOT NULL DEFAULT '',
    stage text,
    percent real,
    scene integer,
    scenes_total integer,
    data jsonb
);
CREATE INDEX job_events_batch ON job_events (batch_id, id);
CREATE INDEX job_events_job ON job_events (job_id, id);

CREATE TABLE dispatches (
    owner text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    jobs integer NOT NULL
);
CREATE INDEX dispatches_owner ON dispatches (owner, at);

CREATE TABLE project_tokens (
    project text PRIMARY KEY,
    tokens double precision NOT NULL,
    counted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE workers (
    id bigint PRIMARY KEY,
    host text NOT NULL,
    pid integer NOT NULL,
    concurrency integer NOT NULL,
    queues text[],
    started_at timestamptz NOT NULL DEFAULT now(),
    beat timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE webhook_outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id text COLLATE "C" NOT NULL REFERENCES batches ON DELETE CASCADE,
    owner text NOT NULL,
    url text NOT NULL,
    body jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    not_before timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    tries integer NOT NULL DEFAULT 0
);
CREATE INDEX webhook_outbox_due ON webhook_outbox (not_before) WHERE sent_at IS NULL;
