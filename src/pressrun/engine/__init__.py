"""Plan, run folder, runner, child process, checkpoint, result. It starts stages by name and imports none of them."""
