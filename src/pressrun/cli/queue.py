"""`pressrun queue`: what was sent, and what is to become of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pressrun.cli.command import handle_errors
from pressrun.cli.formatting import clean_text, pluralize
from pressrun.cli.queue_place import local_user, need_extra
from pressrun.cli.results import write_stream
from pressrun.cli.screen import open_screen
from pressrun.errors import EXIT_OK

if TYPE_CHECKING:
    from pressrun.jobs.connection import Queue, Row

MOST_LISTED = 100


def show_batches(user: str | None) -> int:
    """Prints a line per batch, the latest first; returns the exit code."""

    def work() -> int:
        from pressrun.jobs.queries import list_batches

        with _queue(user) as queue:
            page = list_batches(queue, page_size=MOST_LISTED)
        for row in page.rows:
            write_stream(f"{_line(row)}\n")
        if not page.rows:
            open_screen().say(clean_text(f"{queue.user} has sent nothing yet. Batches of others: --user NAME."))
        elif page.next_token:
            open_screen().say(f"Older ones than these {MOST_LISTED} are left out.")
        return EXIT_OK

    return handle_errors(work)


def act(action: str, batch_id: str, user: str | None) -> int:
    """Does what `action` says: pause, resume, cancel or retry; returns the exit code."""

    def work() -> int:
        from pressrun.jobs import batches

        moves: dict[str, Callable[[Queue, str], Row]] = {
            "pause": batches.pause, "resume": batches.resume, "cancel": batches.cancel, "retry": batches.retry,
        }  # fmt: skip
        with _queue(user) as queue:
            write_stream(f"{_line(moves[action](queue, batch_id))}\n")
        return EXIT_OK

    return handle_errors(work)


@contextmanager
def _queue(user: str | None) -> Iterator[Queue]:
    need_extra()
    from pressrun.jobs.connection import Queue, open_pool
    from pressrun.jobs.server import open_database

    with open_database() as url, open_pool(url, 1) as pool:
        yield Queue(pool, user or local_user())


def _line(row: Row) -> str:
    ended = f"{row['completed']:,} of {pluralize(row['total'], 'job')} completed"
    failed = f", {row['failed']:,} failed" if row["failed"] else ""
    return "\t".join((row["id"], row["state"], f"{row['percent']:.0f} %", ended + failed, clean_text(row["title"])))
