"""`TOY`: a kind of job with the quick stages of `TINY`, for tests of queues, workers and the REST API.

A row has a `title`, which may hold directions for stages (see `pressrun.testing.tiny`), and an `author`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pressrun.jobs.batches import NewBatch, NewJob, create_batch
from pressrun.jobs.connection import Queue
from pressrun.jobs.handler import JobContext, Outcome
from pressrun.jobs.kind import kind, shared
from pressrun.kinds.host import Host
from pressrun.kinds.in_run_folder import NewItem, published_result, run_in_folder
from pressrun.model.book import Book
from pressrun.model.stage import Pipeline
from pressrun.settings import Settings, with_values
from pressrun.testing.pipeline import TINY

TOY = kind("toy", "pressrun.testing.kind", TINY, queue=shared("toys"))
SETTINGS = {"source": "folder", "writer": "extractive", "voice": "espeak", "publisher": "folder", "shorts": False}
"""Item settings that need nothing but this machine."""


def run(job: JobContext, host: Host) -> Outcome:
    """Make one attempt at the job."""
    return run_in_folder(job, host, new_item, published_result)


def new_item(job: JobContext, _: Pipeline, settings: Settings) -> NewItem:
    """Return the item of a row, with the settings of the workspace changed by the batch."""
    book = Book(str(job.data["title"]), job.data.get("author") or None)
    return NewItem(book, with_values(settings, job.settings, f"Row {job.position}"))


def send(
    queue: Queue,
    rows: Sequence[Mapping[str, Any]],
    title: str = "Toys",
    *,
    pipeline: str = TINY.name,
    settings: Mapping[str, Any] = SETTINGS,
    parallel: int = 1,
    max_retries: int = TOY.max_retries,
) -> str:
    """Send a batch with one job per row; return its id."""
    batch = NewBatch(
        title, TOY.name, pipeline, TOY.queue.name, parallel=parallel, max_retries=max_retries, settings=settings
    )
    jobs = (NewJob(number, str(row["title"]), row) for number, row in enumerate(rows, start=1))
    made, _ = create_batch(queue, batch, jobs)
    return str(made["id"])
