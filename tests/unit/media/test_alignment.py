"""Forced alignment finds the words of a voice that reports no word timings."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pressrun.media.alignment import align_starts, can_align, spoken_words
from pressrun.services.protocols import Context, Speech
from pressrun.services.voices import espeak

TEXT = (
    "In 1845 a man moved into a cabin that he had built himself. He counted every nail, and every seed; then he sat by "
    "Walden Pond and asked what a day of Qwylm would cost."
)


@pytest.fixture(scope="module")
def speech() -> Speech:
    return espeak.speak(TEXT, "en", 165, Context(Path(), {}))


def test_words_are_found_at_the_times_the_voice_reported(speech: Speech) -> None:
    starts = align_starts([word.text for word in speech.words], speech.pcm, speech.sample_rate)
    errors = [abs(start - word.start) for start, word in zip(starts, speech.words, strict=True) if start is not None]
    assert len(errors) == len(speech.words)
    assert sorted(errors)[len(errors) // 2] < 0.03
    assert sum(error < 0.1 for error in errors) >= 0.8 * len(errors)


def test_the_same_sound_gives_the_same_times(speech: Speech) -> None:
    texts = [word.text for word in speech.words]
    first = align_starts(texts, speech.pcm, speech.sample_rate)
    assert align_starts(texts, speech.pcm, speech.sample_rate) == first


def test_texts_without_letters_have_no_start(speech: Speech) -> None:
    texts = [part for word in speech.words for part in (word.text, "—")]
    starts = align_starts(texts, speech.pcm, speech.sample_rate)
    assert starts[1::2] == [None] * len(speech.words)
    assert None not in starts[::2]


def test_a_sound_too_short_for_its_text_has_no_starts(speech: Speech) -> None:
    starts = align_starts([word.text for word in speech.words], speech.pcm[:4000], speech.sample_rate)
    assert set(starts) == {None}


def test_texts_of_punctuation_have_no_starts(speech: Speech) -> None:
    assert align_starts(["…", "—"], speech.pcm, speech.sample_rate) == [None, None]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1845,", "eighteen forty five"), ("2005", "two thousand five"), ("1900s", "nineteen hundred s"),
        ("1905", "nineteen oh five"), ("42%", "forty two"), ("700", "seven hundred"), ("007", "zero zero seven"),
        ("12345", "one two three four five"), ("‘Don’t’", "don't"), ("well-made", "well made"), ("—", ""),
    ],
)
def test_numbers_become_words_and_punctuation_is_dropped(text: str, words: str) -> None:
    assert spoken_words(text) == words.split()


def test_only_english_is_aligned_and_only_with_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    assert can_align("en")
    assert can_align("en-GB")
    assert not can_align("de")
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert not can_align("en")
