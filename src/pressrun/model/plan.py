"""The plan of a batch: an action for each book, with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pressrun.model.book import Book
from pressrun.model.reason import Reason, ReasonKind

Action = Literal["skip", "resume", "process"]
Status = Literal["done", "processing", "new"]


@dataclass(frozen=True)
class ServiceChoice:
    """A service that was chosen for a kind, and the reason a user reads."""

    kind: str
    name: str
    reason: str


@dataclass(frozen=True)
class Decision:
    """Which stages of a book run."""

    stages: tuple[str, ...] = ()
    """Those that run, in order."""
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    """Stage -> why it runs or does not, for every stage of the pipeline that was looked at."""
    later: tuple[str, ...] = ()
    """Stages that would run if --until or the daily upload limit allowed it."""
    publishes_again: tuple[str, ...] = ()
    """Publishing stages that succeeded before and run again because the user requested it."""


@dataclass(frozen=True)
class PlanRow:
    """One book of the plan."""

    number: int
    """1 for the first book of the list."""
    book: Book
    status: Status
    action: Action
    details: Reason
    """What happens to the book, and why: it is done, starts, resumes at a stage."""
    decision: Decision = field(default_factory=Decision)
    run_folder: str | None = None
    """The folder that a resume uses, relative to the workspace."""
    waits: Reason | None = None
    """Why its uploads wait for another day."""
    uploads: int = 0
    """How many of today's uploads it takes."""
    video_url: str | None = None
    short_url: str | None = None
    warnings: tuple[Reason, ...] = ()
    """What the user must know before confirming: no source, a second copy."""
    seconds: float | None = None
    """Estimated duration; None if past runs give no estimate."""

    @property
    def stages(self) -> tuple[str, ...]:
        """Return the stages that run, in order."""
        return self.decision.stages

    @property
    def is_second_copy(self) -> bool:
        """Return whether it publishes a book that is already published."""
        return any(warning.kind is ReasonKind.SECOND_COPY for warning in self.warnings)


@dataclass(frozen=True)
class UploadsLeft:
    """The uploads left today before any book of the plan runs."""

    left: int
    of: int


@dataclass(frozen=True)
class Estimate:
    """Estimated time, disk space and uploads of a batch, judged by past runs."""

    seconds: float
    disk: int
    """Bytes the batch will write."""
    free: int
    """Bytes free on the disk of the workspace."""
    uploads: int = 0
    """Uploads that count against the daily limit."""
    unknown: tuple[str, ...] = ()
    """Stages without a past run; their time comes on top."""


@dataclass(frozen=True)
class Plan:
    """Rows in the order of the list, the chosen services, and warnings about the list as a whole."""

    rows: tuple[PlanRow, ...]
    services: tuple[ServiceChoice, ...] = ()
    warnings: tuple[Reason, ...] = ()
    uploads: UploadsLeft | None = None
    """None if uploads are not counted."""
    estimate: Estimate | None = None
    """None without past runs."""

    def of(self, action: Action) -> tuple[PlanRow, ...]:
        return tuple(row for row in self.rows if row.action == action)

    @property
    def to_run(self) -> tuple[PlanRow, ...]:
        return tuple(row for row in self.rows if row.action != "skip")


@dataclass(frozen=True)
class RunOptions:
    """The options of one command, besides the settings."""

    skip_completed: bool = True
    until: str | None = None
    """The last stage to run."""
    start_at: str | None = None
    """The stage from which everything runs again, up to date or not."""
    abort_on_error: bool = False
    publish_again: bool = False
    """The user confirmed that a stage publishes a second time."""
    ignore_quota: bool = False
    """Upload even if today's uploads are used up."""
    publish_elsewhere: bool = False
    """Publish finished books to another destination, and do nothing else."""
