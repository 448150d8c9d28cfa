-- Two roles that cannot log in and are subject to row-level security. `pressrun_api` acts for one user per
-- transaction, named by the setting pressrun.user, and sees only their rows. `pressrun_worker` sees all rows.

GRANT USAGE ON SCHEMA pressrun TO pressrun_api, pressrun_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON batches, jobs, job_stages, job_events, webhook_outbox, webhook_secrets,
    webhook_disabled TO pressrun_api, pressrun_worker;
GRANT SELECT ON workers TO pressrun_api;
-- Lets a user with both roles, who does not own the tables, check that they are up to date.
GRANT SELECT ON schema_digest TO pressrun_api, pressrun_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON workers, dispatches, project_tokens, procrastinate_jobs, procrastinate_events,
    procrastinate_workers, procrastinate_periodic_defers TO pressrun_worker;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA pressrun TO pressrun_worker;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA pressrun FROM PUBLIC, pressrun_api;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pressrun TO pressrun_worker;
-- The actions of owners, and the functions that they call. Only workers report progress and end jobs.
GRANT EXECUTE ON FUNCTION add_jobs, pause_batch, resume_batch, cancel_batch, retry_batch, change_batch, count_added,
    forget, hold, withdraw, settle, tell_outside, tell_workers, wake_workers, store_webhook, announce_item,
    webhook_secrets_of, new_webhook_secret, rotate_webhook_secret TO pressrun_api;

DO $$
DECLARE
    _table text;
BEGIN
    FOREACH _table IN ARRAY ARRAY['batches', 'jobs', 'job_stages', 'job_events', 'webhook_outbox', 'webhook_secrets',
                                 'webhook_disabled'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', _table);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', _table);
        EXECUTE format('DROP POLICY IF EXISTS of_its_owner ON %I', _table);
        EXECUTE format('DROP POLICY IF EXISTS of_the_workers ON %I', _table);
        EXECUTE format('CREATE POLICY of_its_owner ON %I TO pressrun_api '
            'USING (owner = (SELECT current_setting(''pressrun.user'', true)))', _table);
        EXECUTE format('CREATE POLICY of_the_workers ON %I TO pressrun_worker USING (true)', _table);
    END LOOP;
END $$;
