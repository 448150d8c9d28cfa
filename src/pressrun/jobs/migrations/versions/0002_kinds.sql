-- The tables belong to the user who migrates, and without this their own policies could hide rows from the updates
-- below. `policies.sql` sets it again in the same transaction.
ALTER TABLE batches NO FORCE ROW LEVEL SECURITY;
ALTER TABLE jobs NO FORCE ROW LEVEL SECURITY;

ALTER TABLE batches ADD COLUMN kind text;
UPDATE batches SET kind = CASE WHEN queue LIKE 'books-%' THEN 'books' ELSE 'ideas' END;
ALTER TABLE batches ALTER COLUMN kind SET NOT NULL;

-- `title` is what a user calls the job, `problems` lists the cells for which a row was rejected.
ALTER TABLE jobs ADD COLUMN title text NOT NULL DEFAULT '', ADD COLUMN problems jsonb NOT NULL DEFAULT '[]';
UPDATE jobs SET title = coalesce(data->>'idea_title', data->>'title', ''),
    problems = CASE WHEN state = 'skipped' THEN coalesce(data->'problems', '[]') ELSE '[]' END;

-- Programs of the previous version may still run. Their workers call the function `claim`, which stays as it is (workers
-- of this version call `claim_job`), and their batches come without a kind.
CREATE FUNCTION kind_of_older_batch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.kind := CASE WHEN NEW.queue LIKE 'books-%' THEN 'books' ELSE 'ideas' END;
    RETURN NEW;
END $$;
CREATE TRIGGER kind_of_older_batch BEFORE INSERT ON batches
    FOR EACH ROW WHEN (NEW.kind IS NULL) EXECUTE FUNCTION kind_of_older_batch();
