"""A run that is interrupted continues after the last window, and ends with the same bytes as an undisturbed one."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.unit.services.transcribers.media import write_media

from pressrun.errors import SourceError
from pressrun.services.protocols import Context
from pressrun.services.transcribers import windows
from pressrun.services.transcribers.transcription import REMOVED_FILE, transcribe_media

pytest.importorskip("faster_whisper")


class Model:
    """Says one word in each window, and dies in window `dies_in`."""

    def __init__(self, dies_in: int = 1_000) -> None:
        self.left = dies_in
        self.model = SimpleNamespace(is_multilingual=False)

    def transcribe(self, sound: Any, **settings: Any) -> tuple[Any, None]:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        word = SimpleNamespace(word=f" word{len(sound)}", start=0.5, end=1.0, probability=0.9)
        bye = SimpleNamespace(word=" Thanks for watching!", start=1.2, end=1.5, probability=0.1)
        return iter([SimpleNamespace(words=[word]), SimpleNamespace(words=[bye])]), None


class Speech:
    """Stands in for the detector: everything is speech."""

    def detect(self, samples: Any) -> Any:
        return np.full(-(-len(samples) // windows.CHUNK_SAMPLES), 0.9, np.float32)


@pytest.fixture
def media(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two tracks of 20 seconds, in windows of two to four seconds."""
    for name, value in (("MIN", 2.0), ("PREFERRED", 3.0), ("MAX", 4.0)):
        monkeypatch.setattr(windows, f"{name}_WINDOW_SECONDS", value)
    monkeypatch.setattr("pressrun.services.transcribers.transcription.SpeechDetector", Speech)
    noise = np.random.default_rng(0).integers(-9000, 9000, 20 * 16_000).astype(np.int16)
    return write_media(tmp_path / "talk.mka", [noise, noise[::-1]], "pcm_s16le", rate=16_000)


def run(media: Path, folder: Path, model: Model | None, notes: list[str] | None = None, **settings: Any) -> Any:
    folder.mkdir(exist_ok=True)
    limits: list[float] = []
    context = Context(
        folder, settings, folder=folder, note=(notes if notes is not None else []).append,
        extend_deadline=limits.append,
    )

    def load() -> Model:
        assert model, "the model was loaded for nothing"
        return model

    return transcribe_media(media, "en", ("model",), load, lambda *_: None, context)


def test_any_interruption_costs_one_window_and_changes_nothing(media: Path, tmp_path: Path) -> None:
    whole = run(media, tmp_path / "whole", Model(), all_tracks=True)
    expected = {path.name: path.read_bytes() for path in (tmp_path / "whole").iterdir()}
    count = len(whole)
    assert count > 12
    folder = tmp_path / "interrupted"
    for _ in range(count):
        with pytest.raises(KeyboardInterrupt):
            run(media, folder, Model(dies_in=1), all_tracks=True)
    assert run(media, folder, Model(), all_tracks=True) == whole
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == expected
    assert run(media, folder, None, all_tracks=True) == whole  # nothing is left to do


def test_another_track_or_file_starts_again(media: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    first = run(media, folder, Model())
    assert {each.track for each in first} == {1}
    assert {each.track for each in run(media, folder, Model(), audio_track="2")} == {2}
    media.write_bytes(media.read_bytes()[:-10_000])
    with pytest.raises(AssertionError, match="for nothing"):
        run(media, folder, None, audio_track="2")


def test_removed_words_are_listed_and_can_be_put_back(media: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    before = run(media, folder, Model())
    listed = json.loads((folder / REMOVED_FILE).read_text())
    assert {each["text"] for each in listed} == {"Thanks for watching!"}
    listed[1]["restore"] = True
    (folder / REMOVED_FILE).write_text(json.dumps(listed))
    after = run(media, folder, None)
    assert len(after) == len(before) + 1
    assert [each.segment.text for each in after].count("Thanks for watching!") == 1
    assert json.loads((folder / REMOVED_FILE).read_text()) == listed


def test_the_time_limit_grows_with_a_long_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pressrun.services.transcribers.transcription.LONG_RECORDING", 1.0)
    path = write_media(tmp_path / "talk.wav", [np.zeros(32_000, np.int16)], "pcm_s16le", rate=16_000)
    limits: list[float] = []
    context = Context(tmp_path, {}, extend_deadline=limits.append)
    with pytest.raises(SourceError, match="no speech was recognized"):
        transcribe_media(path, "en", ("model",), Model, lambda *_: None, context)
    assert limits == [pytest.approx(12, abs=0.5)]
