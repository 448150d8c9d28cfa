"""Where the run folders of jobs are stored when several machines share a queue: a shared folder, or a bucket."""
