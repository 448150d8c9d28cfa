"""A database as the first version of the tables left it, and the statements that programs of that version send."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from pressrun.jobs import migrate

Connection = psycopg.Connection[Any]
TABLES = Path(migrate.__file__).parent / "migrations" / "versions" / "0001_queue.sql"
FUNCTIONS = Path(__file__).with_name("functions_0001.sql")
"""Functions, triggers and policies of that version."""
WAITING = ("queued", "rate_limited", "retried")
ACTIVE = ("dispatched", "in_progress")


def set_up(url: str) -> None:
    """Make the tables of version 1, as `migrate` of that version did."""
    from procrastinate.schema import SchemaManager

    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA pressrun")
        cursor.execute("SET LOCAL search_path TO pressrun")
        migrate._create_roles(cursor)
        cursor.execute("CREATE TABLE schema_digest (digest text NOT NULL, procrastinate text NOT NULL)")
        cursor.execute(SchemaManager.get_schema())
        cursor.execute("CREATE TABLE schema_version (version_num varchar(32) PRIMARY KEY)")
        cursor.execute("INSERT INTO schema_version VALUES ('0001')")
        cursor.execute(TABLES.read_bytes())
        cursor.execute(FUNCTIONS.read_bytes())
        latest = migrate._procrastinate_scripts()[-1].name
        cursor.execute("INSERT INTO schema_digest VALUES ('version 1', %s)", (latest,))


def create_batch(connection: Connection, batch: str, rows: list[dict[str, Any]], **columns: Any) -> None:
    """Create a batch with the statements of version 1: without kind and titles."""
    values = {"owner": "anna", "title": "Spring", "pipeline": "idea-video", "queue": "items", "parallel": 5} | columns
    skipped = sum(row.get("state") == "skipped" for row in rows)
    values |= {"id": batch, "total": 0, "waiting": 0}
    names = ", ".join(values)
    places = ", ".join(f"%({name})s" for name in values)
    connection.execute(f"INSERT INTO batches ({names}) VALUES ({places})".encode(), values)
    connection.execute("SELECT add_jobs(%s, %s)", (batch, Jsonb(rows)))
    connection.execute(
        "UPDATE batches SET total = %(total)s, waiting = %(total)s::integer - %(skipped)s, skipped = %(skipped)s "
        "WHERE id = %(id)s",
        {"id": batch, "total": len(rows), "skipped": skipped},
    )


def claim(connection: Connection, worker: int) -> dict[str, Any] | None:
    """Claim a job with the statement of version 1; return what a worker of that version gets."""
    row = connection.execute("SELECT * FROM claim(NULL, %s, true, 5, 0, 0, 5, 0)", (worker,)).fetchone()
    assert row is not None
    return row[6] if row[0] is not None else None


def put_in_state(connection: Connection, batch: str, state: str, jobs: list[str]) -> None:
    """Put a batch and its jobs into states, without their moves, with the counters and tickets that belong to them."""
    connection.execute("ALTER TABLE jobs DISABLE TRIGGER job_moved; ALTER TABLE batches DISABLE TRIGGER batch_moved")
    for position, job in enumerate(jobs, 1):
        connection.execute(
            "UPDATE jobs SET state = %s, attempt = %s, run_folder = %s, worker = %s "
            "WHERE batch_id = %s AND position = %s",
            (job, int(job not in WAITING), f"runs/{position}", 4711 if job in ACTIVE else None, batch, position),
        )
    numbers = {name: jobs.count(name) for name in ("completed", "failed", "skipped", "cancelled", "rate_limited")}
    connection.execute(
        "UPDATE batches SET state = %s, waiting = %s, active = %s, completed = %s, failed = %s, skipped = %s, "
        "canceled = %s, limited = %s WHERE id = %s",
        (state, sum(job in WAITING for job in jobs), sum(job in ACTIVE for job in jobs), *numbers.values(), batch),
    )
    connection.execute(
        "INSERT INTO procrastinate_jobs (id, queue_name, task_name, status, attempts) "
        "SELECT j.id, b.queue, 'pressrun.run', (CASE j.state WHEN 'dispatched' THEN 'todo' ELSE 'doing' END)"
        "::procrastinate_job_status, j.attempt FROM jobs j JOIN batches b ON b.id = j.batch_id "
        "WHERE b.id = %s AND j.state IN ('dispatched', 'in_progress')",
        (batch,),
    )
    connection.execute("ALTER TABLE jobs ENABLE TRIGGER job_moved; ALTER TABLE batches ENABLE TRIGGER batch_moved")
