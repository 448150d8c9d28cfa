"""What the server answers, typed, and also subscriptable: `job.id` and `job["id"]` are the same.

The server may add fields at any time; they are available too. Times are ISO 8601 texts in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Record(Mapping[str, Any]):
    """An object of the API."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = dict(data)

    def __getitem__(self, name: str) -> Any:
        return self._data[name]

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            try:
                return self._data[name]
            except KeyError:
                pass
        raise AttributeError(f"{type(self).__name__} has no field {name!r}; it has {', '.join(self)}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._data!r})"


ENDED = frozenset({"completed", "failed", "canceled"})
"""States in which a job makes no more progress unless you retry it."""


class Job(Record):
    """A bulk job: a batch of rows."""

    id: str
    title: str
    state: str
    allowed: list[str]
    percent_complete: float
    items_total: int
    items_completed: int
    items_failed: int
    items_pending: int
    items_skipped: int
    items_canceled: int
    cost: float
    warnings: list[str]
    created_at: str
    started_at: str | None
    finished_at: str | None

    @property
    def ended(self) -> bool:
        """Return whether the job is completed, failed or canceled."""
        return self.state in ENDED


class NewJob(Job):
    """A job that was just created, with the rows that were rejected or corrected."""

    rejected: list[dict[str, Any]]
    rejected_total: int
    fixes: list[dict[str, Any]]
    fixes_total: int


class Update(Job):
    """The state of a job while it is monitored."""

    event: dict[str, Any] | None
    """The event that caused the update; None for the first and the last one."""


class Progress(Record):
    """The progress of a job and an estimate of the time left."""

    job_id: str
    percent_complete: float
    items_status: dict[str, int]
    timing: dict[str, Any]
    rate_limited: bool


class Item(Record):
    """One row of a job."""

    id: int
    row: int
    title: str
    state: str
    percent_complete: float
    stage: str | None
    message: str
    output_url: str | None
    cost: float
    error: dict[str, Any] | None


class Event(Record):
    """Something that happened in a job."""

    id: int
    created_at: str
    level: str
    kind: str
    row: int | None
    stage: str | None
    progress: float | None
    status: str
    message: str


class File(Record):
    """A finished file of an item."""

    name: str
    size: int
    sha256: str


class Analytics(Record):
    """Sums over the jobs of a range of days."""

    total_jobs: int
    total_items: int
    success_rate: float | None
    avg_processing_time: float | None
    cost_summary: dict[str, Any]


class Validation(Record):
    """What would become of a request: accepted, corrected and rejected rows, and estimates."""


class WebhookEvent(Record):
    """The body of a verified webhook."""

    event: str
    job_id: str
    state: str
    percent_complete: float
    items_completed: int
    items_failed: int
