"""The states of batches and jobs, and the one table of moves between them, which the database obeys too."""

from __future__ import annotations

from enum import StrEnum


class JobStatus(StrEnum):
    """Where one job stands. `SKIPPED` is a row that was refused before anything was made of it."""

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
"""Nothing happens in these any more, unless its owner has a failed one tried again."""

WAITING = (JobStatus.QUEUED, JobStatus.RATE_LIMITED, JobStatus.RETRIED)
"""Those that admission chooses from."""

ACTIVE = (JobStatus.DISPATCHED, JobStatus.IN_PROGRESS)
"""Those that count against the limit of their batch."""

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
"""What its owner may do with a batch in each state."""
