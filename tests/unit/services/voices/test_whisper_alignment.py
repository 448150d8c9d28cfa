"""Words of a known text are found in speech by the bundled Whisper model, and not in other sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import platformdirs
import pytest

from pressrun.media import alignment
from pressrun.services.protocols import Context, Speech
from pressrun.services.voices import espeak, timing, whisper_alignment

TEXT = "He counted every nail in the old hut. Then he rested for twenty years beside the pond."


@pytest.fixture(autouse=True)
def no_downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: tmp_path)


@pytest.fixture(scope="module")
def speech() -> Speech:
    return espeak.speak(TEXT, "en", 165, Context(Path(), {}))


def test_the_words_of_a_text_are_found_in_its_speech(speech: Speech) -> None:
    found = whisper_alignment.align_starts(TEXT.split(), speech.pcm, speech.sample_rate, "en-GB")
    errors = [abs(start - word.start) for start, word in zip(found, speech.words, strict=True) if start is not None]
    assert len(errors) == len(speech.words)
    assert np.median(errors) < 0.1
    assert np.percentile(errors, 95) < 0.25


def test_a_longer_sound_is_recognized_and_the_text_is_found_in_that(
    speech: Speech, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whisper_alignment, "MAX_SECONDS", 1.0)
    found = whisper_alignment.align_starts(TEXT.split(), speech.pcm, speech.sample_rate, "en")
    pairs = [(start, word.start) for start, word in zip(found, speech.words, strict=True) if start is not None]
    assert len(pairs) > len(speech.words) * 0.6
    assert np.median([abs(start - real) for start, real in pairs]) < 0.15


def test_another_sound_is_not_aligned(speech: Speech) -> None:
    noise = np.random.default_rng(1).integers(-3000, 3000, 5 * speech.sample_rate, dtype=np.int16)
    assert set(whisper_alignment.align_starts(TEXT.split(), noise.tobytes(), speech.sample_rate, "en")) == {None}


def test_a_language_without_a_model_is_not_aligned(speech: Speech) -> None:
    assert whisper_alignment.can_align("en")
    assert not whisper_alignment.can_align("nl")
    assert whisper_alignment.align_starts(["een"], speech.pcm, speech.sample_rate, "nl") == [None]


def test_it_aligns_english_only_without_pocketsphinx(speech: Speech, monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[str] = []
    real = whisper_alignment.align_starts
    monkeypatch.setattr(
        whisper_alignment, "align_starts", lambda *given: used.append(given[3]) or real(*given)
    )
    words = [word.text for word in speech.words]
    assert timing.time_words(words, speech.pcm, speech.sample_rate, "en")[1] == "alignment"
    assert used == []
    monkeypatch.setattr(timing, "can_align", lambda language: False)
    assert timing.time_words(words, speech.pcm, speech.sample_rate, "en")[1] == "alignment"
    assert used == ["en"]
    assert alignment.can_align("en")
