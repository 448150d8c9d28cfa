"""Locks between processes. The operating system releases them when their holder dies, for whatever reason.

Lock files are never deleted: otherwise one process could hold the lock of a deleted file while another locks a new file
of the same name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pressrun.errors import PressrunError
from pressrun.model.book import Book
from pressrun.store.fair_lock import TURN_TIMEOUT, fair_lock

DATABASE_LOCK_TIMEOUT = 60.0
"""Seconds to wait for the database. A holder needs less than half a second."""
POLL_INTERVAL = 0.01
"""Seconds between attempts to take a lock. Only the first process in the queue polls."""
BOOK_LOCK_TIMEOUT = 0.1
"""Seconds after which a locked book counts as being worked on. `is_book_locked` holds the lock for less than that."""


@contextmanager
def database_lock(database: Path) -> Iterator[None]:
    """Give exclusive use of a database, first come, first served.

    Raises `PressrunError` if another process holds the lock for `DATABASE_LOCK_TIMEOUT` seconds.
    """
    try:
        with (
            fair_lock(database.with_name(f".{database.name}.queue"), min(TURN_TIMEOUT, DATABASE_LOCK_TIMEOUT)),
            FileLock(f"{database}.lock", timeout=DATABASE_LOCK_TIMEOUT, poll_interval=POLL_INTERVAL),
        ):
            yield
    except Timeout as error:
        raise PressrunError(
            f"{database} has been locked by another process for {DATABASE_LOCK_TIMEOUT:.0f} seconds",
            remedy="End that process or wait for it, and run the same command again.",
        ) from error


@contextmanager
def book_lock(folder: Path, book: Book) -> Iterator[bool]:
    """Lock one book in the folder of locks. Yields False if another process works on the book."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(_lock_file(folder, book), timeout=BOOK_LOCK_TIMEOUT, poll_interval=POLL_INTERVAL)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def is_book_locked(folder: Path, book: Book) -> bool:
    """Return whether a process is working on a book."""
    path = _lock_file(folder, book)
    if not path.exists():
        return False
    try:
        with FileLock(path, blocking=False):
            return False
    except Timeout:
        return True


def _lock_file(folder: Path, book: Book) -> Path:
    # Only the title counts: a line without an author and one with it may be the same book.
    digest = hashlib.sha256(book.key[0].encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return folder / f"{digest}.lock"
