"""An archive is one that every program reads, can be cut anywhere, and may be larger than 4 GiB."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from tests.run_files import sample

from pressrun.api.zip_archive import ZipArchive, ZipEntry, bytes_entry

MOMENT = datetime(2026, 3, 31, 12, 34, 56, tzinfo=UTC)
CONTENTS = {"a/video.mp4": sample(5000), "empty.txt": b"", "ünï/код.srt": b"1", "last.bin": sample(77, 2)}
ZEROS = bytes(1 << 20)


def whole(archive: ZipArchive) -> bytes:
    return b"".join(archive.read(0, archive.size))


@pytest.fixture
def archive() -> ZipArchive:
    return ZipArchive(bytes_entry(name, content, MOMENT) for name, content in CONTENTS.items())


def test_another_program_reads_what_went_in(archive: ZipArchive) -> None:
    content = whole(archive)
    assert len(content) == archive.size
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.testzip() is None
        assert {name: opened.read(name) for name in opened.namelist()} == CONTENTS
        assert opened.infolist()[0].date_time == (2026, 3, 31, 12, 34, 56)
        assert all(each.compress_type == zipfile.ZIP_STORED for each in opened.infolist())


def test_an_archive_without_entries_is_one(archive: ZipArchive) -> None:
    with zipfile.ZipFile(io.BytesIO(whole(ZipArchive([])))) as opened:
        assert opened.namelist() == []


def test_every_cut_gives_the_same_bytes(archive: ZipArchive) -> None:
    content = whole(archive)
    for start in range(0, archive.size, 7):
        assert b"".join(archive.read(start, min(start + 901, archive.size))) == content[start : start + 901]


def test_only_entries_within_the_range_are_read() -> None:
    read: list[tuple[str, int, int]] = []

    def reader(name: str) -> Iterator[bytes]:
        def yield_range(start: int, end: int) -> Iterator[bytes]:
            read.append((name, start, end))
            yield bytes(end - start)

        return yield_range  # type: ignore[return-value]

    entries = [ZipEntry(name, 100, 0, MOMENT, reader(name)) for name in "abc"]  # type: ignore[arg-type]
    archive = ZipArchive(entries)
    assert sum(map(len, archive.read(31 + 50, 31 + 60))) == 10
    assert read == [("a", 50, 60)]


def test_the_digest_changes_with_content_name_and_time() -> None:
    made = [
        ZipArchive([bytes_entry(name, content, moment)]).digest
        for name, content, moment in (
            ("a", b"1", MOMENT), ("a", b"2", MOMENT), ("b", b"1", MOMENT), ("a", b"1", MOMENT.replace(hour=1)),
        )
    ]
    assert len(set(made)) == 4
    assert made[0] == ZipArchive([bytes_entry("a", b"1", MOMENT)]).digest


def test_an_entry_and_an_archive_beyond_4_gib_use_zip64() -> None:
    size = (1 << 32) + 5

    def zeros(start: int, end: int) -> Iterator[bytes]:
        while start < end:
            yield ZEROS[: min(len(ZEROS), end - start)]
            start += len(ZEROS)

    entries = [ZipEntry("large", size, 1, MOMENT, zeros), bytes_entry("after", b"here", MOMENT)]
    archive = ZipArchive(entries)
    header = b"".join(archive.read(0, 60))
    assert struct.unpack_from("<L", header, 18) == (0xFFFFFFFF,)
    tail = b"".join(archive.read(size, archive.size))
    # zipfile reads only the end, so the zeros need not be in memory.
    with zipfile.ZipFile(Tail(archive, tail)) as opened:
        large, after = opened.infolist()
        assert large.file_size == size
        assert after.header_offset == size + tail.index(b"PK\3\4")
        assert opened.read("after") == b"here"


def test_more_entries_than_16_bits_count_use_zip64() -> None:
    archive = ZipArchive(bytes_entry(f"{number:x}", b"", MOMENT) for number in range(65_536))
    with zipfile.ZipFile(io.BytesIO(whole(archive))) as opened:
        assert len(opened.namelist()) == 65_536


class Tail(io.RawIOBase):
    """A file of which only the end is in memory."""

    def __init__(self, archive: ZipArchive, tail: bytes) -> None:
        self.size, self.tail, self.position = archive.size, tail, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self.position = offset + (0, self.position, self.size)[whence]
        return self.position

    def tell(self) -> int:
        return self.position

    def read(self, size: int = -1) -> bytes:
        first = self.position - (self.size - len(self.tail))
        assert first >= 0, "only the end is read"
        found = self.tail[first:] if size < 0 else self.tail[first : first + size]
        self.position += len(found)
        return found


def test_checksums_are_those_of_the_content() -> None:
    assert bytes_entry("a", b"content", MOMENT).crc32 == zlib.crc32(b"content")
