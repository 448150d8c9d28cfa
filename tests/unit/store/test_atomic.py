"""Files are complete or absent, and temporary files are removed."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pressrun.errors import NoSpaceError
from pressrun.store import atomic


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def write_half(path: Path, error: BaseException) -> None:
    with atomic.atomic_output(path) as part:
        part.write_bytes(b"half")
        raise error


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """`full_disk(number)` makes every later fsync fail with that errno, as on a full disk."""

    def fill(number: int = errno.ENOSPC) -> None:
        def fail(descriptor: int) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "fsync", fail)

    return fill


def test_writing_a_file_leaves_no_other_file(tmp_path: Path) -> None:
    atomic.write_bytes(tmp_path / "a.json", b"new")
    assert (tmp_path / "a.json").read_bytes() == b"new"
    assert names(tmp_path) == ["a.json"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_keeps_the_old_file_and_leaves_no_partial_file(
    tmp_path: Path, full_disk: Callable[[int], None], number: int
) -> None:
    (tmp_path / "a.json").write_bytes(b"old")
    full_disk(number)
    with pytest.raises(NoSpaceError, match="No space left") as caught:
        atomic.write_bytes(tmp_path / "a.json", b"new")
    assert str(tmp_path) in caught.value.message
    assert "Free some disk space" in caught.value.remedy
    assert (tmp_path / "a.json").read_bytes() == b"old"
    assert names(tmp_path) == ["a.json"]


def test_another_disk_error_is_raised_unchanged_and_leaves_no_partial_file(
    tmp_path: Path, full_disk: Callable[[int], None]
) -> None:
    full_disk(errno.EIO)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        atomic.write_bytes(tmp_path / "a.json", b"new")
    assert names(tmp_path) == []


def test_no_file_changes_if_one_of_several_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stages.json").write_bytes(b"old")
    calls: list[int] = []
    sync = os.fsync

    def second_fails(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "full")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", second_fails)
    with pytest.raises(NoSpaceError):
        atomic.write_files(tmp_path, {"stages.json": b"new", "summary.json": b"new"})
    assert names(tmp_path) == ["stages.json"]
    assert (tmp_path / "stages.json").read_bytes() == b"old"


def test_files_are_synced_before_the_renames_and_the_folder_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    sync, replace = os.fsync, Path.replace

    def recording_sync(descriptor: int) -> None:
        order.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")  # noqa: PTH112
        sync(descriptor)

    def recording_replace(part: Path, final: Path) -> Path:
        order.append(f"rename {final.name}")
        return replace(part, final)

    monkeypatch.setattr(os, "fsync", recording_sync)
    monkeypatch.setattr(Path, "replace", recording_replace)
    atomic.write_files(tmp_path, {"a": b"1", "b": b"2"}, before_rename=lambda: order.append("before"))
    assert order == ["file", "file", "before", "rename a", "rename b", "folder"]


def test_a_private_file_stays_private(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    path.chmod(0o600)
    atomic.write_bytes(path, b"new")
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_output_gets_its_name_at_the_end_of_the_block(tmp_path: Path) -> None:
    with atomic.atomic_output(tmp_path / "video.mp4") as part:
        assert part.suffix == ".mp4"
        part.write_bytes(b"pictures")
        assert not (tmp_path / "video.mp4").exists()
    assert (tmp_path / "video.mp4").read_bytes() == b"pictures"
    assert names(tmp_path) == ["video.mp4"]


def test_a_failed_output_keeps_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "video.mp4").write_bytes(b"earlier")
    with pytest.raises(ValueError, match="bad frame"):
        write_half(tmp_path / "video.mp4", ValueError("bad frame"))
    assert (tmp_path / "video.mp4").read_bytes() == b"earlier"
    assert names(tmp_path) == ["video.mp4"]


def test_an_interrupted_output_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_half(tmp_path / "video.mp4", KeyboardInterrupt())
    assert names(tmp_path) == []


def test_an_output_on_a_full_disk_raises_no_space_error(tmp_path: Path, full_disk: Callable[[int], None]) -> None:
    full_disk(errno.ENOSPC)
    with pytest.raises(NoSpaceError), atomic.atomic_output(tmp_path / "video.mp4") as part:
        part.write_bytes(b"pictures")
    assert names(tmp_path) == []


def test_an_output_that_is_never_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic.atomic_output(tmp_path / "video.mp4"):
        pass


@pytest.mark.parametrize("name", ["video.part.mp4", ".database.json.1a2b3c4d.part", "voice.part.wav"])
def test_partial_files_are_recognized_by_name(name: str) -> None:
    assert atomic.is_partial(name)


@pytest.mark.parametrize("name", ["video.mp4", "part", "part.one.txt", "apart.txt", "Part.md", "a.partial"])
def test_other_files_are_not_partial(name: str) -> None:
    assert not atomic.is_partial(name)


def test_only_partial_files_are_removed(tmp_path: Path) -> None:
    for name in ("video.part.mp4", "video.mp4", "notes.txt"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder.part").mkdir()
    assert atomic.remove_partials(tmp_path) == [tmp_path / "video.part.mp4"]
    assert names(tmp_path) == ["folder.part", "notes.txt", "video.mp4"]


def test_a_prefix_limits_removal_to_files_of_this_program(tmp_path: Path) -> None:
    for name in (".database.json.0a1b.part", "download.part", "film.part.mp4"):
        (tmp_path / name).write_text("x")
    atomic.remove_partials(tmp_path, prefix=".database.json.")
    assert names(tmp_path) == ["download.part", "film.part.mp4"]


def test_removing_partials_from_a_missing_folder_does_nothing(tmp_path: Path) -> None:
    assert atomic.remove_partials(tmp_path / "gone") == []
