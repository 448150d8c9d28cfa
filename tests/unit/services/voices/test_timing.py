"""Times for every word, also for those the voice did not report."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.services.voices.timing import filled, timed_words


def test_a_word_that_was_not_reported_shares_the_time_before_the_next_by_its_letters() -> None:
    assert filled(["best", "of", "times"], [0.0, None, 0.6], 1.0) == pytest.approx([0.0, 0.4, 0.6])


def test_a_report_out_of_order_is_ignored() -> None:
    assert filled(["a", "b", "c"], [0.0, 0.9, 0.5], 1.2) == pytest.approx([0.0, 0.9, 1.05])


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
