"""A download is complete and correct or absent, and what has arrived is not downloaded again."""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock
from tests.loopback.model_hub import ModelHub, model_hub

from pressrun.errors import NetworkError, NoSpaceError, PressrunError
from pressrun.services import downloads

DATA = random.Random(1).randbytes(1_000_000)
HASH = hashlib.sha256(DATA).hexdigest()
PATH = "/files/model.bin"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelHub]:
    monkeypatch.setattr(downloads, "RETRY_DELAY", 0.0)
    with model_hub() as hub:
        hub.files[PATH] = DATA
        yield hub


@pytest.fixture
def fetch(hub: ModelHub, tmp_path: Path) -> Callable[..., bool]:
    def run(sha256: str = HASH, on_bytes: Callable[[int], None] = lambda _: None) -> bool:
        target = tmp_path / "models" / "model.bin"
        return downloads.download(hub.url + PATH, target, len(DATA), sha256, "SOME_URL", on_bytes)

    return run


def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / "model.bin"


def test_a_file_is_downloaded_once(hub: ModelHub, fetch: Callable[..., bool], tmp_path: Path) -> None:
    seen: list[int] = []
    assert fetch(on_bytes=seen.append) is True
    assert target(tmp_path).read_bytes() == DATA
    assert seen == sorted(seen)
    assert seen[-1] == len(DATA)
    assert fetch() is False
    assert hub.requests == [(PATH, "")]


def test_a_lost_connection_is_continued(hub: ModelHub, fetch: Callable[..., bool], tmp_path: Path) -> None:
    hub.cut_after = 400_000
    assert fetch()
    assert target(tmp_path).read_bytes() == DATA
    assert [asked for _, asked in hub.requests] == ["", f"bytes={6 << 16}-"]


def test_what_an_interrupted_download_left_is_continued(
    hub: ModelHub, fetch: Callable[..., bool], tmp_path: Path
) -> None:
    def stop(count: int) -> None:
        if count >= 300_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(on_bytes=stop)
    assert not target(tmp_path).exists()
    assert fetch()
    assert target(tmp_path).read_bytes() == DATA
    assert int(hub.requests[1][1].removeprefix("bytes=").rstrip("-")) >= 300_000


def test_a_server_without_ranges_sends_it_again(hub: ModelHub, fetch: Callable[..., bool], tmp_path: Path) -> None:
    hub.has_ranges, hub.cut_after = False, 400_000
    assert fetch()
    assert target(tmp_path).read_bytes() == DATA


def test_another_file_is_rejected_and_the_next_try_starts_again(
    hub: ModelHub, fetch: Callable[..., bool], tmp_path: Path
) -> None:
    hub.files[PATH] = bytes(len(DATA))
    with pytest.raises(NetworkError, match="its SHA-256 differs") as caught:
        fetch()
    assert "SOME_URL" in caught.value.remedy
    assert not target(tmp_path).exists()
    hub.files[PATH] = DATA
    assert fetch()
    assert [asked for _, asked in hub.requests] == ["", ""]


def test_a_longer_file_is_rejected(hub: ModelHub, fetch: Callable[..., bool]) -> None:
    hub.files[PATH] = DATA + b"more"
    with pytest.raises(NetworkError, match=r"sent more than the 1,000,000 bytes of model\.bin"):
        fetch()


def test_a_missing_file_is_requested_once(hub: ModelHub, fetch: Callable[..., bool]) -> None:
    del hub.files[PATH]
    with pytest.raises(NetworkError, match="returned HTTP 404"):
        fetch()
    assert len(hub.requests) == 1


def test_a_server_with_an_error_is_asked_again(hub: ModelHub, fetch: Callable[..., bool]) -> None:
    hub.status = 503
    with pytest.raises(NetworkError, match="returned HTTP 503"):
        fetch()
    assert len(hub.requests) == downloads.MAX_TRIES


def test_a_damaged_file_is_replaced(hub: ModelHub, fetch: Callable[..., bool], tmp_path: Path) -> None:
    target(tmp_path).parent.mkdir()
    target(tmp_path).write_bytes(bytes(len(DATA)))
    assert fetch()
    assert target(tmp_path).read_bytes() == DATA


def test_without_disk_space_nothing_is_requested(
    hub: ModelHub, fetch: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5_000_000))
    with pytest.raises(NoSpaceError, match=r"model\.bin needs 1 MB, and .* has 5 MB left"):
        fetch()
    assert hub.requests == []


def test_two_processes_do_not_write_the_same_file(
    fetch: Callable[..., bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "LOCK_TIMEOUT", 0.05)
    target(tmp_path).parent.mkdir()
    with (
        FileLock(target(tmp_path).with_name(".model.bin.lock")),
        pytest.raises(PressrunError, match=r"Another process is downloading model\.bin"),
    ):
        fetch()
    assert fetch()
