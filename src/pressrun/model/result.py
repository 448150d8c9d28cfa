"""How a book and a batch ended: one object that prints, serialises and is its own truth value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from pressrun.errors import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK, ErrorReport
from pressrun.model.book import Book
from pressrun.model.plan import Estimate

Outcome = Literal["success", "resumed", "failed", "skipped"]

INTERRUPTED_REASON = "User interrupted batch"
ABORTED_REASON = "An earlier book failed and --abort-on-error was given"
BUSY_REASON = "Another process is working on this book"


@dataclass(frozen=True)
class BookResult:
    """How one book ended; true when nothing failed. `seconds` is what it took in this batch."""

    book: Book
    outcome: Outcome
    youtube_url: str | None = None
    short_url: str | None = None
    reason: str = ""
    """Why it was skipped, where it stopped as asked, or what is published that is older than its files."""
    error: ErrorReport | None = None
    stage: str | None = None
    log: str | None = None
    """Path of the log of the failed stage, relative to the workspace where it lies inside."""
    run_folder: str | None = None
    seconds: float = 0.0

    def __bool__(self) -> bool:
        return self.outcome != "failed"

    def __str__(self) -> str:
        detail = self.error.message if self.error else self.reason or self.youtube_url or ""
        return f"{self.book}: {self.outcome}" + (f" ({detail})" if detail else "")

    def as_dict(self) -> dict[str, Any]:
        """The row of the result lists, with the names that users rely on."""
        row: dict[str, Any] = {"book": self.book.title, "author": self.book.author}
        if self.outcome == "failed":
            report = self.error
            if self.youtube_url:
                row |= {"youtube_url": self.youtube_url, "short_url": self.short_url}
            row |= {
                "error": report.message if report else "",
                "remedy": report.remedy if report else "",
                "stage": self.stage,
                "log": self.log,
            }
        else:
            row |= {"youtube_url": self.youtube_url, "short_url": self.short_url}
            if self.reason or self.outcome == "skipped":
                row["reason"] = self.reason
        return row | {"run_folder": self.run_folder, "seconds": round(self.seconds, 3)}


@dataclass(frozen=True)
class BatchResult:
    """How a batch ended; true when nothing failed and nobody interrupted it."""

    books: tuple[BookResult, ...] = field(default=())
    interrupted: bool = False
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    """What is odd about the books together, as two scripts that are nearly the same."""
    estimate: Estimate | None = None
    """What the plan expected."""
    disk: int = 0
    """Bytes of what was made."""

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
        return ", ".join(
            f"{len(self.of(outcome))} {outcome}" for outcome in ("success", "resumed", "failed", "skipped")
        )

    def as_dict(self) -> dict[str, list[dict[str, Any]]]:
        return {
            outcome: [each.as_dict() for each in self.of(outcome)]
            for outcome in ("success", "resumed", "failed", "skipped")
        }
