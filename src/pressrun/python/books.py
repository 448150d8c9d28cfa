"""Check and run books of the current workspace from Python.

    books = [check_book_status("Walden", "Henry David Thoreau")]
    results = process_books_batch(books, privacy="unlisted")

These functions print nothing and ask no questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pressrun.model.book import Book
from pressrun.model.event import ignore
from pressrun.model.plan import RunOptions
from pressrun.settings import Settings, load_settings
from pressrun.store.workspace import current_workspace
from pressrun.wording import details, result_lists

if TYPE_CHECKING:
    from pressrun.engine.batch_spec import BatchSpec

BookStatus = dict[str, Any]
Results = dict[str, list[dict[str, Any]]]


def check_book_status(book_name: str, author_name: str | None = None) -> BookStatus:
    """Return the database entry of a book, and the action that a batch would take.

    Keys: `exists` (bool), `status` ("done", "processing" or None), `book_info` (a copy of the database entry, or None),
    `action` ("skip", "resume" or "process"), `title` and `author` (as spelled in the database if the book is there),
    and `details`, the reason for the action. Raises `AmbiguousBookError` for a title that matches several books,
    `BooksFileError` for an invalid title, `BrokenFileError` for a broken database.
    """
    from pressrun.kinds.books.local import plan_books
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


def process_books_batch(
    books_status: Sequence[Mapping[str, Any]], privacy: str | None = None, skip_completed: bool = True
) -> Results:
    """Run the books that `check_book_status` returned, and return the result of each.

    `privacy` is "private", "unlisted" or "public"; None uses the settings. If `skip_completed` is false, finished books
    are rebuilt and a second copy is published. The action of each book is decided when it starts, because the database
    may have changed since the check.

    The lists hold: `success` and `resumed` {book, author, youtube_url, short_url}, `failed` {book, author, error,
    remedy, stage, log}, `skipped` {book, author, reason, youtube_url, short_url}. In the main thread, Ctrl+C ends the
    batch and skips the remaining books. Raises `SettingsError` and the errors of `check_book_status`.
    """
    from pressrun.engine.signals import stop_on_signals
    from pressrun.engine.stop import StopToken
    from pressrun.kinds.books.local import plan_books, run_plan, write_record

    settings = load_settings(current_workspace().root, {"privacy": privacy})
    batch = _batch(settings, RunOptions(skip_completed=skip_completed))
    distinct: dict[tuple[str, str], Book] = {}
    for each in books_status:
        book = _book(each["title"], each.get("author"))
        distinct.setdefault(book.key, book)
    plan = plan_books(tuple(distinct.values()), batch, ask_network=True)
    started, stop = datetime.now().astimezone(), StopToken()
    with stop_on_signals(stop):
        result = run_plan(plan, batch, ignore, stop)
    if plan.to_run:
        write_record(batch, plan, result, {"command": "process_books_batch"}, started)
    return result_lists(result)


def _batch(settings: Settings, options: RunOptions) -> BatchSpec:
    from pressrun.engine.batch_spec import BatchSpec
    from pressrun.pipelines import chosen_pipeline

    return BatchSpec(current_workspace(), chosen_pipeline(), settings, options)


def _book(title: str, author: str | None) -> Book:
    """Return a book, with title and author validated like a line of the list; `|` is an ordinary character."""
    from pressrun.store.books_file import parse_book

    return Book(parse_book(f"{title} |").title, parse_book(f"{author} |").title if author else None)
