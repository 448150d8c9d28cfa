"""Where alembic starts: it works on the connection that `pressrun.jobs.migrate` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"], version_table="schema_version", version_table_schema="pressrun"
)
context.run_migrations()
