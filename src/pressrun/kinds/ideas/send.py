"""Create a batch of ideas from a request: read its rows, load its template, and add the jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pressrun.errors import ErrorReport, NoUsableRowsError, RequestError
from pressrun.jobs.batches import Idempotency, NewBatch, NewJob, create_batch, find_by_idempotency_key
from pressrun.jobs.connection import Queue
from pressrun.jobs.connection import Row as BatchRow
from pressrun.jobs.states import priority_number
from pressrun.jobs.webhooks.addresses import BlockedAddressError, read_networks, require_reachable
from pressrun.jobs.webhooks.outbox import is_disabled
from pressrun.kinds.ideas import IDEAS
from pressrun.kinds.ideas.item_settings import batch_settings, load_template
from pressrun.kinds.ideas.request import BulkJobRequest, read_rows, request_digest, row_priority, stored_request
from pressrun.kinds.ideas.rows.model import RejectedRow, Rows
from pressrun.kinds.ideas.templates import Template, template_warnings
from pressrun.kinds.problems import quote
from pressrun.media.style_files import style_names

MAX_REPORTED_ROWS = 100
"""Rejected rows that an error or a response lists."""
MAX_WARNINGS = 20
"""Warnings stored with a batch."""
MILLISECONDS_PER_MINUTE = 60_000


@dataclass(frozen=True)
class SendResult:
    """A batch in the queue, with the accepted and rejected rows of its request."""

    batch: BatchRow
    rows: Rows
    new: bool
    """False if the idempotency key found the batch of an earlier request."""


@dataclass(frozen=True)
class BatchDefaults:
    """Defaults of all batches of a server or a program."""

    workspace: Path
    """Has the styles, templates and music."""
    font_dir: str = ""
    queue: str | None = None
    """Name of the queue; None for the queue of the kind."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Item settings; those of a request take precedence."""
    notes: Mapping[str, Any] = field(default_factory=dict)
    """Stored with the request of every batch."""


def send(
    queue: Queue,
    request: BulkJobRequest,
    defaults: BatchDefaults,
    *,
    project: str | None = None,
    key: str | None = None,
    rows: Rows | None = None,
) -> SendResult:
    """Create a batch from the rows that can be used. The others are stored in it as skipped.

    `key` is an idempotency key, and `rows` are those of the request if they are read already. Raises
    `NoUsableRowsError` if no row can be used, `RowsError` and `TemplateError` for input that cannot be read, the errors
    of `read_rows` for a sheet, `SettingsError` for an unknown style, and `IdempotencyError` for a key that was used for
    another request.
    """
    rows = rows or read_rows(request, style_names(defaults.workspace))
    if not rows.accepted:
        raise no_usable_rows(rows)
    idempotency = Idempotency(key, request_digest(request)) if key else None
    if idempotency and (earlier := find_by_idempotency_key(queue, idempotency)):
        return SendResult(earlier, rows, new=False)
    checked = check_request(queue, request, defaults, rows)
    batch = _new_batch(request, checked, defaults, project)
    row, new = create_batch(queue, batch, _new_jobs(request, rows), idempotency)
    return SendResult(row, rows, new)


@dataclass(frozen=True)
class CheckedRequest:
    """A request whose rows, template and callback can be used, as far as that is known before anything is made."""

    rows: Rows
    template: Template | None
    warnings: tuple[str, ...]
    settings: dict[str, Any]
    """Item settings of all rows."""


def check_request(
    queue: Queue, request: BulkJobRequest, defaults: BatchDefaults, rows: Rows | None = None
) -> CheckedRequest:
    """Check what a batch needs. Raises the errors of `send`, except that no row has to be usable."""
    rows = rows or read_rows(request, style_names(defaults.workspace))
    template = load_template(request.template, defaults.workspace, defaults.font_dir)
    warnings = (*_callback_warnings(queue, request), *(template_warnings(template) if template else ()), *rows.warnings)
    settings = {**defaults.settings, **batch_settings(request, template)}
    return CheckedRequest(rows, template, warnings, settings)


def _callback_warnings(queue: Queue, request: BulkJobRequest) -> Iterator[str]:
    """Yield a warning if the URL receives no webhooks. Raises `RequestError` for one that never can."""
    url = request.callback_url
    if not url:
        return
    try:
        require_reachable(url, read_networks())
    except BlockedAddressError as error:
        problem = ("callback_url", quote(url), "a URL that this server may call")
        raise RequestError(f"callback_url: {error}", remedy="Use a public https URL.", problems=(problem,)) from None
    if is_disabled(queue, url):
        yield f"callback_url: {url} answered 410 earlier and receives no webhooks; send a test to enable it again"


def no_usable_rows(rows: Rows) -> NoUsableRowsError:
    """Return the error for rows that all have problems, with the first of them."""
    total = len(rows.rejected)
    return NoUsableRowsError(
        f"None of the {total} rows can be used. The first: {rows.rejected[0]}" if total else "There are no rows",
        remedy="Correct the rows listed here and send the request again." if total else "Send at least one row.",
        rejected=tuple(each.as_data() for each in rows.rejected[:MAX_REPORTED_ROWS]),
        total=total,
    )


def _new_batch(
    request: BulkJobRequest,
    checked: CheckedRequest,
    defaults: BatchDefaults,
    project: str | None,
) -> NewBatch:
    deadline, warnings, template = request.processing_deadline_ms, checked.warnings, checked.template
    omitted = len(warnings) - MAX_WARNINGS
    stored = [*warnings[:MAX_WARNINGS], *((f"{omitted} more warnings are omitted",) if omitted > 0 else ())]
    return NewBatch(
        title=request.title,
        kind=IDEAS.name,
        pipeline=IDEAS.pipelines[0].name,
        queue=defaults.queue or IDEAS.queue.of(defaults.workspace),
        project=project,
        priority=priority_number(request.priority),
        parallel=request.max_concurrent,
        max_retries=request.max_retries,
        minutes=None if deadline is None else -(-deadline // MILLISECONDS_PER_MINUTE),
        settings=checked.settings,
        request=stored_request(request) | {**defaults.notes, "warnings": stored},
        template=template.template_id if template else None,
        webhook_events=request.webhook_events,
    )


def _new_jobs(request: BulkJobRequest, rows: Rows) -> Iterator[NewJob]:
    for row in rows.accepted:
        data = row.idea.idea_data() | {"extra": dict(row.extra)}
        yield NewJob(row.number, row.idea.idea_title, data, row_priority(request, row))
    for rejected in rows.rejected:
        yield rejected_job(rejected)


def rejected_job(row: RejectedRow) -> NewJob:
    """Return a rejected row as a job, which is stored as skipped."""
    report = ErrorReport("RowsError", str(row), "Correct the row and send it in a new batch.")
    data = row.as_data()
    return NewJob(row.number, "", data, rejected=report, problems=data["problems"])
