"""The interface between a worker and the handler of a job: its context, its reports and its outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from pressrun.engine.stop import StopToken
from pressrun.errors import ErrorReport


@dataclass(frozen=True)
class JobContext:
    """One attempt at one job.

    `report` and `set_run_folder` write under the fence of the attempt: they raise `FencedError` when the job was given
    to another worker. From then on, nothing may be written into the run folder.
    """

    job_id: int
    attempt: int
    """Rises each time a worker takes the job. Everything the attempt writes names it, which is the fence."""
    batch_id: str
    owner: str
    project: str | None
    position: int
    """Number of the row, as its owner counts."""
    priority: int
    kind: str
    """Name of the kind of job."""
    pipeline: str
    title: str
    """Name of the job for its owner; may be empty."""
    data: Mapping[str, Any]
    """Data that the kind stored with the job."""
    settings: Mapping[str, Any]
    """Item settings, frozen with the batch."""
    request: Mapping[str, Any]
    """Data that the kind stored with the batch."""
    workspace: Path
    run_folder: str | None
    """Relative to the workspace; None until an attempt has set it. An attempt that continues in the folder of an
    earlier one renames it first (`kinds.run_store.folders.take_over`) and sets the new name."""
    stop: StopToken
    """Set when the job must end at once. Its reason is "cancel", "shutdown" or "fenced"."""
    should_continue: Callable[[], bool]
    """Check it before each stage. False when the batch pauses, the worker ends or another worker has the job."""
    set_run_folder: Callable[[str], None]
    """Store the run folder, relative to the workspace."""
    report: Callable[[JobReport], None]


@dataclass(frozen=True)
class JobReport:
    """Something that happened. Reports of kind "progress" are merged: only the latest of several may be written."""

    kind: Literal["progress", "stage", "note", "warning", "files"]
    """"files" only updates the files of the job and is no event."""
    message: str = ""
    stage: str | None = None
    stage_state: Literal["running", "success", "failed", "skipped", "stopped"] | None = None
    """For kind "stage": the state of the stage now."""
    stage_percent: float | None = None
    percent: float | None = None
    """Progress of the whole job, 0 to 100."""
    seconds: float | None = None
    """Duration of a stage that has ended."""
    scene: int | None = None
    scenes_total: int | None = None
    files: tuple[Mapping[str, Any], ...] | None = None
    """All files that are finished now, for the owner to download: name, stage, type, size, sha256 and crc32 of each.
    None if they have not changed."""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Completed:
    """The job is done. `cost` is in US dollars."""

    output_url: str | None = None
    cost: float = 0.0
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """The attempts of a stage are used up. The job is retried if `error.retryable` and retries are left."""

    error: ErrorReport
    stage: str | None = None


@dataclass(frozen=True)
class Stopped:
    """The job ended early because of `stop` or `should_continue`. It resumes from its checkpoint."""


Outcome = Completed | Failed | Stopped


class JobHandler(Protocol):
    """Makes one attempt at a job, in a thread of its own.

    Raises `FencedError` when another worker has the job. Any other exception fails the job without a retry, unless it
    is a `PressrunError` that is `retryable`.
    """

    def __call__(self, job: JobContext, /) -> Outcome: ...
