"""`pressrun retry-failed`: the books that failed in a batch, once more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pressrun.cli import results
from pressrun.cli.command import run_command
from pressrun.cli.formatting import pluralize
from pressrun.cli.options import Request
from pressrun.cli.screen import open_screen
from pressrun.cli.session import plan_and_run
from pressrun.errors import EXIT_OK, UsageError
from pressrun.model.book import Book
from pressrun.model.result import BatchResult
from pressrun.store.workspace import Workspace

if TYPE_CHECKING:
    from pressrun.store.batch_record import BatchRecord


def retry_failed(which: str, request: Request) -> int:
    """Run the books that failed in the batch named `which`, as `request` says; return the exit code."""

    def work(workspace: Workspace) -> int:
        books = _failed_books(workspace, which)
        if not books:
            write = results.write_json if request.output_format == "json" else results.write_text
            write(BatchResult())
            return EXIT_OK
        return plan_and_run(replace(request, books=books), workspace, open_screen())

    return run_command(
        request.workspace, work, json=request.output_format == "json", writes=not request.plan_only
    )


def _failed_books(workspace: Workspace, which: str) -> tuple[Book, ...]:
    from pressrun.store import batch_record

    name, record = _record(workspace, which)
    books = batch_record.books_to_retry(record)
    failed = len(record.of("failed"))
    what = f"{pluralize(failed, 'book')} failed" if failed else "No book failed"
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
