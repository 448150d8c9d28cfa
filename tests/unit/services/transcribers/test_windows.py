"""Windows are cut at silences, cover every sample once, and are the same from whichever window a run continues."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pressrun.services.transcribers import windows
from pressrun.services.transcribers.decoding import SAMPLE_RATE
from pressrun.services.transcribers.windows import CHUNK_SECONDS, Window, find_cut, split_windows


class Loudness:
    """Stands in for the detector: loud samples are speech."""

    def detect(self, samples: Any) -> Any:
        padded = np.pad(np.abs(samples.astype(np.int32)), (0, -len(samples) % windows.CHUNK_SAMPLES))
        return (padded.reshape(-1, windows.CHUNK_SAMPLES).mean(axis=1) > 500).astype(np.float32)


def probabilities(seconds: float, *silences: tuple[float, float]) -> Any:
    found = np.ones(round(seconds / CHUNK_SECONDS), np.float32)
    for start, end in silences:
        found[round(start / CHUNK_SECONDS) : round(end / CHUNK_SECONDS)] = 0
    return found


@pytest.mark.parametrize(
    ("silences", "cut"),
    [
        ([(200, 201.5), (250, 252)], 251),  # the last long one
        ([(200, 200.4), (250, 250.2)], 200.2),  # else the longest one
        ([(100, 103), (250, 250.2)], 250.1),  # a short one late rather than a long one early
        ([(100, 103)], 101.5),
        ([(30, 40)], 60),  # never before the shortest window
    ],
)
def test_the_cut_is_in_a_silence(silences: list[tuple[float, float]], cut: float) -> None:
    assert find_cut(probabilities(300, *silences)) * CHUNK_SECONDS == pytest.approx(cut, abs=0.05)


def sound(seconds: int) -> bytes:
    """Speech with a pause of half a second in every three seconds."""
    time = np.arange(seconds * SAMPLE_RATE) / SAMPLE_RATE
    return bytes(np.where(time % 3 < 2.5, 8000 * np.sin(time * 2000), 0).astype("<i2").tobytes())


def test_windows_cover_everything_once_and_can_be_continued_from_each() -> None:
    pcm = sound(700)
    pieces = [pcm[at : at + 99_998] for at in range(0, len(pcm), 99_998)]
    found = list(split_windows(pieces, Loudness()))
    assert b"".join(window.samples.tobytes() for window in found) == pcm
    assert [window.start for window in found] == [0, *np.cumsum([len(w.samples) for w in found])[:-1]]
    assert all(60 <= window.seconds <= 300 for window in found[:-1])
    for first, window in enumerate(found):
        again = list(split_windows([pcm], Loudness(), window.start))
        assert [(each.start, each.samples.tobytes()) for each in again] == [
            (each.start, each.samples.tobytes()) for each in found[first:]
        ]
        assert all((a.probabilities == b.probabilities).all() for a, b in zip(again, found[first:], strict=True))


def test_speech_and_passages() -> None:
    values = probabilities(60, (0, 5), (10, 10.5), (20, 24), (30, 60))
    values[round(40 / CHUNK_SECONDS)] = 1  # a click
    window = Window(SAMPLE_RATE, np.zeros(60 * SAMPLE_RATE, np.int16), values)
    assert [(round(each.start, 1), round(each.end, 1)) for each in window.speech] == [(5, 10), (10.5, 20), (24, 30)]
    assert [(round(each.start, 1), round(each.end, 1)) for each in window.passages] == [(4.6, 20.4), (23.6, 30.4)]
    assert (window.begin, window.end) == (1.0, 61.0)
    assert window.speech_probability(6, 8) == 1.0
    assert window.speech_probability(50, 50) == 0.0
    assert Window(0, np.zeros(0, np.int16), probabilities(0)).passages == ()
