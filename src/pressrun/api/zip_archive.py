"""A ZIP archive whose every byte is known before any file is read: its size, its ETag, and any range of it.

Entries are stored, not compressed: videos do not shrink. Sizes and checksums are known beforehand, so local headers are
complete and the archive can be sent from any byte on, with one chunk in memory. Archives and entries beyond 4 GiB, and
more than 65,535 entries, use ZIP64.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Protocol

LIMIT_16, LIMIT_32 = 0xFFFF, 0xFFFFFFFF
UTF8_NAMES = 0x0800
STORED = 0
VERSION, ZIP64_VERSION = 20, 45
MADE_BY_UNIX = 3 << 8
FILE_MODE = 0o100644 << 16
ZIP64_EXTRA = 0x0001


class Reader(Protocol):
    """Yields the bytes of a file from a start to before an end."""

    def __call__(self, start: int, end: int, /) -> Iterator[bytes]: ...


@dataclass(frozen=True)
class ZipEntry:
    """A file of the archive. `read` is only called for the bytes that are sent."""

    name: str
    """Path in the archive, with `/`."""
    size: int
    crc32: int
    changed: datetime
    read: Reader
    sha256: str = ""
    """Part of the ETag of the archive."""


def bytes_entry(name: str, content: bytes, changed: datetime) -> ZipEntry:
    """Return an entry for content in memory."""
    digest = hashlib.sha256(content).hexdigest()
    return ZipEntry(name, len(content), zlib.crc32(content), changed, _slices(content), digest)


@dataclass(frozen=True)
class _Part:
    """Consecutive bytes of the archive: headers in memory, or the content of an entry."""

    size: int
    read: Reader


class ZipArchive:
    """The archive of `entries`, in their order."""

    def __init__(self, entries: Iterable[ZipEntry]) -> None:
        parts, directory, offset, count = [], bytearray(), 0, 0
        digest = hashlib.sha256()
        for entry in entries:
            header = _local_header(entry)
            directory += _directory_header(entry, offset)
            parts += [_in_memory(header), _Part(entry.size, entry.read)]
            digest.update(entry.sha256.encode())
            offset += len(header) + entry.size
            count += 1
        end = bytes(directory) + _end_records(count, len(directory), offset)
        self._parts = [*parts, _in_memory(end)]
        self._starts = list(accumulate((part.size for part in self._parts[:-1]), initial=0))
        self.size = offset + len(end)
        digest.update(end)
        self.digest = digest.hexdigest()
        """Hash of every name, size, time and checksum: archives with the same digest have the same bytes."""

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes of the archive from `start` to before `end`. Raises what the readers of its entries raise."""
        position = start
        index = bisect_right(self._starts, start) - 1
        while position < end:
            part, first = self._parts[index], self._starts[index]
            stop = min(end, first + part.size)
            if stop > position:
                yield from part.read(position - first, stop - first)
                position = stop
            index += 1


def _in_memory(content: bytes) -> _Part:
    return _Part(len(content), _slices(content))


def _slices(content: bytes) -> Reader:
    return lambda start, end: iter((content[start:end],))


def _local_header(entry: ZipEntry) -> bytes:
    name = entry.name.encode()
    large = entry.size >= LIMIT_32
    extra = struct.pack("<HHQQ", ZIP64_EXTRA, 16, entry.size, entry.size) if large else b""
    size = LIMIT_32 if large else entry.size
    return (
        struct.pack(
            "<4sHHHHHLLLHH", b"PK\3\4", ZIP64_VERSION if large else VERSION, UTF8_NAMES, STORED,
            *_dos_time(entry.changed), entry.crc32, size, size, len(name), len(extra),
        )
        + name + extra
    )


def _directory_header(entry: ZipEntry, offset: int) -> bytes:
    name = entry.name.encode()
    # Only the values that do not fit are in the extra field, in this order.
    wide = [entry.size, entry.size] if entry.size >= LIMIT_32 else []
    wide += [offset] if offset >= LIMIT_32 else []
    extra = struct.pack(f"<HH{len(wide)}Q", ZIP64_EXTRA, 8 * len(wide), *wide) if wide else b""
    size = LIMIT_32 if entry.size >= LIMIT_32 else entry.size
    version = ZIP64_VERSION if wide else VERSION
    return (
        struct.pack(
            "<4sHHHHHHLLLHHHHHLL", b"PK\1\2", MADE_BY_UNIX | version, version, UTF8_NAMES, STORED,
            *_dos_time(entry.changed), entry.crc32, size, size, len(name), len(extra), 0, 0, 0, FILE_MODE,
            min(offset, LIMIT_32),
        )
        + name + extra
    )


def _end_records(count: int, size: int, offset: int) -> bytes:
    """Return the records after the directory of `count` entries, which has `size` bytes and begins at `offset`."""
    wide = b""
    if count >= LIMIT_16 or size >= LIMIT_32 or offset >= LIMIT_32:
        wide = struct.pack(
            "<4sQHHLLQQQQ", b"PK\6\6", 44, MADE_BY_UNIX | ZIP64_VERSION, ZIP64_VERSION, 0, 0, count, count, size, offset
        ) + struct.pack("<4sLQL", b"PK\6\7", 0, offset + size, 1)
    few, short, near = min(count, LIMIT_16), min(size, LIMIT_32), min(offset, LIMIT_32)
    return wide + struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, few, few, short, near, 0)


def _dos_time(moment: datetime) -> tuple[int, int]:
    """Return time and date as MS-DOS stores them: in UTC here, to two seconds, from 1980 to 2107."""
    year = min(max(moment.year, 1980), 2107)
    return (
        moment.hour << 11 | moment.minute << 5 | moment.second // 2,
        (year - 1980) << 9 | moment.month << 5 | moment.day,
    )
