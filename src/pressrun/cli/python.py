"""The same door from Python: four functions that act on the current workspace.

    books = [check_book_status("Walden", "Henry David Thoreau")]
    print_book_status_table(books)
    results = process_books_batch(books, privacy="unlisted")
    print_final_summary(results)

Only the two `print_` functions print, to standard output. Nothing asks a question.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pressrun.errors import ErrorReport
from pressrun.model.book import Book
from pressrun.model.event import ignore
from pressrun.model.plan import Plan, PlanRow, RunOptions
from pressrun.model.reason import Reason, ReasonKind, stored_reason
from pressrun.model.result import BatchResult, BookResult, Outcome
from pressrun.settings import Settings, load_settings
from pressrun.store.workspace import current_workspace
from pressrun.wording import details, result_lists

BookStatus = dict[str, Any]
Results = dict[str, list[dict[str, Any]]]


def check_book_status(book_name: str, author_name: str | None = None) -> BookStatus:
    """What the database knows of a book and what a batch would do with it.

    `exists` (bool), `status` ("done", "processing" or None), `book_info` (a copy of the database's entry, or None),
    `action` ("skip", "resume" or "process"), `title`, `author` (as the database has them where it knows the book),
    and `details`, the plan's words. Raises `AmbiguousBookError` for a title that fits two books, `BooksFileError` for
    one that cannot be a title, `BrokenFileError` for a broken database.
    """
    from pressrun.cli.session import plan_books
    from pressrun.store.database import check_book_exists

    batch = _batch(load_settings(current_workspace().root), RunOptions())
    book = _book(book_name, author_name)
    entry = check_book_exists(book.title, book.author)
    row = plan_books((book,), batch).rows[0]
    return {
        "exists": entry is not None,
        "status": entry.get("status") if entry else None,
        "book_info": entry,
        "action": row.action,
        "title": entry["main_title"] if entry else row.book.title,
        "author": (entry and entry.get("author_name")) or row.book.author,
        "details": details(row),
    }


def print_book_status_table(books_status: Sequence[Mapping[str, Any]]) -> None:
    """The plan table of what `check_book_status` returned, on standard output."""
    from pressrun.cli.formatting import pluralize
    from pressrun.cli.plan_table import show_plan
    from pressrun.cli.screen import open_screen

    rows = tuple(_row(number, status) for number, status in enumerate(books_status, start=1))
    show_plan(open_screen(sys.stdout), Plan(rows), pluralize(len(rows), "book"), full=True)


def process_books_batch(
    books_status: Sequence[Mapping[str, Any]], privacy: str | None = None, skip_completed: bool = True
) -> Results:
    """Runs the books that `check_book_status` returned, each to its end, and says how each of them ended.

    `privacy` is "private", "unlisted" or "public"; None leaves it to the settings. With `skip_completed` false a
    book that is done is made again and a second copy published. What happens to a book is decided when its turn
    comes, as the database may have changed since it was checked.

    The lists: `success` and `resumed` of {book, author, youtube_url, short_url}, `failed` of {book, author, error,
    remedy, stage, log}, `skipped` of {book, author, reason, youtube_url, short_url}. In the main thread Ctrl+C ends
    the batch, and the books that are left are skipped. Raises `SettingsError` and the errors of `check_book_status`.
    """
    from pressrun.cli.after_batch import leave_record
    from pressrun.cli.session import plan_books, run_plan
    from pressrun.cli.signals import stops_on_signals
    from pressrun.engine.stop import StopToken

    settings = load_settings(current_workspace().root, {"privacy": privacy})
    batch = _batch(settings, RunOptions(skip_completed=skip_completed))
    distinct: dict[tuple[str, str], Book] = {}
    for each in books_status:
        book = _book(each["title"], each.get("author"))
        distinct.setdefault(book.key, book)
    plan = plan_books(tuple(distinct.values()), batch, ask_network=True)
    started = datetime.now().astimezone()
    stop = StopToken()
    with stops_on_signals(stop):
        result = run_plan(plan, batch, ignore, stop)
    if plan.to_run:
        leave_record(batch, plan, result, {"command": "process_books_batch"}, started)
    return result_lists(result)


def print_final_summary(results: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """The summary of what `process_books_batch` returned, on standard output."""
    from pressrun.cli.screen import open_screen
    from pressrun.cli.summary import show_summary

    outcomes: tuple[Outcome, ...] = ("success", "resumed", "failed", "skipped")
    books = tuple(_result(outcome, row) for outcome in outcomes for row in results.get(outcome, ()))
    show_summary(open_screen(sys.stdout), BatchResult(books))


def _batch(settings: Settings, options: RunOptions) -> Any:
    from pressrun.cli.pipeline_choice import chosen_pipeline
    from pressrun.cli.session import Batch

    return Batch(current_workspace(), chosen_pipeline(), settings, options)


def _book(title: str, author: str | None) -> Book:
    """Checked as a line of the list is; a `|` in it separates nothing here."""
    from pressrun.store.books_file import parse_book

    return Book(parse_book(f"{title} |").title, parse_book(f"{author} |").title if author else None)


def _row(number: int, status: Mapping[str, Any]) -> PlanRow:
    info = status.get("book_info") or {}
    return PlanRow(
        number,
        Book(status["title"], status.get("author")),
        status=status.get("status") or "new",
        action=status["action"],
        details=stored_reason(status.get("details", "")) or Reason(ReasonKind.OTHER),
        run_folder=info.get("run_folder"),
        youtube_url=info.get("youtube_url"),
        short_url=info.get("short_url"),
    )


def _result(outcome: Outcome, row: Mapping[str, Any]) -> BookResult:
    return BookResult(
        Book(row["book"], row.get("author")),
        outcome,
        youtube_url=row.get("youtube_url"),
        short_url=row.get("short_url"),
        reason=stored_reason(row.get("reason", ""), row.get("reason_kind", "")),
        error=ErrorReport("", row.get("error", ""), row.get("remedy", "")) if outcome == "failed" else None,
        stage=row.get("stage"),
        log=row.get("log"),
        run_folder=row.get("run_folder"),
    )
