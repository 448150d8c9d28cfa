"""Entry point of alembic. It uses the connection and transaction of `pressrun.jobs.migrate`."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"], version_table="schema_version", version_table_schema="pressrun"
)
context.run_migrations()
