"""The output of a stage as a log file that keeps its beginning and its end."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

MAX_HEAD_BYTES = 1 << 20
MAX_TAIL_BYTES = 1 << 18
"""An error is at the end of the output, and its cause often at the beginning."""
MAX_LOG_BYTES = 4 * MAX_HEAD_BYTES
"""A log that attempts have filled to this size is started again."""


class OutputLog:
    """The output of one attempt, below that of earlier attempts and under `title`.

    The first `MAX_HEAD_BYTES` are written at once, so that the log can be followed; the last `MAX_TAIL_BYTES` of the
    rest are written at the end.
    """

    def __init__(self, path: Path, title: str = "") -> None:
        self.path = path
        self._title = title
        self._file: BinaryIO | None = None
        self._head_left = MAX_HEAD_BYTES
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._dropped = 0

    def write(self, data: bytes) -> None:
        """Write a piece of output. A full disk costs the log, never the stage."""
        head, rest = data[: self._head_left], data[self._head_left :]
        self._head_left -= len(head)
        with suppress(OSError):
            if self._file is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                is_full = self.path.exists() and self.path.stat().st_size >= MAX_LOG_BYTES
                self._file = self.path.open("wb" if is_full else "ab", buffering=0)
                if self._title:
                    self._file.write(f"--- {self._title}\n".encode())
            if head:
                self._file.write(head)
        if rest:
            self._keep(rest)

    def close(self) -> None:
        with suppress(OSError):
            if self._tail and self._file:
                if self._dropped:
                    self._file.write(f"\n[{self._dropped} bytes left out]\n".encode())
                self._file.writelines(self._tail)
            if self._file:
                self._file.close()

    def _keep(self, data: bytes) -> None:
        self._tail.append(data)
        self._tail_size += len(data)
        while self._tail_size - len(self._tail[0]) >= MAX_TAIL_BYTES:
            piece = self._tail.popleft()
            self._tail_size -= len(piece)
            self._dropped += len(piece)
