"""What must hold before there is a plan: options that make sense, and books that mean one entry each."""

from __future__ import annotations

from collections.abc import Sequence

from pressrun.errors import AmbiguousBookError, UsageError
from pressrun.model.book import Book
from pressrun.model.plan import RunOptions
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
        entry = database.known(book)
        if entry and not entry.get("author_name"):
            raise AmbiguousBookError(
                f'"{other}"{_line(other)} and "{book}"{_line(book)} both fit "{entry["main_title"]}", '
                f"which has no author in {database.path}",
                remedy="Write the author into the database, as author_name.",
            )


def _line(book: Book) -> str:
    return f" (line {book.line})" if book.line else ""
