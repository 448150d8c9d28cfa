"""The results of a book and of a batch. A result prints itself, and is true if nothing failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pressrun.errors import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK, ErrorReport
from pressrun.model.book import Book
from pressrun.model.plan import Estimate, PlanRow
from pressrun.model.reason import Reason, ReasonKind

Outcome = Literal["success", "resumed", "failed", "skipped"]
OUTCOMES: tuple[Outcome, ...] = ("success", "resumed", "failed", "skipped")


@dataclass(frozen=True)
class BookResult:
    """How one book ended; true if it did not fail."""

    book: Book
    outcome: Outcome
    video_url: str | None = None
    short_url: str | None = None
    reason: Reason | None = None
    """Why it was skipped, where it stopped as requested, or that the published copy is older than its files."""
    error: ErrorReport | None = None
    stage: str | None = None
    log: str | None = None
    """The log of the failed stage, relative to the workspace if it is inside."""
    run_folder: str | None = None
    seconds: float = 0.0
    """How long it took in this batch."""
    warnings: tuple[str, ...] = ()
    """What its stages warn about, e.g. a sentence that does not read well."""

    @classmethod
    def skipped(cls, row: PlanRow, reason: Reason | None = None) -> BookResult:
        """Return the result of a book that does not run; without `reason`, for the reason in its plan."""
        reason = reason or row.details
        return cls(row.book, "skipped", row.video_url, row.short_url, reason=reason, run_folder=row.run_folder)

    def __bool__(self) -> bool:
        return self.outcome != "failed"

    def __str__(self) -> str:
        detail = self.error.message if self.error else self.reason.kind if self.reason else self.video_url or ""
        return f"{self.book}: {self.outcome}" + (f" ({detail})" if detail else "")

    def ended_by(self, *kinds: ReasonKind) -> bool:
        """Return whether the reason is one of `kinds`."""
        return self.reason is not None and self.reason.kind in kinds


@dataclass(frozen=True)
class BatchResult:
    """How a batch ended; true if no book failed and it was not interrupted."""

    books: tuple[BookResult, ...] = ()
    interrupted: bool = False
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    """Warnings about several books, such as two scripts that are nearly the same."""
    estimate: Estimate | None = None
    """The estimate of the plan."""
    disk: int = 0
    """Bytes that the batch wrote."""

    def of(self, outcome: Outcome) -> tuple[BookResult, ...]:
        return tuple(each for each in self.books if each.outcome == outcome)

    @property
    def exit_code(self) -> int:
        if self.interrupted:
            return EXIT_INTERRUPTED
        return EXIT_FAILED if self.of("failed") else EXIT_OK

    def __bool__(self) -> bool:
        return self.exit_code == EXIT_OK

    def __str__(self) -> str:
        return ", ".join(f"{len(self.of(outcome))} {outcome}" for outcome in OUTCOMES)
