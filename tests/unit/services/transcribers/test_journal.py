"""The journal keeps complete records of the same input, whatever a crash leaves at its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressrun.services.transcribers.journal import Journal

HEADER = {"media": "a", "model": "tiny"}
RECORDS = [{"window": number, "text": "é" * number} for number in range(4)]


def written(path: Path) -> bytes:
    with Journal(path, HEADER) as journal:
        for record in RECORDS:
            journal.append(record)
    return path.read_bytes()


def test_any_length_of_the_file_gives_the_complete_records_and_is_continued(tmp_path: Path) -> None:
    path = tmp_path / "transcript.journal"
    whole = written(path)
    for size in range(len(whole) + 1):
        path.write_bytes(whole[:size])
        with Journal(path, HEADER) as journal:
            kept = list(journal.records)
            assert kept == RECORDS[: len(kept)]
            assert len(kept) == max(0, whole[:size].count(b"\n") - 1)
            for record in RECORDS[len(kept) :]:
                journal.append(record)
        assert path.read_bytes() == whole


@pytest.mark.parametrize("tail", [b"\0" * 40, b"00000000 {}\n", b"{}\n", b"\xff\n", b"deadbeef"])
def test_what_is_no_record_is_cut_off(tmp_path: Path, tail: bytes) -> None:
    path = tmp_path / "transcript.journal"
    whole = written(path)
    path.write_bytes(whole + tail)
    with Journal(path, HEADER) as journal:
        assert journal.records == RECORDS
    assert path.read_bytes() == whole


def test_another_input_starts_again(tmp_path: Path) -> None:
    path = tmp_path / "transcript.journal"
    written(path)
    with Journal(path, {**HEADER, "model": "small"}) as journal:
        assert journal.records == []
    with Journal(path, HEADER) as journal:
        assert journal.records == []


def test_without_a_path_records_are_only_in_memory() -> None:
    with Journal(None, HEADER) as journal:
        journal.append(RECORDS[0])
        assert journal.records == RECORDS[:1]
