"""What the database needs beside reading and writing: its backup, the error of two books, peace for long readings."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pressrun.errors import AmbiguousBookError
from pressrun.model.book import Book
from pressrun.store import atomic


def keep_previous(path: Path) -> None:
    """The file as it is becomes `.bak`, by a second name for the same content where the disk allows it."""
    spare = path.with_name(f".{path.name}.bak{atomic.PART_SUFFIX}")
    backup = path.with_name(f"{path.name}.bak")
    with suppress(FileNotFoundError):
        spare.unlink()
    try:
        os.link(path, spare)
    except FileNotFoundError:
        return
    except OSError:
        atomic.write_bytes(backup, path.read_bytes())
        return
    spare.replace(backup)
    # Where both were names of one file already, the replacement did nothing: rename(2).
    spare.unlink(missing_ok=True)


@contextmanager
def uncollected() -> Iterator[None]:
    """Makes many objects that stay without having each of them looked at, again and again, as garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def ambiguous(path: Path, book: Book, entries: list[dict[str, Any]]) -> AmbiguousBookError:
    named = " and ".join(f'"{Book(entry["main_title"], entry.get("author_name"))}"' for entry in entries[:2])
    where = f" (line {book.line} of the list)" if book.line else ""
    remedy = (
        "Remove one of them from the database."
        if book.author
        else f'Name the author in the list, as "{book.title} | Author".'
    )
    return AmbiguousBookError(f'"{book}"{where} fits {len(entries)} books of {path}: {named}', remedy=remedy)
