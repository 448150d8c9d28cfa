"""Append the result of each window to a file that survives a crash, and read it back.

The file has one JSON object per line, each after its CRC-32: a header that identifies the input, then the windows in
order. A line that a crash cut off is removed, and a file with another header starts again.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pressrun.store.atomic import sync_folder

JOURNAL = "transcript.journal"


class Journal:
    """The stored windows of one input. Without a path they are only kept in memory."""

    def __init__(self, path: Path | None, header: Mapping[str, Any]) -> None:
        self.records: list[dict[str, Any]] = []
        self._descriptor: int | None = None
        if path is None:
            return
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
        try:
            self._restore(dict(header))
            sync_folder(path.parent)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def append(self, record: Mapping[str, Any]) -> None:
        """Store a record. When this returns, it survives a power failure."""
        self.records.append(dict(record))
        self._write(record)

    def _restore(self, header: dict[str, Any]) -> None:
        """Read the records of the same input, and cut off whatever follows the last complete line."""
        assert self._descriptor is not None
        with open(self._descriptor, "rb", closefd=False) as file:
            whole, size = _parse_lines(file.read())
        if not whole or whole[0] != header:
            os.ftruncate(self._descriptor, 0)
            self._write(header)
            return
        os.ftruncate(self._descriptor, size)
        self.records = whole[1:]

    def _write(self, record: Mapping[str, Any]) -> None:
        if self._descriptor is None:
            return
        body = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
        line = memoryview(b"%08x %s\n" % (zlib.crc32(body), body))
        while line:
            line = line[os.write(self._descriptor, line) :]
        os.fsync(self._descriptor)


def read_records(path: Path) -> list[dict[str, Any]]:
    """Return the header and the complete records of a journal."""
    return _parse_lines(path.read_bytes())[0]


def _parse_lines(data: bytes) -> tuple[list[dict[str, Any]], int]:
    """Return the records up to the first line that is not complete, and their length in bytes."""
    found, size = [], 0
    for line in data.splitlines(keepends=True):
        record = _parse_line(line)
        if record is None:
            break
        found.append(record)
        size += len(line)
    return found, size


def _parse_line(line: bytes) -> dict[str, Any] | None:
    """Return the record of a complete line, or None."""
    checksum, _, body = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(body):
        return None
    record = json.loads(body)
    return record if isinstance(record, dict) else None
