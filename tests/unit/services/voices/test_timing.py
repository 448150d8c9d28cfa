"""Times for every word, also for those the voice did not report."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.services.protocols import Context
from pressrun.services.voices import espeak
from pressrun.services.voices.timing import fill_times, sentence_starts, time_words, timed_words


def test_a_word_that_was_not_reported_shares_the_time_before_the_next_by_its_letters() -> None:
    assert fill_times(["best", "of", "times"], [0.0, None, 0.6], 1.0) == pytest.approx([0.0, 0.4, 0.6])


def test_a_report_out_of_order_is_ignored() -> None:
    assert fill_times(["a", "b", "c"], [0.0, 0.9, 0.5], 1.2) == pytest.approx([0.0, 0.9, 1.05])


def test_a_word_ends_with_its_sound_and_not_with_the_pause() -> None:
    levels = [1.0] * 30 + [0.0] * 40 + [1.0] * 30
    words = timed_words(["one", "two"], [0.0, 0.7], levels, 1.0)
    assert (words[0].end, words[1].start, words[1].end) == (0.3, 0.7, 1.0)


@given(
    st.lists(
        st.tuples(st.text("abc.-", min_size=1, max_size=8), st.none() | st.floats(-1, 12)), min_size=1, max_size=30
    ),
    st.lists(st.floats(0, 1), min_size=50, max_size=1000),
)
def test_times_always_grow_and_stay_inside_the_sound(
    words: list[tuple[str, float | None]], levels: list[float]
) -> None:
    made = timed_words([text for text, _ in words], [start for _, start in words], levels, len(levels) / 100)
    assert len(made) == len(words)
    assert all(0 <= word.start < word.end <= len(levels) / 100 for word in made)
    assert all(before.end <= after.start for before, after in pairwise(made))


def spoken(*pieces: tuple[float, float]) -> list[float]:
    """Levels of stretches of sound, each followed by a silence: (seconds, seconds)."""
    return [level for sound, pause in pieces for level in [1.0] * round(sound * 100) + [0.0] * round(pause * 100)]


def test_sentences_begin_after_the_longest_pause_near_the_place_their_letters_let_expect() -> None:
    texts = ["aaaa", "aaaa.", "bbbb", "bbbb", "bbbb.", "cccc."]
    levels = spoken((0.4, 0.15), (0.45, 0.5), (1.5, 0.4), (0.5, 0.1))
    starts = sentence_starts(texts, levels, len(levels) / 100)
    assert starts == pytest.approx([0.0, None, 1.5, None, None, 3.4])


def test_a_sentence_without_a_pause_near_its_end_has_no_place_of_its_own() -> None:
    levels = spoken((3.0, 0.0))
    assert sentence_starts(["one.", "two."], levels, 3.0) == [0.0, None]


def test_silence_at_the_beginning_belongs_to_no_word() -> None:
    assert sentence_starts(["one"], [0.0] * 30 + [1.0] * 50, 0.8) == pytest.approx([0.3])


def test_words_of_a_voice_that_reports_nothing_are_aligned_in_english_and_estimated_in_others() -> None:
    speech = espeak.speak("He counted every nail. Then he rested.", "en", 165, Context(Path(), {}))
    texts = [word.text for word in speech.words]
    aligned, timing = time_words(texts, speech.pcm, speech.sample_rate, "en")
    assert timing == "alignment"
    for word, real in zip(aligned, speech.words, strict=True):
        assert word.start == pytest.approx(real.start, abs=0.1)
    estimated, timing = time_words(texts, speech.pcm, speech.sample_rate, "nl")  # no model for Dutch is on this machine
    assert timing == "sentence"
    assert estimated[4].start == pytest.approx(speech.words[4].start, abs=0.1)
