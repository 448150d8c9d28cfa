"""The Python API: books in the current workspace, and bulk jobs in the queue."""
