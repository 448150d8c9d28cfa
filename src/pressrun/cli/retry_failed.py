"""`pressrun retry-failed`: the books that failed in a batch, once more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pressrun.cli.amounts import count
from pressrun.cli.boundary import guarded
from pressrun.cli.options import Request
from pressrun.cli.screen import open_screen
from pressrun.errors import EXIT_OK, UsageError
from pressrun.model.book import Book
from pressrun.model.result import BatchResult
from pressrun.store.workspace import Workspace, current_workspace

if TYPE_CHECKING:
    from pressrun.store.batch_record import BatchRecord


def retry_failed(which: str, request: Request) -> int:
    """Runs what failed in the batch that `which` names, as `request` says; returns the exit code."""
    from pressrun.cli import results

    workspace = Workspace(request.workspace.resolve()) if request.workspace else current_workspace()
    found: list[Book] = []
    answer = results.write_error_json if request.output_format == "json" else None

    def look() -> int:
        found.extend(_failed_books(workspace, which))
        return EXIT_OK

    if code := guarded(look, lambda: workspace.logs if workspace.runs.is_dir() else None, answer):
        return code
    if not found:
        write = results.write_json if request.output_format == "json" else results.write_text
        write(BatchResult())
        return EXIT_OK
    from pressrun.cli.session import perform

    return perform(replace(request, books=tuple(found)))


def _failed_books(workspace: Workspace, which: str) -> tuple[Book, ...]:
    from pressrun.store import batch_record

    name, record = _record(workspace, which)
    books = batch_record.books_to_retry(record)
    failed = len(record.of("failed"))
    what = f"{count(failed, 'book')} failed" if failed else "No book failed"
    if left := len(books) - failed:
        what += f", and {left:,} {'were' if left > 1 else 'was'} not run again,"
    open_screen().say(f"{what} in the batch of {name}.")
    return books


def _record(workspace: Workspace, which: str) -> tuple[str, BatchRecord]:
    """The batch that `which` names, with its name. The last is the last that made books: `pressrun publish` makes none.
    """
    from pressrun.store import batch_record

    named = batch_record.find(workspace, which)
    for path in batch_record.list_records(workspace) if which == batch_record.LAST else [named]:
        record = batch_record.load(path)
        if record.asked.get("command") != "publish":
            return path.stem, record
    raise UsageError(
        f"The batch of {named.stem} is one of pressrun publish, which made no book",
        remedy="What it could not publish: pressrun publish BOOK.",
    )
