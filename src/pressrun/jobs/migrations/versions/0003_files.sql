-- The products of each job that are finished so far: a list of objects with name, stage, type, size, sha256 and crc32.
ALTER TABLE jobs ADD COLUMN files jsonb NOT NULL DEFAULT '[]';
