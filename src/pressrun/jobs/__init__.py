"""The queue door: batches of jobs with owners, priorities and states, worked off by one or many workers."""
