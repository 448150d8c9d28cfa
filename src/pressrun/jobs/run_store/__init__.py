"""Where the run folders of jobs lie when several machines work on one queue: a folder they share, or a bucket."""
