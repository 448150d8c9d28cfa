"""A checked request becomes a batch: its rows are read, its template is tried, and what can be made is queued."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pressrun.errors import ErrorReport, NoUsableRowsError
from pressrun.jobs.batches import Idempotency, NewBatch, NewJob, create_batch, made_before
from pressrun.jobs.connection import Queue
from pressrun.jobs.connection import Row as BatchRow
from pressrun.jobs.states import priority_number
from pressrun.kinds.ideas import IDEAS
from pressrun.kinds.ideas.item_settings import batch_settings, template_of_request
from pressrun.kinds.ideas.request import BulkJobRequest, canonical_digest, priority_of, read_input, record_of
from pressrun.kinds.ideas.rows.model import Rows
from pressrun.kinds.ideas.templates import Template, notes_of
from pressrun.media.style_files import style_names

TOLD = 100
"""Rejected rows that an error names one by one."""
MOST_WARNINGS = 20
"""Kept with a batch."""
MINUTE = 60_000
NOT_TOLD = "callback_url is kept with the batch, but nothing is sent to it yet; look at its progress or its events"


@dataclass(frozen=True)
class Enqueued:
    batch: BatchRow
    rows: Rows
    new: bool
    """False when the idempotency key found the batch of an earlier request."""


@dataclass(frozen=True)
class House:
    """Where batches are made: the workspace with its styles, templates and music, and the setting `font_dir`."""

    workspace: Path
    font_dir: str = ""
    queue: str | None = None
    """Name of another queue than that of the kind."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Item settings of every batch that is made here, under those that its request asks for."""
    notes: Mapping[str, Any] = field(default_factory=dict)
    """Kept with the request of every batch that is made here."""


def enqueue(
    queue: Queue, request: BulkJobRequest, house: House, *, project: str | None = None, key: str | None = None
) -> Enqueued:
    """Makes a batch of the rows that can be used; the others are kept in it as skipped.

    Raises `NoUsableRowsError` where no row can be used, `RowsError` and `TemplateError` for what cannot be read,
    `SettingsError` for a style that is not there, and `IdempotencyError` for a key that came with another request.
    """
    rows = read_input(request, style_names(house.workspace))
    if not rows.accepted:
        raise _none_of(rows)
    idempotency = Idempotency(key, canonical_digest(request)) if key else None
    if idempotency and (earlier := made_before(queue, idempotency)):
        return Enqueued(earlier, rows, new=False)
    template = template_of_request(request.template, house.workspace, house.font_dir)
    untold = (NOT_TOLD,) if request.callback_url else ()
    warnings = (*untold, *(notes_of(template) if template else ()), *rows.warnings)
    batch = _batch(request, template, house, project, warnings)
    row, new = create_batch(queue, batch, _jobs(request, rows), idempotency)
    return Enqueued(row, rows, new)


def _none_of(rows: Rows) -> NoUsableRowsError:
    total = len(rows.rejected)
    return NoUsableRowsError(
        f"None of the {total} rows can be used; the first: {rows.rejected[0]}" if total else "There are no rows",
        remedy="Correct the rows that are named and send the request again." if total else "Send at least one row.",
        rejected=tuple(each.as_data() for each in rows.rejected[:TOLD]),
        total=total,
    )


def _batch(
    request: BulkJobRequest, template: Template | None, house: House, project: str | None, warnings: Sequence[str]
) -> NewBatch:
    deadline = request.processing_deadline_ms
    more = (f"There are {len(warnings) - MOST_WARNINGS} more warnings",) if len(warnings) > MOST_WARNINGS else ()
    return NewBatch(
        title=request.title,
        kind=IDEAS.name,
        pipeline=IDEAS.pipelines[0].name,
        queue=house.queue or IDEAS.queue.of(house.workspace),
        project=project,
        priority=priority_number(request.priority),
        parallel=request.max_concurrent,
        max_retries=request.max_retries,
        minutes=None if deadline is None else -(-deadline // MINUTE),
        settings={**house.settings, **batch_settings(request, template)},
        request=record_of(request) | {**house.notes, "warnings": [*warnings[:MOST_WARNINGS], *more]},
        template=template.template_id if template else None,
    )


def _jobs(request: BulkJobRequest, rows: Rows) -> Iterator[NewJob]:
    for row in rows.accepted:
        data = row.idea.idea_data() | {"extra": dict(row.extra)}
        yield NewJob(row.number, row.idea.idea_title, data, priority_of(request, row))
    for rejected in rows.rejected:
        report = ErrorReport("RowsError", str(rejected), "Correct the row and send it in a new batch.")
        data = rejected.as_data()
        yield NewJob(rejected.number, "", data, rejected=report, problems=data["problems"])
