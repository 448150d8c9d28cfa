"""The states of batches and jobs, the moves between them, and priorities.

`JOB_MOVES` and `BATCH_MOVES` are the only list of moves: the triggers of the database are generated from them.
"""

from __future__ import annotations

from enum import StrEnum

# States


class JobStatus(StrEnum):
    """State of one job. `SKIPPED` is a row that was rejected, so no job was made from it."""

    QUEUED = "queued"
    RATE_LIMITED = "rate_limited"
    DISPATCHED = "dispatched"
    IN_PROGRESS = "in_progress"
    RETRIED = "retried"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


class BatchState(StrEnum):
    """State of one batch."""

    PENDING = "pending"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    COMPLETING = "completing"
    COMPLETED = "completed"
    CANCELING = "canceling"
    CANCELED = "canceled"
    FAILED = "failed"


ENDED = (BatchState.COMPLETED, BatchState.CANCELED, BatchState.FAILED)
"""Nothing happens in these states, unless the owner retries a failed batch."""

_ENDS = (JobStatus.FAILED, JobStatus.CANCELLED)

JOB_MOVES: dict[JobStatus, tuple[JobStatus, ...]] = {
    JobStatus.QUEUED: (JobStatus.RATE_LIMITED, JobStatus.DISPATCHED, *_ENDS),
    JobStatus.RATE_LIMITED: (JobStatus.QUEUED, JobStatus.DISPATCHED, *_ENDS),
    JobStatus.RETRIED: (JobStatus.QUEUED, JobStatus.RATE_LIMITED, JobStatus.DISPATCHED, *_ENDS),
    JobStatus.DISPATCHED: (JobStatus.QUEUED, JobStatus.IN_PROGRESS, *_ENDS),
    JobStatus.IN_PROGRESS: (JobStatus.QUEUED, JobStatus.RETRIED, JobStatus.COMPLETED, *_ENDS),
    JobStatus.FAILED: (JobStatus.QUEUED, JobStatus.CANCELLED),
    JobStatus.COMPLETED: (),
    JobStatus.CANCELLED: (),
    JobStatus.SKIPPED: (),
}

BATCH_MOVES: dict[BatchState, tuple[BatchState, ...]] = {
    BatchState.PENDING: (BatchState.RUNNING, BatchState.COMPLETING, BatchState.CANCELING, BatchState.FAILED),
    BatchState.RUNNING: (BatchState.PAUSING, BatchState.COMPLETING, BatchState.CANCELING, BatchState.FAILED),
    BatchState.PAUSING: (BatchState.PAUSED, BatchState.COMPLETING, BatchState.CANCELING, BatchState.FAILED),
    BatchState.PAUSED: (BatchState.RUNNING, BatchState.CANCELING, BatchState.FAILED),
    BatchState.COMPLETING: (BatchState.COMPLETED, BatchState.FAILED),
    BatchState.CANCELING: (BatchState.CANCELED,),
    BatchState.FAILED: (BatchState.RUNNING, BatchState.CANCELING),
    BatchState.COMPLETED: (),
    BatchState.CANCELED: (),
}

USER_ACTIONS: dict[BatchState, tuple[str, ...]] = {
    BatchState.PENDING: ("cancel",),
    BatchState.RUNNING: ("pause", "cancel"),
    BatchState.PAUSING: (),
    BatchState.PAUSED: ("resume", "cancel"),
    BatchState.COMPLETING: (),
    BatchState.COMPLETED: (),
    BatchState.CANCELING: (),
    BatchState.CANCELED: (),
    BatchState.FAILED: ("retry", "cancel"),
}
"""Actions that the owner may take on a batch in each state."""

# Priorities

FIRST_PRIORITY, LAST_PRIORITY = 1, 10
PRIORITY_NUMBERS = {"high": 1, "normal": 5, "low": 9}
_SYNONYMS = {"urgent": "high"}
PRIORITY_FORMS = f"low, normal, high or a whole number from {FIRST_PRIORITY} (first) to {LAST_PRIORITY}"


def parse_priority(value: object) -> str | int:
    """Return a word of `PRIORITY_NUMBERS`, or a number from 1 to 10. Raises `ValueError` with the accepted forms."""
    if isinstance(value, str):
        word = value.strip().casefold()
        word = _SYNONYMS.get(word, word)
        if word in PRIORITY_NUMBERS:
            return word
        value = float(word) if word.replace(".", "", 1).isdecimal() and len(word) < 9 else None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    in_range = number and FIRST_PRIORITY <= value <= LAST_PRIORITY  # type: ignore[operator]
    if not in_range or int(value) != value:  # type: ignore[call-overload]
        raise ValueError(PRIORITY_FORMS)
    return int(value)  # type: ignore[call-overload, no-any-return]


def priority_number(value: str | int) -> int:
    """Return the number, 1 (first) to 10, of a value that `parse_priority` returned."""
    return PRIORITY_NUMBERS[value] if isinstance(value, str) else value


class JobPriority(StrEnum):
    """When a job is taken, in the words of the Python API."""

    URGENT = "urgent"
    NORMAL = "normal"
    LOW = "low"

    @classmethod
    def of(cls, number: int) -> JobPriority:
        """Return the word closest to a number from 1 to 10."""
        return min(cls, key=lambda word: abs(priority_number(parse_priority(word)) - number))
