"""faster-whisper: a model that lies here is used, one that does not is an error of ours, and nothing is fetched.

The library is heavy and its models more so: a module of the same name stands in for what it computes.
"""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from pressrun.errors import ServiceUnavailableError, SourceError
from pressrun.services.protocols import Context
from pressrun.services.transcribers import models, whisper
from pressrun.store.measurements import load_measurements

STAND_IN = '''
from types import SimpleNamespace

class WhisperModel:
    """Says with what it was asked, in the language it was asked in. Its name says which languages it knows."""

    def __init__(self, model, **options):
        if model.endswith("broken"):
            raise RuntimeError("Unable to open file 'model.bin'")
        self.options = options
        self.feature_extractor = None
        self.model = SimpleNamespace(is_multilingual=not model.endswith(".en"))

    def transcribe(self, sound, language, **settings):
        if language == "xx":
            raise ValueError("'xx' is not a valid language code")
        said = f" {language} {sound.dtype} {len(sound) > 16000} {self.options['local_files_only']}".split()
        step = len(sound) / 16000 / len(said)
        words = [
            SimpleNamespace(word=f" {word}", start=number * step, end=(number + 1) * step, probability=0.9)
            for number, word in enumerate(said)
        ]
        return iter([SimpleNamespace(words=words)]), None

    def detect_language(self, sound):
        return "fr", 0.9, []
'''
ASSETS = '''
import sys
from pathlib import Path

def get_assets_path():
    return next(str(path) for each in sys.path if (path := Path(each, "faster_whisper", "assets")).is_dir())
'''


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "library"
    (folder / "faster_whisper").mkdir(parents=True)
    (folder / "faster_whisper" / "__init__.py").write_text(STAND_IN)
    (folder / "faster_whisper" / "utils.py").write_text(ASSETS)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("HF_HUB_OFFLINE", "")
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: tmp_path / "data")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    for name in library_modules():
        monkeypatch.delitem(sys.modules, name)
    yield
    for name in library_modules():  # the real ones come back with the end of the monkeypatch
        del sys.modules[name]


def library_modules() -> list[str]:
    return [each for each in sys.modules if each.partition(".")[0] == "faster_whisper"]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def model(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True)
    for name in names or models.REQUIRED_FILES:
        (folder / name).write_text("{}")
    return folder


def context(workspace: Path, name: object, **settings: Any) -> Context:
    return Context(workspace, {"whisper_model": str(name), "language": "auto", **settings})


def transcribe(media: Path, asked: Context, language: str = "auto") -> list[str]:
    return [each.text for each in whisper.transcribe(media, language, lambda *_: None, asked)]


@pytest.mark.usefixtures("library")
def test_a_model_in_a_folder_hears_the_sound(tmp_path: Path, spoken: Path) -> None:
    asked = context(tmp_path, model(tmp_path / "models" / "small"))
    assert whisper.ready(asked).ready
    assert transcribe(spoken, asked) == ["fr float32 True True"]
    assert transcribe(spoken, asked, "de-AT") == ["de float32 True True"]
    assert transcribe(spoken, context(tmp_path, "models/small")) == ["fr float32 True True"]


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("name", ["small", "Systran/faster-whisper-small"])
def test_a_model_is_found_in_the_cache_by_its_name(tmp_path: Path, spoken: Path, name: str) -> None:
    place = tmp_path / "cache" / "hub" / "models--Systran--faster-whisper-small"
    model(place / "snapshots" / "older")
    current = model(place / "snapshots" / "current")
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text("current")
    assert models.model_folder(name, tmp_path) == current
    assert transcribe(spoken, context(tmp_path, name))


@pytest.mark.usefixtures("library")
def test_a_name_means_the_cache_before_a_folder_that_happens_to_be_called_so(tmp_path: Path) -> None:
    folder = model(tmp_path / "small")
    assert models.model_folder("small", tmp_path) == folder
    cached = model(tmp_path / "cache" / "hub" / "models--Systran--faster-whisper-small" / "snapshots" / "one")
    assert models.model_folder("small", tmp_path) == cached
    assert models.model_folder("./small", tmp_path) == folder


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("/nowhere/small", "folder not found: /nowhere/small"),
        ("./models/small", "folder not found"),
        ("~/no-such-model", "folder not found"),
        ("models/small", 'model "models/small" is not on this machine'),
        ("small", 'model "small" is not on this machine'),
        ("../../etc", "folder not found"),
        ("sm*ll", "is not on this machine"),
    ],
)
def test_a_model_that_is_not_here_is_our_own_error_and_is_looked_for_nowhere(
    tmp_path: Path, spoken: Path, name: str, says: str
) -> None:
    asked = context(tmp_path, name)
    readiness = whisper.ready(asked)
    assert (readiness.ready, readiness.configured) == (False, True)
    assert says in readiness.reason
    with pytest.raises(ServiceUnavailableError) as caught:
        transcribe(spoken, asked)
    assert says in caught.value.message
    assert "whisper_model" in caught.value.message
    assert caught.value.remedy


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("name", models.REQUIRED_FILES)
def test_a_folder_that_is_not_a_whole_model_is_named_with_what_it_lacks(tmp_path: Path, name: str) -> None:
    folder = model(tmp_path / "part", *(each for each in models.REQUIRED_FILES if each != name))
    assert f"has no {name}" in whisper.ready(context(tmp_path, folder)).reason


@pytest.mark.usefixtures("library")
def test_a_broken_model_a_wrong_language_and_silence_are_reported(tmp_path: Path, spoken: Path, silent: Path) -> None:
    with pytest.raises(ServiceUnavailableError, match="cannot be used: Unable to open file"):
        transcribe(spoken, context(tmp_path, model(tmp_path / "broken")))
    asked = context(tmp_path, model(tmp_path / "whole"))
    with pytest.raises(SourceError, match="not a valid language"):
        transcribe(spoken, asked, "xx")
    with pytest.raises(SourceError, match="no speech"):
        transcribe(silent, asked)


def test_without_the_library_or_a_model_it_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: tmp_path / "data")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "pressrun[whisper]" in whisper.ready(context(tmp_path, "")).remedy
    assert whisper.ready(context(tmp_path, "small")).configured
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if name == "faster_whisper" else None)
    readiness = whisper.ready(context(tmp_path, ""))
    assert (readiness.ready, readiness.configured) == (False, False)
    assert readiness.reason == "there is no speech recognition model on this machine"
    assert readiness.remedy == "Get a model with: pressrun models get small."


@pytest.mark.usefixtures("library")
def test_a_run_leaves_its_memory_for_the_list_of_models(tmp_path: Path, spoken: Path) -> None:
    transcribe(spoken, context(tmp_path, model(tmp_path / "faster-whisper-small")), "de")
    assert load_measurements()["whisper:small"].memory > 20


def test_the_speed_is_that_of_the_sound_after_the_model_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    now = iter((100.0, 107.0, 130.0))
    monkeypatch.setattr(time, "perf_counter", lambda: next(now))
    meter = whisper.SpeedMeter(lambda done, total, unit: seen.append(done))
    meter.on_progress(1000.0, 2000.0, "seconds")
    meter.is_counting = True
    for done in (1100.0, 1150.0, 1400.0):
        meter.on_progress(done, 2000.0, "seconds")
    assert seen == [1000.0, 1100.0, 1150.0, 1400.0]
    assert meter.speed() == pytest.approx(0.1)
    assert whisper.SpeedMeter(lambda *_: None).speed() == 0
