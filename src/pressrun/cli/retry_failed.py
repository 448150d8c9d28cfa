"""`pressrun retry-failed`: run the books that failed in a batch again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pressrun.cli import results
from pressrun.cli.command import run_command
from pressrun.cli.formatting import pluralize
from pressrun.cli.options import Request
from pressrun.cli.run_batch import plan_and_run
from pressrun.cli.screen import Screen, open_screen
from pressrun.errors import EXIT_OK, UsageError
from pressrun.model.book import Book
from pressrun.model.result import BatchResult
from pressrun.store.workspace import Workspace

if TYPE_CHECKING:
    from pressrun.store.batch_record import BatchRecord


def retry_failed(which: str, request: Request) -> int:
    """Run the books that failed in the batch named `which`, with the options of `request`; return the exit code."""

    def work(workspace: Workspace) -> int:
        screen = open_screen()
        if books := _failed_books(workspace, which, screen):
            return plan_and_run(replace(request, books=books), workspace, screen)
        write = results.write_json if request.json else results.write_text
        write(BatchResult())
        return EXIT_OK

    return run_command(request.workspace, work, json=request.json, writes=not request.plan_only)


def _failed_books(workspace: Workspace, which: str, screen: Screen) -> tuple[Book, ...]:
    from pressrun.store import batch_record

    name, record = _find_record(workspace, which)
    books = batch_record.books_to_retry(record)
    failed = len(record.of("failed"))
    sentence = f"{pluralize(failed, 'book')} failed" if failed else "No book failed"
    if left := len(books) - failed:
        sentence += f", and {left:,} {'were' if left > 1 else 'was'} not retried,"
    screen.print(f"{sentence} in the batch of {name}.")
    return books


def _find_record(workspace: Workspace, which: str) -> tuple[str, BatchRecord]:
    """Return the name and the record of a batch. `last` passes over `pressrun publish`, which runs no books."""
    from pressrun.store import batch_record

    named = batch_record.find(workspace, which)
    for path in batch_record.list_records(workspace) if which == batch_record.LAST else [named]:
        record = batch_record.load(path)
        if record.asked.get("command") != "publish":
            return path.stem, record
    raise UsageError(
        f"The batch of {named.stem} only published and ran no books",
        remedy="To publish a book that failed there, use pressrun publish BOOK.",
    )
