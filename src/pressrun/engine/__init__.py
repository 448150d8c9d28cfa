"""Plan and run books: freshness, processes, checkpoints and results. Stages are started by name, never imported."""
