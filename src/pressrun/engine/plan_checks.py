"""What must hold of a plan: options that make sense, books that mean one entry each, and no copy nobody agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pressrun.errors import AmbiguousBookError, UsageError
from pressrun.model.book import Book
from pressrun.model.plan import Plan, PlanRow, RunOptions
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.stage import Pipeline
from pressrun.store.database import Database


def check_options(pipeline: Pipeline, options: RunOptions) -> None:
    """Raises `UsageError` for a stage that the pipeline has not, or for a span that is empty."""
    for flag, name in (("--from", options.start_at), ("--until", options.until)):
        if name is not None and name not in pipeline.names:
            raise UsageError(
                f'{flag}: there is no stage "{name}"', remedy=f"The stages are: {', '.join(pipeline.names)}."
            )
    if options.start_at and options.until and pipeline.index(options.start_at) > pipeline.index(options.until):
        raise UsageError(
            f"--from {options.start_at} comes after --until {options.until}, so nothing would run",
            remedy=f"The order is: {', '.join(pipeline.names)}.",
        )


def refuse_two_books_for_one_entry(books: Sequence[Book], database: Database) -> None:
    """Two authors of the list cannot both be the author that an entry of the database does not name.

    Raises `AmbiguousBookError`, naming both.
    """
    claimed: dict[str, Book] = {}
    for book in books:
        title = book.key[0]
        other = claimed.setdefault(title, book)
        if other.key == book.key:
            continue
        entry = database.find_cached(book)
        if entry and not entry.get("author_name"):
            raise AmbiguousBookError(
                f'"{other}"{_line(other)} and "{book}"{_line(book)} both fit "{entry["main_title"]}", '
                f"which has no author in {database.path}",
                remedy="Write the author into the database, as author_name.",
            )


def plan_as_agreed(plan: Plan, agreed: Plan) -> Plan:
    """`plan`, made anew of the same books, without second copies of which the one that was `agreed` to did not tell."""
    return replace(plan, rows=tuple(map(row_as_agreed, plan.rows, agreed.rows)))


def row_as_agreed(row: PlanRow, agreed: PlanRow) -> PlanRow:
    """The same for one book: another process may have published it since."""
    if not row.is_second_copy or agreed.is_second_copy:
        return row
    why = Reason(ReasonKind.PUBLISHED_MEANWHILE)
    return replace(row, action="skip", details=why, stages=(), later=(), uploads=0, publishes_again=(), warnings=())


def _line(book: Book) -> str:
    return f" (line {book.line})" if book.line else ""
