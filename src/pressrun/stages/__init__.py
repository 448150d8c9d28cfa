"""What each stage does: one module per stage, with `run(work)`."""
