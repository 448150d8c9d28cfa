"""Books: lines of a list that `run-batch` runs itself or sends to the queue."""
