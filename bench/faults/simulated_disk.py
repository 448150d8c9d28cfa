"""A disk in memory that is cut off after every step of the writer, with everything dropped that was not fsynced.

The steps of `pressrun.store.atomic` are recorded as it really takes them: `os` and `io` are watched in this process
while it updates a database. What a disk may then hold after a cut is worked out: names as after any first few of the
renames that no fsync of the folder has made sure, and of every file that was not fsynced nothing, half or all of it.
"""

from __future__ import annotations

import io
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from pressrun.errors import PressrunError
from pressrun.model.book import Book
from pressrun.store.database import Database
from pressrun.store.database_file import parse

Step = tuple[str, str, str]
"""What was done, to which name or file, and with which second name."""


@dataclass
class Disk:
    """What is on the disk for sure, and what may be."""

    safe_names: dict[str, int] = field(default_factory=dict)
    """Name -> file, as the last fsync of the folder left them."""
    names: dict[str, int] = field(default_factory=dict)
    waiting: list[tuple[str, int | None]] = field(default_factory=list)
    """Changes of names since then, in order; None takes the name away."""
    contents: dict[int, bytes] = field(default_factory=dict)
    safe: set[int] = field(default_factory=set)
    """Files whose content was fsynced after its last change."""

    def name(self, name: str, file: int | None) -> None:
        self.waiting.append((name, file))
        if file is None:
            self.names.pop(name, None)
        else:
            self.names[name] = file

    def sync_names(self) -> None:
        self.safe_names, self.waiting = dict(self.names), []

    def after_a_cut(self, name: str) -> Iterator[bytes | None]:
        """Every content that `name` may have when the power comes back; None for no file."""
        for kept in range(len(self.waiting) + 1):
            names: dict[str, int | None] = {**self.safe_names, **dict(self.waiting[:kept])}
            file = names.get(name)
            if file is None:
                yield None
                continue
            content = self.contents[file]
            yield from [content] if file in self.safe else [b"", content[: len(content) // 2], content]


@contextmanager
def watched(disk: Disk, folder: Path, after_each: Callable[[], None]) -> Iterator[None]:
    """Repeats on `disk` what this process does in `folder`, and calls `after_each` after every step."""
    files: dict[int, int] = {}
    """Descriptor -> file."""

    def inside(path: object) -> bool:
        return Path(os.fsdecode(path)).parent == folder  # type: ignore[arg-type]

    def name_of(path: object) -> str:
        return Path(os.fsdecode(path)).name  # type: ignore[arg-type]

    class Recorded(io.FileIO):
        def write(self, data: Any, /) -> int:
            written = super().write(data)
            file = files[self.fileno()]
            disk.contents[file] += bytes(data[:written])
            disk.safe.discard(file)
            after_each()
            return written

    real_open = io.open

    def opened(file: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
        if "w" not in mode or "b" not in mode or not inside(file):
            return real_open(file, mode, *rest, **named)
        stream = Recorded(file, "w")
        number = len(disk.contents) + 1
        files[stream.fileno()] = number
        disk.contents[number] = b""
        disk.name(name_of(file), number)
        after_each()
        return stream

    def syncing(real: Any) -> Any:
        def fsync(descriptor: int) -> None:
            real(descriptor)
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                disk.sync_names()
            else:
                disk.safe.add(files[descriptor])
            after_each()

        return fsync

    def naming(real: Any, keeps_old: bool) -> Any:
        def act(old: Any, new: Any, **named: Any) -> None:
            real(old, new, **named)
            if inside(new):
                disk.name(name_of(new), disk.names[name_of(old)])
                if not keeps_old:
                    disk.name(name_of(old), None)
                after_each()

        return act

    def unlinking(real: Any) -> Any:
        def unlink(path: Any, **named: Any) -> None:
            real(path, **named)
            if inside(path):
                disk.name(name_of(path), None)
                after_each()

        return unlink

    with (
        mock.patch("io.open", opened),
        mock.patch("os.fsync", syncing(os.fsync)),
        mock.patch("os.replace", naming(os.replace, keeps_old=False)),
        mock.patch("os.link", naming(os.link, keeps_old=True)),
        mock.patch("os.unlink", unlinking(os.unlink)),
        mock.patch("pressrun.store.atomic.exchange", return_value=False),  # as on a disk that cannot; ext4 can
    ):
        yield


def cut_everywhere(updates: int) -> tuple[int, int]:
    """How many states were looked at, and how many lack what was acknowledged or cannot be read."""
    disk, states, wrong = Disk(), 0, 0
    acknowledged: int = 0

    def look() -> None:
        nonlocal states, wrong
        for content in disk.after_a_cut("database.json"):
            states += 1
            wrong += _number(content) not in (acknowledged, acknowledged + 1)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        database = Database(folder / "database.json")
        with watched(disk, folder, look):
            for number in range(1, updates + 1):
                database.put_done(Book("Emma"), f"https://videos.example/{number}", None)
                acknowledged = number
                look()
    return states, wrong


def _number(content: bytes | None) -> int | None:
    """Which update a file holds: 0 for no file, None for one that cannot be read."""
    if content is None:
        return 0
    try:
        document = parse(Path("database.json"), content)
    except PressrunError:
        return None
    return int(document["books"][0]["youtube_url"].rpartition("/")[2])
