"""The model of kokoro is joined from its packages once, and checked by its hash."""

from __future__ import annotations

import hashlib
import sys
import threading
from pathlib import Path

import platformdirs
import pytest
from filelock import FileLock

from pressrun.errors import VoiceError
from pressrun.services.voices.kokoro import model

CONTENT = b"first second third fourth"


@pytest.fixture(autouse=True)
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The parts in four installed packages, and an empty cache."""
    parts = []
    for number, text in enumerate((b"first ", b"second ", b"third ", b"fourth"), start=1):
        folder = tmp_path / "site" / f"small_model_{number}"
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
        (folder / "part.bin").write_bytes(text)
        parts.append(folder / "part.bin")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.setattr(model, "PACKAGES", tuple(part.parent.name for part in parts))
    monkeypatch.setattr(model, "SIZE", len(CONTENT))
    monkeypatch.setattr(model, "SHA256", hashlib.sha256(CONTENT).hexdigest())
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_, **__: tmp_path / "cache")
    yield parts
    for part in parts:
        sys.modules.pop(part.parent.name, None)


def test_it_is_joined_once(packages: list[Path]) -> None:
    notes: list[str] = []
    assert model.load_model(notes.append) == CONTENT
    packages[0].unlink()
    assert model.load_model(notes.append) == model.model_file().read_bytes() == CONTENT
    assert notes == []


@pytest.mark.parametrize("damage", [b"", CONTENT[:-1], CONTENT[:-1] + b"?"])
def test_a_damaged_file_is_named_and_built_again(damage: bytes) -> None:
    notes: list[str] = []
    model.load_model(notes.append)
    model.model_file().write_bytes(damage)
    assert model.load_model(notes.append) == model.model_file().read_bytes() == CONTENT
    assert notes == [f"{model.model_file()} was damaged and is built again"]


def test_a_damaged_package_is_an_error_and_leaves_no_file(packages: list[Path]) -> None:
    packages[2].write_bytes(b"THIRD ")
    with pytest.raises(VoiceError, match="small-model-3") as caught:
        model.load_model(print)
    assert "pip install" in caught.value.remedy
    assert not model.model_file().exists()


def test_a_missing_part_is_named(packages: list[Path]) -> None:
    packages[1].unlink()
    with pytest.raises(VoiceError, match="small_model_2"):
        model.load_model(print)


def test_a_second_process_waits_and_reads_what_the_first_has_built() -> None:
    path = model.model_file()
    path.parent.mkdir(parents=True)
    found: list[bytes] = []
    with FileLock(path.with_name(f".{path.name}.lock")):
        second = threading.Thread(target=lambda: found.append(model.load_model(print)))
        second.start()
        second.join(0.2)
        assert second.is_alive()
        path.write_bytes(CONTENT)
    second.join(10)
    assert found == [CONTENT]


def test_a_lock_that_is_never_released_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "LOCK_TIMEOUT", 0.05)
    path = model.model_file()
    path.parent.mkdir(parents=True)
    with FileLock(path.with_name(f".{path.name}.lock")), pytest.raises(VoiceError, match="Another process"):
        model.load_model(print)


def test_without_a_writable_cache_the_model_is_still_used(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert model.load_model(print) == CONTENT
