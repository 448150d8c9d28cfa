"""The kinds of job: one package for each, with its declaration, what it sends and how a worker does it."""
