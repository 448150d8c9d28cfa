"""Invented words are decoded again and then removed; what was said stays, at its time; languages may change."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pressrun.services.transcribers.decoding import SAMPLE_RATE
from pressrun.services.transcribers.filtering import is_loop
from pressrun.services.transcribers.recognition import SECOND_DECODING, WindowResult, recognize_window
from pressrun.services.transcribers.windows import CHUNK_SECONDS, Window

Said = list[tuple[str, float, float, float]]
"""Text, start, end and probability of words."""


class Model:
    """Stands in for a Whisper model: says `first`, and `second` if it is asked again."""

    def __init__(self, first: Said, second: Said | None = None, language: Callable[[int], str] | None = None) -> None:
        self.first, self.second, self.language = first, second or [], language
        self.model = SimpleNamespace(is_multilingual=language is not None)
        self.asked: list[str] = []

    def transcribe(self, sound: Any, language: str, **settings: Any) -> tuple[Any, None]:
        self.asked.append(language)
        said = self.second if settings == SECOND_DECODING else self.first
        words = [SimpleNamespace(word=f" {t}", start=a, end=b, probability=p) for t, a, b, p in said]
        return iter([SimpleNamespace(words=words)] if words else []), None

    def detect_language(self, sound: Any) -> tuple[str, float, list[Any]]:
        assert self.language
        return self.language(int(sound[len(sound) // 2] * 32768)), 0.95, []


def window(*speech: tuple[float, float], seconds: float = 60, probability: float = 0.95) -> Window:
    values = np.zeros(round(seconds / CHUNK_SECONDS), np.float32)
    for start, end in speech:
        values[round(start / CHUNK_SECONDS) : round(end / CHUNK_SECONDS)] = probability
    # Each sample says its second, so that the model can tell which part it gets.
    return Window(100 * SAMPLE_RATE, np.repeat(np.arange(seconds), SAMPLE_RATE).astype(np.int16), values)


def texts(result: WindowResult) -> list[str]:
    return [segment.text for segment in result.segments]


def said(text: str, start: float, probability: float = 0.9, step: float = 0.3) -> Said:
    return [(word, start + n * step, start + (n + 1) * step, probability) for n, word in enumerate(text.split())]


def test_times_are_those_of_the_file_and_end_where_the_speech_ends() -> None:
    # The model gets 9.6 to 12.4 and 29.6 to 32.4 as one piece of 5.6 seconds.
    model = Model([("Birds", 0.1, 1.0, 0.9), ("sang.", 3.3, 9.0, 0.9)])
    result = recognize_window(model, window((10, 12), (30, 32)), "auto", "")
    assert texts(result) == ["Birds", "sang."]
    assert [(each.start, each.end) for each in result.segments] == [
        pytest.approx((110, 110.55), abs=0.06), pytest.approx((130.05, 132), abs=0.06),
    ]


@pytest.mark.parametrize(
    ("first", "probability", "reason"),
    [
        (said("we go we go we go we go we go we go we go", 0.4, 0.5), 0.9, "repetition"),
        (said("a b c d e f g h i j", 0.4, 0.9, 0.05), 0.9, "repetition"),
        (said("Thanks for watching!", 0.4, 0.5), 0.6, "phrase over noise"),
        (said("Some quiet words", 0.4, 0.2), 0.6, "uncertain"),
    ],
)
def test_doubtful_words_are_decoded_again_and_then_removed(first: Said, probability: float, reason: str) -> None:
    heard = window((10, 20), probability=probability)
    result = recognize_window(Model(first), heard, "auto", "")
    assert texts(result) == []
    assert [each.reason for each in result.removed] == [reason]
    assert result.removed[0].text == " ".join(word for word, *_ in first)
    assert 109 < result.removed[0].start < result.removed[0].end < 121
    better = recognize_window(Model(first, said("He hoes beans.", 0.4)), window((10, 20)), "auto", "")
    assert reason == "phrase over noise" or texts(better) == ["He hoes beans."]


@pytest.mark.parametrize(
    "first", [said("Thank you.", 0.4), said("No, no, no, no, no, no.", 0.4), said("He hoes beans.", 0.4, 0.5)]
)
def test_certain_words_stay_even_if_models_like_to_invent_them(first: Said) -> None:
    result = recognize_window(Model(first), window((10, 20)), "auto", "")
    assert texts(result) == [" ".join(word for word, *_ in first)]
    assert result.removed == ()


def test_words_far_from_speech_are_removed() -> None:
    model = Model([("Yes.", 0.5, 0.8, 0.9), ("Hm", 2.2, 2.4, 0.9)])
    result = recognize_window(model, window((10, 11), (12.8, 14)), "en", "")
    assert texts(result) == ["Yes."]
    assert [(each.text, each.reason) for each in result.removed] == [("Hm", "outside speech")]


def test_a_window_without_speech_is_not_decoded() -> None:
    model = Model(said("Thanks", 0))
    assert recognize_window(model, window(), "auto", "en") == WindowResult("en", ())
    assert model.asked == []


@pytest.mark.parametrize(
    ("change", "previous", "language", "asked"),
    [
        (300, "", "auto", ["fr"]),
        (0, "fr", "auto", ["de"]),
        (130, "fr", "auto", ["fr", "de"]),
        (130, "", "auto", ["fr", "de"]),
        (130, "fr", "it", ["it"]),
    ],
)
def test_the_language_may_change_in_a_window(change: int, previous: str, language: str, asked: list[str]) -> None:
    model = Model([], language=lambda second: "fr" if second < change else "de")
    result = recognize_window(model, window((0, 250), seconds=250), language, previous)
    assert model.asked == asked
    assert result.language == asked[-1]


def test_loops_are_told_from_text() -> None:
    assert is_loop("so, so, so, so, so, so")
    assert is_loop("and then we went to the lake " * 6)
    assert not is_loop("It was the best of times, it was the worst of times, it was the age of wisdom.")
    assert not is_loop("")
