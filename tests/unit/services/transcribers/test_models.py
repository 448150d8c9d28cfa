"""Which Whisper model a setting means, and which languages it recognizes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from pressrun.errors import ServiceUnavailableError
from pressrun.model.speech_models import MODELS
from pressrun.services.transcribers import models


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of downloaded models; nothing is downloaded, and the cache of Hugging Face is empty."""
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: tmp_path / "data")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    return tmp_path / "data" / "models"


@pytest.fixture
def download(data: Path) -> Callable[[str], Path]:
    """Create all files of a model with the right size, mostly as holes."""

    def create(name: str) -> Path:
        (data / name).mkdir(parents=True)
        for file in MODELS[name].files:
            with (data / name / file.name).open("wb") as opened:
                opened.write(b"\n" * 51_865 if file.name == "vocabulary.txt" else b"")
                opened.truncate(file.size)
        return data / name

    return create


def test_without_a_setting_english_is_recognized_by_the_bundled_model(tmp_path: Path) -> None:
    folder = models.model_folder("", tmp_path, "en-GB")
    assert folder == models.bundled_folder() == models.model_folder("tiny.en", tmp_path)
    assert models.is_english_only(folder)


def test_another_language_needs_a_download_and_the_error_says_which(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailableError, match=r"only English, and the language is de$") as caught:
        models.model_folder("", tmp_path, "de")
    assert caught.value.remedy == "Get a model for many languages with: pressrun models get small"
    with pytest.raises(ServiceUnavailableError, match=r'"tiny\.en" supports only English') as caught:
        models.model_folder("tiny.en", tmp_path, "de")
    assert caught.value.remedy == "Set whisper_model to small, and run: pressrun models get small"


def test_the_largest_downloaded_model_is_used_without_a_setting(
    tmp_path: Path, download: Callable[[str], Path]
) -> None:
    download("base")
    small = download("small")
    assert models.model_folder("", tmp_path, "de") == models.model_folder("", tmp_path) == small
    assert models.model_folder("small", tmp_path, "de") == small
    assert [name for name, _ in models.find_models()] == ["small", "base", "tiny.en"]


def test_an_incomplete_download_is_not_used(tmp_path: Path, download: Callable[[str], Path]) -> None:
    with (download("base") / "model.bin").open("r+b") as file:
        file.truncate(1000)
    assert models.model_folder("", tmp_path) == models.bundled_folder()
    with pytest.raises(ServiceUnavailableError, match='"base" is not on this machine') as caught:
        models.model_folder("base", tmp_path)
    assert caught.value.remedy == "Get it with: pressrun models get base"


@pytest.mark.parametrize(("tokens", "english"), [(51_864, True), (51_865, False)])
def test_the_vocabulary_says_which_languages_a_model_recognizes(tmp_path: Path, tokens: int, english: bool) -> None:
    (tmp_path / "vocabulary.txt").write_text("word\n" * tokens)
    assert models.is_english_only(tmp_path) is english
    assert models.supports_language(tmp_path, "fr") is not english
    assert models.supports_language(tmp_path, "auto")


def test_every_model_that_can_be_downloaded_is_complete() -> None:
    for model in MODELS.values():
        names = {file.name for file in model.files}
        assert not names or names >= {*models.REQUIRED_FILES, "config.json"}, model.name
        assert not model.files or model.files[-1].name == "model.bin", "the weights come last"
        assert all(len(file.sha256) == 64 and file.size > 0 for file in model.files)
        assert len(model.revision) in (0, 40)


def test_the_peak_memory_of_a_process_does_not_include_that_of_its_parent() -> None:
    ballast = b"x" * 300_000_000
    code = "from pressrun.services.transcribers.models import peak_memory; print(peak_memory())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 5 < int(done.stdout) < len(ballast) >> 20
