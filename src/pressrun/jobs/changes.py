"""Change a batch while it waits or runs: its title, priority, limit and deadline, or more rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from pressrun.errors import IdempotencyError
from pressrun.jobs.batches import Idempotency, JobCounter, NewJob, require_id
from pressrun.jobs.connection import Queue, Row, as_json
from pressrun.jobs.queries import get_batch
from pressrun.jobs.states import ENDED, BatchState

CHANGEABLE = (BatchState.PENDING, BatchState.RUNNING, BatchState.PAUSING, BatchState.PAUSED)
MAX_KEYS = 1000
"""Idempotency keys of added rows that a batch remembers."""


@dataclass(frozen=True)
class AddedRows:
    """Rows that were added to a batch."""

    first: int
    """Number of the first added row."""
    count: int
    new: bool
    """False if the idempotency key found rows that an earlier request added."""


def change(queue: Queue, batch_id: str, changes: dict[str, Any]) -> Row:
    """Change `title`, `priority` (1 to 10), `parallel`, or `minutes` from now to the deadline (or None).

    Return the batch. Raises `NoSuchBatchError`, and `MoveError` for a batch that has ended.
    """
    require_id(batch_id)
    with queue.transaction() as cursor:
        cursor.execute("SELECT change_batch(%s, %s, %s)", (batch_id, list(CHANGEABLE), as_json(changes)))
    return get_batch(queue, batch_id)


def add_rows(
    queue: Queue, batch_id: str, jobs: Iterable[NewJob], idempotency: Idempotency | None = None
) -> AddedRows:
    """Add jobs to a batch, all or nothing, numbered after its last row.

    Raises `NoSuchBatchError`, `MoveError` for a batch that has ended, and `IdempotencyError` for a key that was used
    for other rows.
    """
    require_id(batch_id)
    with queue.transaction() as cursor:
        cursor.execute("SELECT hold(%s, 'add rows to', %s)", (batch_id, list(CHANGEABLE)))
        row = cursor.execute(
            """SELECT request->'added' AS added,
                (SELECT coalesce(max(position), 0) FROM jobs WHERE batch_id = b.id) AS last
            FROM batches b WHERE id = %s""", (batch_id,),
        ).fetchone()
        assert row is not None
        known: dict[str, Any] = row["added"] or {}
        if idempotency and (earlier := known.get(idempotency.key)):
            if earlier["digest"] != idempotency.digest:
                raise IdempotencyError(
                    f"The idempotency key {idempotency.key} was used for other rows",
                    remedy="Send each new request with a new key.",
                )
            return AddedRows(earlier["first"], earlier["count"], new=False)
        last: int = row["last"]
        counter = JobCounter(replace(job, position=last + number) for number, job in enumerate(jobs, 1))
        for rows in counter.chunks():
            cursor.execute("SELECT add_jobs(%s, %s)", (batch_id, as_json(rows)))
        cursor.execute("SELECT count_added(%s, %s, %s)", (batch_id, counter.total, counter.skipped))
        added = AddedRows(last + 1, counter.total, new=True)
        if idempotency:
            kept = dict(list(known.items())[-MAX_KEYS + 1:])
            kept[idempotency.key] = {"digest": idempotency.digest, "first": added.first, "count": added.count}
            cursor.execute(
                "UPDATE batches SET request = jsonb_set(request, '{added}', %s) WHERE id = %s",
                (as_json(kept), batch_id),
            )
        return added


def remove(queue: Queue, batch_id: str) -> list[Row]:
    """Delete a batch that has ended, with its jobs and events. Return `id` and `run_folder` of its jobs.

    Raises `NoSuchBatchError`, and `MoveError` for a batch that has not ended or has a job that still stops.
    """
    require_id(batch_id)
    with queue.transaction() as cursor:
        cursor.execute("SELECT hold(%s, 'delete', %s)", (batch_id, [state.value for state in ENDED]))
        jobs = cursor.execute("SELECT id, run_folder FROM jobs WHERE batch_id = %s", (batch_id,)).fetchall()
        cursor.execute("SELECT forget(%s)", (batch_id,))
    return jobs
