"""The Python API: the queue and the books from a program."""
