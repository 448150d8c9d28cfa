"""Typed records of the Python API, and the policy of its retries."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from pressrun.errors import UsageError
from pressrun.jobs.limits import require_non_negative_int
from pressrun.jobs.states import JobPriority
from pressrun.kinds.ideas import IDEAS

MAX_RETRIES = 10
"""Highest number of retries that a request accepts."""
MAX_MULTIPLIER = 100.0
MAX_DELAY = 86_400.0
"""Seconds."""


@dataclass(frozen=True, kw_only=True)
class BulkJob:
    """A bulk job. `BulkJob(**processor.get_bulk_job_status(id))` gives typed access to a status."""

    id: str = ""
    title: str = ""
    status: str = "pending"
    progress: int = 0
    """Percent."""
    statistics: Mapping[str, int] = field(default_factory=dict)
    user_id: str = ""
    priority: JobPriority = JobPriority.NORMAL
    rate_limited: bool = False
    cost: float = 0.0
    project_id: str | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    deadline: datetime | None = None
    elapsed: float = 0.0
    """Seconds."""
    eta: float | None = None
    """Seconds; None while it is unknown."""
    allowed: Sequence[str] = ()
    """Actions that are possible now."""
    warnings: Sequence[str] = ()
    rejected: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, kw_only=True)
class JobEvent:
    """An event of a video or a bulk job. `JobEvent(**row)` gives typed access to a row of `get_job_events`."""

    id: str = ""
    job_id: str | None = None
    """None for an event of the whole bulk job."""
    bulk_job_id: str = ""
    created_at: datetime | None = None
    level: str = "info"
    kind: str = "note"
    message: str = ""
    stage: str | None = None
    percent: int | None = None
    scene: int | None = None
    scenes_total: int | None = None


@dataclass(frozen=True)
class RetryTemplate:
    """How often a failed attempt is retried, and after how many seconds.

    The first retry waits `initial_delay`, each following one `multiplier` times longer, and none longer than
    `max_delay`. Raises `UsageError` for a number out of range.
    """

    initial_delay: float = 1.0
    max_delay: float = 60.0
    max_retries: int = IDEAS.max_retries
    multiplier: float = 3.0

    def __post_init__(self) -> None:
        for name, least, most in (
            ("initial_delay", 0.0, MAX_DELAY), ("max_delay", 0.0, MAX_DELAY), ("multiplier", 1.0, MAX_MULTIPLIER)
        ):
            value = getattr(self, name)
            number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            if not number or not least <= value <= most:
                raise UsageError(
                    f"RetryTemplate, {name}: found {value!r}; it must be a number from {least:g} to {most:g}",
                    remedy="Give delays in seconds, e.g. RetryTemplate(initial_delay=1.0, max_delay=60.0).",
                )
        remedy = "Use 0 for no retries."
        if require_non_negative_int("RetryTemplate, max_retries", self.max_retries, remedy) > MAX_RETRIES:
            raise UsageError(
                f"RetryTemplate, max_retries: found {self.max_retries}; at most {MAX_RETRIES} are possible",
                remedy=remedy,
            )

    def delays(self) -> dict[str, float]:
        """Return the delays in the form that is stored with a bulk job."""
        return {name: value for name, value in asdict(self).items() if name != "max_retries"}


@dataclass(frozen=True)
class SheetsErrorHandler:
    """Decides about retries: of videos, and of reading and writing sheets. Assign it to `error_handler`."""

    name: str = "batch_processor"
    retry_template: RetryTemplate = RetryTemplate()
