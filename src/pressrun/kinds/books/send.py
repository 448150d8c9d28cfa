"""Send the books of a list to the queue, and read their jobs.

A book belongs to its workspace, which has the database, the run folders and the sources. So each workspace has its own
queue, and only workers that see its files serve it, on any machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from pressrun.errors import PipelineError
from pressrun.jobs.batches import MAX_PARALLEL, NewBatch, NewJob, create_batch
from pressrun.jobs.connection import Queue, Row
from pressrun.kinds.books import BOOKS
from pressrun.model.book import Book
from pressrun.model.conversion import convert
from pressrun.model.plan import PlanRow, RunOptions, ServiceChoice
from pressrun.settings import Settings
from pressrun.wording import sentence

ORDER_KEY = "books"
"""Key of the `BookOrder` in the request of a batch."""


@dataclass(frozen=True)
class BookOrder:
    """The settings and options of books that were sent together, as `run-batch` would use them itself."""

    settings: Settings
    options: RunOptions
    services: tuple[ServiceChoice, ...]
    total: int
    """Number of books in the list."""


def send(
    queue: Queue, workspace: Path, pipeline: str, rows: Sequence[PlanRow], order: BookOrder, concurrency: int
) -> list[str]:
    """Send the books of `rows`, and return the ids of their batches.

    A batch runs at most five jobs at once, so a higher `concurrency` takes several batches.
    """
    name = BOOKS.queue.of(workspace)
    parts = max(1, min(-(-concurrency // MAX_PARALLEL), len(rows)))
    request = {ORDER_KEY: msgspec.to_builtins(order)}
    batch_ids = []
    for part in range(parts):
        part_rows = rows[part::parts]
        title = str(part_rows[0].book) if len(part_rows) == 1 else f"{len(part_rows)} books"
        parallel = max(1, min(MAX_PARALLEL, -(-(concurrency - part) // parts)))
        batch = NewBatch(
            title, BOOKS.name, pipeline, name, parallel=parallel, max_retries=BOOKS.max_retries, request=request
        )
        jobs = (NewJob(row.number, row.book.title, _job_data(row)) for row in part_rows)
        created, _ = create_batch(queue, batch, jobs)
        batch_ids.append(str(created["id"]))
    return batch_ids


def _job_data(row: PlanRow) -> dict[str, Any]:
    return {"title": row.book.title, "author": row.book.author, "waits": sentence(row.waits)}


def decode_order(request: Mapping[str, Any]) -> BookOrder:
    """Return the order of a batch. Raises `PipelineError` if another version sent it in another form."""
    try:
        return convert(request[ORDER_KEY], BookOrder, strict=False)
    except msgspec.ValidationError as error:
        raise PipelineError(
            f"The books were sent by another version of Pressrun: {error}",
            remedy="Install the same version on all machines, and send the books again.",
        ) from error


def decode_book(data: Mapping[str, Any]) -> Book:
    """Return the book of a job."""
    return Book(str(data["title"]), data.get("author") or None)


_OPEN = "('queued', 'rate_limited', 'retried', 'dispatched', 'in_progress')"
_COLUMNS = "id, batch_id, position, data, state, stage, run_folder, result, error"


def open_jobs(queue: Queue, workspace: Path) -> list[Row]:
    """Return the jobs that were sent from this workspace and have not ended, oldest first."""
    name = BOOKS.queue.of(workspace)
    return _read_jobs(queue, f"state IN {_OPEN} AND batch_id IN (SELECT id FROM batches WHERE queue = %s)", name)


def batch_jobs(queue: Queue, batch_ids: Iterable[str]) -> list[Row]:
    """Return the jobs of batches, oldest first."""
    return _read_jobs(queue, "batch_id = ANY (%s)", list(batch_ids))


def jobs_by_id(queue: Queue, ids: Iterable[int]) -> list[Row]:
    """Return the jobs with these ids, oldest first."""
    return _read_jobs(queue, "id = ANY (%s)", list(ids))


def _read_jobs(queue: Queue, condition: str, *values: object) -> list[Row]:
    with queue.transaction() as cursor:
        return cursor.execute(f"SELECT {_COLUMNS} FROM jobs WHERE {condition} ORDER BY id".encode(), values).fetchall()

