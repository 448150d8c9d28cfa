"""Change a batch of ideas that has not ended: its title, priority, limit and deadline, or more rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from pressrun.errors import UsageError
from pressrun.jobs import changes
from pressrun.jobs.batches import MAX_PARALLEL, Idempotency, NewJob
from pressrun.jobs.changes import AddedRows
from pressrun.jobs.connection import Queue
from pressrun.jobs.queries import get_batch
from pressrun.jobs.states import priority_number
from pressrun.kinds.ideas import IDEAS
from pressrun.kinds.ideas.request import (
    MAX_DEADLINE,
    MAX_TITLE_LENGTH,
    MIN_DEADLINE,
    InputSource,
    Line,
    Priority,
    read_source,
)
from pressrun.kinds.ideas.rows.model import Rows
from pressrun.kinds.ideas.send import MILLISECONDS_PER_MINUTE, no_usable_rows, rejected_job
from pressrun.kinds.validation import StrictModel, validate
from pressrun.media.style_files import style_names

Title = Annotated[Line, Field(min_length=1, max_length=MAX_TITLE_LENGTH)]


class RowsRequest(StrictModel):
    """Rows to add to a batch."""

    input_source: InputSource


class BatchChanges(StrictModel):
    """Changes to a batch that has not ended. A field that is left out stays as it is."""

    title: Title | None = Field(default=None, examples=["Spring, first part"])
    priority: Priority | None = Field(default=None, description="low, normal, high, or 1 (first) to 10")
    processing_deadline_ms: int | None = Field(
        default=None, ge=MIN_DEADLINE, le=MAX_DEADLINE, description="Milliseconds from now; null: no deadline"
    )
    max_concurrent: int | None = Field(default=None, ge=1, le=MAX_PARALLEL, description="Videos made at once")

    def as_changes(self) -> dict[str, Any]:
        """Return the changes for `jobs.changes.change`."""
        found: dict[str, Any] = {}
        if self.title is not None:
            found["title"] = self.title
        if self.priority is not None:
            found["priority"] = priority_number(self.priority)
        if self.max_concurrent is not None:
            found["parallel"] = self.max_concurrent
        if "processing_deadline_ms" in self.model_fields_set:
            milliseconds = self.processing_deadline_ms
            found["minutes"] = None if milliseconds is None else -(-milliseconds // MILLISECONDS_PER_MINUTE)
        return found


@dataclass(frozen=True)
class AppendResult:
    """The added rows, and the accepted and rejected rows of the request."""

    added: AddedRows
    rows: Rows


def parse_rows(body: Any) -> RowsRequest:
    """Return `body`, parsed from JSON, as rows to add. Raises `RequestError` with every invalid field."""
    return validate(RowsRequest, body, "input_source", ("sheet", "csv", "rows"))


def parse_changes(body: Any) -> BatchChanges:
    """Return `body`, parsed from JSON, as changes to a batch. Raises `RequestError` with every invalid field."""
    return validate(BatchChanges, body)


def append(queue: Queue, batch_id: str, request: RowsRequest, workspace: Path, key: str | None = None) -> AppendResult:
    """Add the rows that can be used to a batch, with its settings; the others are added as skipped.

    Raises `NoUsableRowsError`, `RowsError`, `MoveError` for a batch that has ended, `UsageError` for one of another
    kind, and `IdempotencyError`.
    """
    if get_batch(queue, batch_id)["kind"] != IDEAS.name:
        raise UsageError("Rows can only be added to a batch of ideas", remedy="Create a batch with these rows.")
    rows = read_source(request.input_source, style_names(workspace))
    if not rows.accepted:
        raise no_usable_rows(rows)
    plain = json.dumps(request.model_dump(), sort_keys=True, separators=(",", ":"))
    idempotency = Idempotency(key, hashlib.sha256(plain.encode()).hexdigest()) if key else None
    return AppendResult(changes.add_rows(queue, batch_id, _new_jobs(rows), idempotency), rows)


def _new_jobs(rows: Rows) -> Iterator[NewJob]:
    for row in rows.accepted:
        priority = priority_number(row.idea.priority) if "priority" in row.given else None
        yield NewJob(row.number, row.idea.idea_title, row.idea.idea_data() | {"extra": dict(row.extra)}, priority)
    for rejected in rows.rejected:
        yield rejected_job(rejected)
