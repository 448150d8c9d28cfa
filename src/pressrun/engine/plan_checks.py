"""Checks of a plan: options that make sense, one database entry per book, no second copy without consent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pressrun.errors import AmbiguousBookError, UsageError
from pressrun.model.book import Book
from pressrun.model.plan import Decision, Plan, PlanRow, RunOptions
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.stage import Pipeline
from pressrun.store.database import Database


def check_options(pipeline: Pipeline, options: RunOptions) -> None:
    """Raise `UsageError` for a stage that the pipeline does not have, or for an empty range of stages."""
    for flag, name in (("--from", options.start_at), ("--until", options.until)):
        if name is not None and name not in pipeline.names:
            raise UsageError(
                f'{flag}: unknown stage "{name}"', remedy=f"The stages are: {', '.join(pipeline.names)}."
            )
    if options.start_at and options.until and pipeline.index(options.start_at) > pipeline.index(options.until):
        raise UsageError(
            f"--from {options.start_at} comes after --until {options.until}, so nothing would run",
            remedy=f"The order is: {', '.join(pipeline.names)}.",
        )


def require_distinct_entries(books: Sequence[Book], database: Database) -> None:
    """Raise `AmbiguousBookError` if two books of the list match one entry of the database that has no author."""
    claimed: dict[str, Book] = {}
    for book in books:
        title = book.key[0]
        other = claimed.setdefault(title, book)
        if other.key == book.key:
            continue
        entry = database.find_cached(book)
        if entry and not entry.get("author_name"):
            raise AmbiguousBookError(
                f'"{other}"{_line(other)} and "{book}"{_line(book)} both match "{entry["main_title"]}", '
                f"which has no author in {database.path}",
                remedy="Add the author to the database, as author_name.",
            )


def without_unagreed_copies(plan: Plan, agreed: Plan) -> Plan:
    """Return a newer plan of the same books, without second copies that the `agreed` plan did not announce."""
    return replace(plan, rows=tuple(map(without_unagreed_copy, plan.rows, agreed.rows)))


def without_unagreed_copy(row: PlanRow, agreed: PlanRow) -> PlanRow:
    """Return a newer row of the same book; skipped if another process has published the book since."""
    if not row.is_second_copy or agreed.is_second_copy:
        return row
    decision = Decision(reasons=row.decision.reasons)
    details = Reason(ReasonKind.PUBLISHED_MEANWHILE)
    return replace(row, action="skip", details=details, decision=decision, uploads=0, warnings=())


def _line(book: Book) -> str:
    return f" (line {book.line})" if book.line else ""
