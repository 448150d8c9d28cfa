"""The tables of the queue and their changes from one version to the next, as alembic keeps them."""
