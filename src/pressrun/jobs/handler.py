"""What a worker gives to whoever does a job, and what it gets back. The queue knows of the work no more than this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from pressrun.engine.stop import StopToken
from pressrun.errors import ErrorReport


@dataclass(frozen=True)
class JobRun:
    """One attempt at one job.

    `report` and `opened` write under the fence: they raise `FencedError` when the job was given to another worker
    meanwhile. From then on nothing may be written into the run folder any more.
    """

    job_id: int
    attempt: int
    """Rises each time a worker takes the job; the fence of everything it writes."""
    batch_id: str
    owner: str
    project: str | None
    position: int
    """Number of the row, as its owner counts."""
    priority: int
    pipeline: str
    data: Mapping[str, Any]
    """The row: the ten columns."""
    settings: Mapping[str, Any]
    """The settings of the items, frozen with the batch."""
    request: Mapping[str, Any]
    """What was asked for: output, template."""
    workspace: Path
    run_folder: str | None
    """Relative to the workspace; None before the first attempt has opened one. An attempt that takes a folder from an
    earlier one renames it first (`jobs.folder_guard.take_over`) and reports the new name by `opened`."""
    stop: StopToken
    """What runs has to end at once. Its reason is "cancel", "shutdown" or "fenced"."""
    may_go_on: Callable[[], bool]
    """To be asked before each stage: False when the batch pauses, the worker ends or the job is no longer ours."""
    opened: Callable[[str], None]
    """Tells the run folder, relative to the workspace."""
    report: Callable[[JobReport], None]


@dataclass(frozen=True)
class JobReport:
    """Something happened. Reports of kind "progress" are merged: what is written may be the latest of several."""

    kind: Literal["progress", "stage", "note", "warning"]
    message: str = ""
    stage: str | None = None
    stage_state: Literal["running", "success", "failed", "skipped", "stopped"] | None = None
    """For kind "stage": how the stage stands now."""
    stage_percent: float | None = None
    percent: float | None = None
    """Of the whole job, 0 to 100."""
    seconds: float | None = None
    """What the stage took, once it has ended."""
    scene: int | None = None
    scenes_total: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Completed:
    output_url: str | None = None
    cost: float = 0.0
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """The attempts of a stage are used up. The job is taken again when `error.retryable` and tries are left."""

    error: ErrorReport
    stage: str | None = None


@dataclass(frozen=True)
class Stopped:
    """It ended early because `stop` or `may_go_on` said so; its run folder goes on from its checkpoint."""


Outcome = Completed | Failed | Stopped


class Work(Protocol):
    """Does one attempt at a job, in a thread of its own.

    Raises `FencedError` when the job is no longer its own. Anything else it raises counts as failed and not retryable,
    unless it is a `PressrunError` that says otherwise.
    """

    def __call__(self, run: JobRun, /) -> Outcome: ...
