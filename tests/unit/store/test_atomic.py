"""Files appear whole or not at all."""

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
    with atomic.product(path) as part:
        part.write_bytes(b"half")
        raise error


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """`full_disk(number)`: from now on fsync fails with `number`, as a disk that has no space left makes it fail."""

    def fill(number: int = errno.ENOSPC) -> None:
        def refuse(descriptor: int) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "fsync", refuse)

    return fill


def test_a_file_is_written_and_nothing_else_stays(tmp_path: Path) -> None:
    atomic.write_bytes(tmp_path / "a.json", b"new")
    assert (tmp_path / "a.json").read_bytes() == b"new"
    assert names(tmp_path) == ["a.json"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_the_earlier_content_and_no_litter(
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


def test_another_error_of_the_disk_goes_up_as_it_is_and_leaves_no_litter(
    tmp_path: Path, full_disk: Callable[[int], None]
) -> None:
    full_disk(errno.EIO)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        atomic.write_bytes(tmp_path / "a.json", b"new")
    assert names(tmp_path) == []


def test_of_several_files_none_changes_when_one_cannot_be_written(
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
        atomic.write_all(tmp_path, {"stages.json": b"new", "summary.json": b"new"})
    assert names(tmp_path) == ["stages.json"]
    assert (tmp_path / "stages.json").read_bytes() == b"old"


def test_contents_are_on_the_disk_before_the_names_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    sync, replace = os.fsync, Path.replace

    def noted_sync(descriptor: int) -> None:
        order.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")  # noqa: PTH112
        sync(descriptor)

    def noted_replace(part: Path, final: Path) -> Path:
        order.append(f"rename {final.name}")
        return replace(part, final)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    atomic.write_all(tmp_path, {"a": b"1", "b": b"2"}, before_rename=lambda: order.append("before"))
    assert order == ["file", "file", "before", "rename a", "rename b", "folder"]


def test_a_file_that_was_made_private_stays_private(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    path.chmod(0o600)
    atomic.write_bytes(path, b"new")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_product_gets_its_name_at_the_end_of_the_block(tmp_path: Path) -> None:
    with atomic.product(tmp_path / "video.mp4") as part:
        assert part.suffix == ".mp4"
        part.write_bytes(b"pictures")
        assert not (tmp_path / "video.mp4").exists()
    assert (tmp_path / "video.mp4").read_bytes() == b"pictures"
    assert names(tmp_path) == ["video.mp4"]


def test_a_product_that_fails_leaves_the_earlier_one(tmp_path: Path) -> None:
    (tmp_path / "video.mp4").write_bytes(b"earlier")
    with pytest.raises(ValueError, match="bad frame"):
        write_half(tmp_path / "video.mp4", ValueError("bad frame"))
    assert (tmp_path / "video.mp4").read_bytes() == b"earlier"
    assert names(tmp_path) == ["video.mp4"]


def test_a_product_that_is_interrupted_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_half(tmp_path / "video.mp4", KeyboardInterrupt())
    assert names(tmp_path) == []


def test_a_product_on_a_full_disk_says_so(tmp_path: Path, full_disk: Callable[[int], None]) -> None:
    full_disk(errno.ENOSPC)
    with pytest.raises(NoSpaceError), atomic.product(tmp_path / "video.mp4") as part:
        part.write_bytes(b"pictures")
    assert names(tmp_path) == []


def test_a_product_that_was_never_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic.product(tmp_path / "video.mp4"):
        pass


@pytest.mark.parametrize("name", ["video.part.mp4", ".database.json.1a2b3c4d.part", "voice.part.wav"])
def test_half_made_files_are_known_by_their_names(name: str) -> None:
    assert atomic.is_litter(name)


@pytest.mark.parametrize("name", ["video.mp4", "part", "part.one.txt", "apart.txt", "Part.md", "a.partial"])
def test_other_files_are_no_litter(name: str) -> None:
    assert not atomic.is_litter(name)


def test_sweeping_removes_half_made_files_and_nothing_else(tmp_path: Path) -> None:
    for name in ("video.part.mp4", "video.mp4", "notes.txt"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder.part").mkdir()
    assert atomic.sweep(tmp_path) == [tmp_path / "video.part.mp4"]
    assert names(tmp_path) == ["folder.part", "notes.txt", "video.mp4"]


def test_in_a_folder_of_other_people_only_names_of_ours_are_swept(tmp_path: Path) -> None:
    for name in (".database.json.0a1b.part", "download.part", "film.part.mp4"):
        (tmp_path / name).write_text("x")
    atomic.sweep(tmp_path, prefix=".database.json.")
    assert names(tmp_path) == ["download.part", "film.part.mp4"]


def test_sweeping_a_folder_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    assert atomic.sweep(tmp_path / "gone") == []
