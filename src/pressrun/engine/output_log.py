"""A stage's output as a file: the beginning and the end are kept, what lies between is counted."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

HEAD = 1 << 20
TAIL = 1 << 18
"""Bytes kept. An error stands at the end, its cause at the beginning."""


FULL = 4 * HEAD
"""Bytes at which a log that many attempts have written to begins anew."""


class OutputLog:
    """One attempt's output, written as it comes up to `HEAD`; the last `TAIL` bytes of the rest follow at the end.

    It goes below what earlier attempts said, under `title`.
    """

    def __init__(self, path: Path, title: str = "") -> None:
        self.path = path
        self._title = title
        self._file: BinaryIO | None = None
        self._room = HEAD
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._left_out = 0

    def write(self, data: bytes) -> None:
        """A disk that is full costs the log, never the stage."""
        head, rest = data[: self._room], data[self._room :]
        self._room -= len(head)
        with suppress(OSError):
            if self._file is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                grown = self.path.exists() and self.path.stat().st_size >= FULL
                self._file = self.path.open("wb" if grown else "ab", buffering=0)
                if self._title:
                    self._file.write(f"--- {self._title}\n".encode())
            if head:
                self._file.write(head)
        if rest:
            self._keep(rest)

    def close(self) -> None:
        with suppress(OSError):
            if self._tail and self._file:
                if self._left_out:
                    self._file.write(f"\n[{self._left_out} bytes left out]\n".encode())
                self._file.writelines(self._tail)
            if self._file:
                self._file.close()

    def _keep(self, data: bytes) -> None:
        self._tail.append(data)
        self._tail_size += len(data)
        while self._tail_size - len(self._tail[0]) >= TAIL:
            dropped = self._tail.popleft()
            self._tail_size -= len(dropped)
            self._left_out += len(dropped)
