"""What the plan decided for each book, and why."""

from __future__ import annotations

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
class PlanRow:
    """One book of the plan."""

    number: int
    book: Book
    status: Status
    action: Action
    details: Reason
    """What happens to the book, and why: it is done, starts, resumes at a stage."""
    run_folder: str | None = None
    """Relative to the workspace; the folder that a resume uses."""
    stages: tuple[str, ...] = ()
    """Those that will run, in order."""
    reasons: tuple[tuple[str, Reason], ...] = ()
    """(stage, why it runs or does not), for every stage of the pipeline."""
    later: tuple[str, ...] = ()
    """Stages that would run but for --until, or for the uploads of a day being used up."""
    waits: Reason | None = None
    """Why its uploads are left for another day."""
    uploads: int = 0
    """How many of a day's uploads it takes."""
    publishes_again: tuple[str, ...] = ()
    """Publishing steps that succeeded before and run again, as the user asked for."""
    youtube_url: str | None = None
    short_url: str | None = None
    warnings: tuple[Reason, ...] = ()
    """What the user must know before saying yes: no source, a second copy."""
    seconds: float | None = None
    """What it will take, by past runs; None where nothing is known."""

    def reason(self, stage: str) -> Reason | None:
        return dict(self.reasons).get(stage)

    @property
    def is_second_copy(self) -> bool:
        """Whether it publishes what is published already."""
        return any(warning.kind is ReasonKind.SECOND_COPY for warning in self.warnings)


@dataclass(frozen=True)
class UploadsLeft:
    """What is left of a day's uploads, before any book of the plan."""

    left: int
    of: int


@dataclass(frozen=True)
class Estimate:
    """What a batch will take, by what past runs took."""

    seconds: float
    disk: int
    """Bytes."""
    free: int
    """Bytes that are free on the disk of the workspace."""
    uploads: int = 0
    """Uploads that it uses up, where they are counted."""
    unknown: tuple[str, ...] = ()
    """Stages of which no run is known; what they take comes on top."""


@dataclass(frozen=True)
class Plan:
    """Rows in the order of the list, the services in force, and what is odd about the list."""

    rows: tuple[PlanRow, ...]
    services: tuple[ServiceChoice, ...] = ()
    warnings: tuple[str, ...] = ()
    uploads: UploadsLeft | None = None
    """None where uploads are not counted."""
    estimate: Estimate | None = None
    """None where no past run says anything."""

    def of(self, action: Action) -> tuple[PlanRow, ...]:
        return tuple(row for row in self.rows if row.action == action)

    @property
    def to_run(self) -> tuple[PlanRow, ...]:
        return tuple(row for row in self.rows if row.action != "skip")


@dataclass(frozen=True)
class RunOptions:
    """What one call of the command asks, beside the settings."""

    skip_completed: bool = True
    until: str | None = None
    """The last stage to run."""
    start_at: str | None = None
    """The stage from which everything runs again, fresh or not."""
    abort_on_error: bool = False
    publish_again: bool = field(default=False)
    """The user confirmed that a step that had published runs again."""
    ignore_quota: bool = False
    """Upload however many uploads of today are counted."""
    publish_elsewhere: bool = False
    """Only publish, what is finished, where it is not published yet."""
