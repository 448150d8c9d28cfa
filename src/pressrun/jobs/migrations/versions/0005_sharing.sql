-- For sharing between owners: their running jobs, and their batches with some.
CREATE INDEX jobs_running ON jobs (owner) WHERE state = 'in_progress';
CREATE INDEX batches_active ON batches (owner) WHERE active > 0;

-- When the current attempt began: `worked` counts attempts, and not the time between them.
ALTER TABLE jobs ADD COLUMN claimed_at timestamptz;

-- The progress of a batch that failed or was canceled is the share that was completed.
ALTER TABLE batches DROP COLUMN percent;
ALTER TABLE batches ADD COLUMN percent double precision NOT NULL GENERATED ALWAYS AS (
    CASE WHEN total = skipped THEN 100
    WHEN state IN ('failed', 'canceled') THEN 100.0 * completed / (total - skipped)
    ELSE least(100, greatest(0, (100.0 * (completed + failed + canceled) + partial) / (total - skipped)))
    END) STORED;
CREATE INDEX batches_percent ON batches (owner, percent, id);
