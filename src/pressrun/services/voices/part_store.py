"""Store the parts of a speech in the run folder, so that no sentence is spoken twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pressrun.services.protocols import Progress
from pressrun.store.atomic import write_bytes

T = TypeVar("T")
_used: set[Path] = set()
"""The parts that were read or written in `keep_used`; a stage is a process of its own."""


@dataclass(frozen=True)
class PartStore:
    """Files named after their text and a key, in a folder; without a folder, nothing is stored."""

    folder: Path | None
    key: tuple[str, ...]
    """Everything that shapes a part, except its text."""

    def load(self, text: str) -> bytes | None:
        """Return a stored part, or None."""
        if self.folder is None:
            return None
        path = self._file(self.folder, text)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        _used.add(path)
        return data

    def save(self, text: str, data: bytes) -> None:
        """Store a part, whole or not at all."""
        if self.folder is not None:
            self.folder.mkdir(exist_ok=True)
            path = self._file(self.folder, text)
            write_bytes(path, data)
            _used.add(path)

    def remove(self, text: str) -> None:
        """Remove a part that cannot be read."""
        if self.folder is not None:
            with suppress(OSError):
                self._file(self.folder, text).unlink()

    def _file(self, folder: Path, text: str) -> Path:
        whole = json.dumps([*self.key, text], ensure_ascii=False)
        return folder / f"{hashlib.sha256(whole.encode()).hexdigest()[:32]}.sound"


@contextmanager
def keep_used(folder: Path | None) -> Iterator[None]:
    """Remove the parts in `folder` that the block did not use, e.g. of edited sentences, unless it raises an error."""
    _used.clear()
    yield
    if folder is None:
        return
    with suppress(OSError):
        for path in folder.iterdir():
            if path not in _used:
                path.unlink(missing_ok=True)


def load_or_create(
    texts: Iterable[str], load: Callable[[str], T | None], create: Callable[[str], T], *,
    workers: int, progress: Progress, cancel: Callable[[], None] = lambda: None,
) -> dict[str, T]:
    """Return text -> part, with those that `load` returns None for created in `workers` threads.

    `progress` receives the number of parts. `cancel` is called when a part fails, to release waiting threads.
    """
    distinct = list(dict.fromkeys(texts))
    found: dict[str, T] = {text: part for text in distinct if (part := load(text)) is not None}
    missing = [text for text in distinct if text not in found]
    progress(len(found), len(distinct), "parts")
    if not missing:
        return found
    with ThreadPoolExecutor(max(workers, 1), "voice") as pool:
        futures = {pool.submit(create, text): text for text in missing}
        try:
            for future in as_completed(futures):
                found[futures[future]] = future.result()
                progress(len(found), len(distinct), "parts")
        except BaseException:
            cancel()
            pool.shutdown(cancel_futures=True)
            raise
    return found
