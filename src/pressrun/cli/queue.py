"""`pressrun queue`: list batches and change their state. Also what all commands of the queue share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pressrun import redaction
from pressrun.cli.command import handle_errors
from pressrun.cli.formatting import clean_text, pluralize
from pressrun.cli.results import write_stream
from pressrun.cli.screen import open_screen
from pressrun.errors import EXIT_OK
from pressrun.jobs.server import EMBEDDED, NEEDED, require_modules

if TYPE_CHECKING:
    from pressrun.jobs.connection import Queue, Row

MAX_LISTED = 100
API_PACKAGES = {"fastapi": "fastapi", "uvicorn": "uvicorn", "websockets": "websockets", "jwt": "PyJWT"}
"""Module -> package, for the REST API."""


def list_batches(user: str | None) -> int:
    """Print one line per batch, newest first; return the exit code."""

    def work() -> int:
        from pressrun.jobs import queries

        with open_queue(user) as queue:
            page = queries.list_batches(queue, page_size=MAX_LISTED)
        for row in page.rows:
            write_stream(f"{_batch_line(row)}\n")
        if not page.rows:
            open_screen().print(f"{queue.user} has no batches. To list those of another user: --user NAME.")
        elif page.next_token:
            open_screen().print(f"Only the newest {MAX_LISTED} are listed.")
        return EXIT_OK

    return handle_errors(work)


def change_batch(action: str, batch_id: str, user: str | None) -> int:
    """Pause, resume, cancel or retry a batch, print its line, and return the exit code."""

    def work() -> int:
        from pressrun.jobs import batches

        actions: dict[str, Callable[[Queue, str], Row]] = {
            "pause": batches.pause, "resume": batches.resume, "cancel": batches.cancel, "retry": batches.retry,
        }  # fmt: skip
        with open_queue(user) as queue:
            write_stream(f"{_batch_line(actions[action](queue, batch_id))}\n")
        return EXIT_OK

    return handle_errors(work)


@contextmanager
def open_queue(user: str | None) -> Iterator[Queue]:
    """Yield the queue of a user, by default of the user of this machine."""
    require_packages()
    from pressrun.jobs.connection import Queue, local_user, open_pool
    from pressrun.jobs.server import open_database

    with open_database() as url, open_pool(url, 1) as pool:
        yield Queue(pool, user or local_user())


def _batch_line(row: Row) -> str:
    completed = f"{row['completed']:,} of {pluralize(row['total'], 'job')} completed"
    failed = f", {row['failed']:,} failed" if row["failed"] else ""
    return "\t".join((row["id"], row["state"], f"{row['percent']:.0f} %", completed + failed, clean_text(row["title"])))


def require_packages(*, api: bool = False) -> None:
    """Raise `ServiceUnavailableError` if a package of the extra `serve` is missing that is needed here."""
    embedded = {} if redaction.secret_variable("database") else EMBEDDED
    require_modules(NEEDED | (API_PACKAGES if api else {}) | embedded)


def describe_database(url: str) -> str:
    """Return which database is used, without its password."""
    from psycopg.conninfo import conninfo_to_dict

    from pressrun.jobs.server import default_folder

    if not redaction.find_secret("database"):
        return f"bundled, in {default_folder()}"
    parts = {"port": "5432"} | conninfo_to_dict(url)
    user = f"{parts['user']}@" if "user" in parts else ""
    return f"postgresql://{user}{parts.get('host', 'localhost')}:{parts['port']}/{parts.get('dbname', '')}"
