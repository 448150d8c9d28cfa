"""Books of a list as jobs of the queue: what is sent, and which of it is still open.

A book belongs to its workspace: the database, the run folders and the sources are there. Each workspace therefore has a
queue of its own, and only workers that see the same files take from it, on whichever machine.
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
from pressrun.model.plan import PlanRow, RunOptions, ServiceChoice
from pressrun.settings import Settings
from pressrun.wording import sentence

ORDER = "books"
"""Where the request of a batch keeps the `BookOrder`."""


@dataclass(frozen=True)
class BookOrder:
    """What holds for all books that were sent together: what `run-batch` would have run them with itself."""

    settings: Settings
    options: RunOptions
    services: tuple[ServiceChoice, ...]
    total: int
    """Books of the list."""


def send(
    queue: Queue, workspace: Path, pipeline: str, rows: Sequence[PlanRow], order: BookOrder, at_once: int
) -> list[str]:
    """Sends the books of `rows`; the ids of their batches. A batch has no more than five at once, so for a larger
    `at_once` there are several."""
    name = BOOKS.queue.of(workspace)
    parts = max(1, min(-(-at_once // MAX_PARALLEL), len(rows)))
    request = {ORDER: msgspec.to_builtins(order)}
    sent = []
    for part in range(parts):
        mine = rows[part::parts]
        title = str(mine[0].book) if len(mine) == 1 else f"{len(mine)} books"
        parallel = max(1, min(MAX_PARALLEL, -(-(at_once - part) // parts)))
        batch = NewBatch(
            title, BOOKS.name, pipeline, name, parallel=parallel, max_retries=BOOKS.max_retries, request=request
        )
        made, _ = create_batch(queue, batch, (NewJob(row.number, row.book.title, _data(row)) for row in mine))
        sent.append(str(made["id"]))
    return sent


def _data(row: PlanRow) -> dict[str, Any]:
    return {"title": row.book.title, "author": row.book.author, "waits": sentence(row.waits)}


def order_of(request: Mapping[str, Any]) -> BookOrder:
    """What was sent. Raises `PipelineError` where another version sent it."""
    try:
        return msgspec.convert(request[ORDER], BookOrder, strict=False)
    except msgspec.ValidationError as error:
        raise PipelineError(
            f"The books were sent by another version of Pressrun: {error}",
            remedy="Bring the workers and the machine that sends to the same version, and send the books again.",
        ) from error


def book_of(data: Mapping[str, Any]) -> Book:
    return Book(str(data["title"]), data.get("author") or None)


_OPEN = "('queued', 'rate_limited', 'retried', 'dispatched', 'in_progress')"
_COLUMNS = "id, batch_id, position, data, state, stage, run_folder, result, error"


def open_jobs(queue: Queue, workspace: Path) -> list[Row]:
    """The books that were sent from this workspace and have not ended."""
    name = BOOKS.queue.of(workspace)
    return _jobs(queue, f"state IN {_OPEN} AND batch_id IN (SELECT id FROM batches WHERE queue = %s)", name)


def jobs_in(queue: Queue, batch_ids: Iterable[str]) -> list[Row]:
    """The jobs of batches."""
    return _jobs(queue, "batch_id = ANY (%s)", list(batch_ids))


def jobs_with(queue: Queue, ids: Iterable[int]) -> list[Row]:
    """The jobs with these ids, in this order of their making."""
    return _jobs(queue, "id = ANY (%s)", list(ids))


def _jobs(queue: Queue, condition: str, *values: object) -> list[Row]:
    with queue.transaction() as cursor:
        return cursor.execute(f"SELECT {_COLUMNS} FROM jobs WHERE {condition} ORDER BY id".encode(), values).fetchall()

