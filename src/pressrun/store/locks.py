"""Locks between processes. The operating system drops them when their holder dies, however it dies.

Lock files are never deleted: a process could hold the lock of a name that another process has just made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pressrun.errors import PressrunError
from pressrun.model.book import Book
from pressrun.store.turns import PATIENCE, in_turn

DATABASE_PATIENCE = 60.0
"""Seconds to wait for the database; a holder needs it for less than half a second."""

LOOK = 0.01
"""Seconds between two looks at a lock; only the first of the queue looks."""
GLANCE = 0.1
"""Seconds after which a book that is locked counts as worked on: who only looks whether it is lets go at once."""


@contextmanager
def database_lock(database: Path) -> Iterator[None]:
    """Exclusive use of a database, first come, first served.

    Raises `PressrunError` when another process holds it for a minute.
    """
    try:
        with (
            in_turn(database.with_name(f".{database.name}.queue"), min(PATIENCE, DATABASE_PATIENCE)),
            FileLock(f"{database}.lock", timeout=DATABASE_PATIENCE, poll_interval=LOOK),
        ):
            yield
    except Timeout as error:
        raise PressrunError(
            f"{database} has been locked by another process for {DATABASE_PATIENCE:.0f} seconds",
            remedy="End that process, or wait for it, and run the same command again.",
        ) from error


@contextmanager
def book_lock(folder: Path, book: Book) -> Iterator[bool]:
    """Exclusive work on one book; yields False at once when another process works on it.

    The name is made of the title alone: a line without author and one with it may be the same book.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(_lock_file(folder, book), timeout=GLANCE, poll_interval=LOOK)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def is_worked_on(folder: Path, book: Book) -> bool:
    """Whether a process holds the lock of a book now."""
    path = _lock_file(folder, book)
    if not path.exists():
        return False
    try:
        with FileLock(path, blocking=False):
            return False
    except Timeout:
        return True


def _lock_file(folder: Path, book: Book) -> Path:
    digest = hashlib.sha256(book.key[0].encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return folder / f"{digest}.lock"
