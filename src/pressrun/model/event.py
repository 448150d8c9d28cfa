"""The events of a batch. An observer is any callable that takes one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pressrun.errors import ErrorReport
from pressrun.model.book import Book
from pressrun.model.plan import Action
from pressrun.model.reason import Reason
from pressrun.model.result import BatchResult, BookResult


@dataclass(frozen=True)
class BatchStarted:
    total: int
    to_run: int
    workers: int = 1
    """How many books may run at once."""


@dataclass(frozen=True)
class BookStarted:
    book: Book
    number: int
    """1 for the first book of the list."""
    total: int
    action: Action
    run_folder: str
    stages: tuple[str, ...]
    """The stages that will run."""


@dataclass(frozen=True)
class StageWaits:
    """The stage waits for its turn; `StageStarted` follows when it gets one."""

    book: Book
    stage: str
    reason: Reason


@dataclass(frozen=True)
class StageStarted:
    book: Book
    stage: str
    attempt: int
    """1 for the first one."""
    attempts: int


@dataclass(frozen=True)
class StageProgress:
    """`done` of `total` units; a total of 0 means unknown."""

    book: Book
    stage: str
    done: float
    total: float
    unit: str


@dataclass(frozen=True)
class StageNote:
    """A sentence of the stage for the user: a choice it made, a warning."""

    book: Book
    stage: str
    text: str


@dataclass(frozen=True)
class StageRetried:
    """An attempt failed, and another one follows after `wait` seconds."""

    book: Book
    stage: str
    attempt: int
    attempts: int
    wait: float
    error: ErrorReport


@dataclass(frozen=True)
class StageFinished:
    book: Book
    stage: str
    outcome: Literal["success", "failed", "skipped", "stopped"]
    seconds: float
    error: ErrorReport | None = None


@dataclass(frozen=True)
class BookFinished:
    number: int
    total: int
    result: BookResult


@dataclass(frozen=True)
class Paused:
    """The pause of a worker between two books has started and takes `seconds`."""

    seconds: float


@dataclass(frozen=True)
class Stopping:
    """The engine was asked to stop, and ends what is running."""

    reason: str
    """A `StopReason`, or the order of a queue."""


@dataclass(frozen=True)
class BatchFinished:
    result: BatchResult


Event = (
    BatchStarted
    | BookStarted
    | StageWaits
    | StageStarted
    | StageProgress
    | StageNote
    | StageRetried
    | StageFinished
    | BookFinished
    | Paused
    | Stopping
    | BatchFinished
)
Observer = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Ignore an event: without an observer the library is silent."""
