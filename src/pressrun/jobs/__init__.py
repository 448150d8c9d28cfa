"""The queue: batches of jobs with owners, priorities and states in PostgreSQL, done by any number of workers."""
