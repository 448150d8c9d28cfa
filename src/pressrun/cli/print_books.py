"""The two functions of the Python API that print: what would happen to books, and what happened to them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from pressrun.errors import ErrorReport
from pressrun.model.book import Book
from pressrun.model.plan import Plan, PlanRow
from pressrun.model.reason import Reason, ReasonKind, stored_reason
from pressrun.model.result import BatchResult, BookResult, Outcome


def print_book_status_table(books_status: Sequence[Mapping[str, Any]]) -> None:
    """Print what `check_book_status` returned, as the plan table, to standard output."""
    from pressrun.cli.formatting import pluralize
    from pressrun.cli.plan_table import show_plan
    from pressrun.cli.screen import open_screen

    rows = tuple(_row(number, status) for number, status in enumerate(books_status, start=1))
    show_plan(open_screen(sys.stdout), Plan(rows), pluralize(len(rows), "book"), full=True)


def print_final_summary(results: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Print what `process_books_batch` returned, as the summary of a batch, to standard output."""
    from pressrun.cli.screen import open_screen
    from pressrun.cli.summary import show_summary

    outcomes: tuple[Outcome, ...] = ("success", "resumed", "failed", "skipped")
    books = tuple(_result(outcome, row) for outcome in outcomes for row in results.get(outcome, ()))
    show_summary(open_screen(sys.stdout), BatchResult(books))


def _row(number: int, status: Mapping[str, Any]) -> PlanRow:
    info = status.get("book_info") or {}
    return PlanRow(
        number,
        Book(status["title"], status.get("author")),
        status=status.get("status") or "new",
        action=status["action"],
        details=stored_reason(status.get("details", "")) or Reason(ReasonKind.OTHER),
        run_folder=info.get("run_folder"),
        video_url=info.get("youtube_url"),
        short_url=info.get("short_url"),
    )


def _result(outcome: Outcome, row: Mapping[str, Any]) -> BookResult:
    return BookResult(
        Book(row["book"], row.get("author")),
        outcome,
        video_url=row.get("youtube_url"),
        short_url=row.get("short_url"),
        reason=stored_reason(row.get("reason", ""), row.get("reason_kind", "")),
        error=ErrorReport("", row.get("error", ""), row.get("remedy", "")) if outcome == "failed" else None,
        stage=row.get("stage"),
        log=row.get("log"),
        run_folder=row.get("run_folder"),
    )
