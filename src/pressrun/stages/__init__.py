"""What each stage does: one module per stage, with a function `run(work)`."""
