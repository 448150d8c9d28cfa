"""Cards change during pauses of the voice."""

from __future__ import annotations

from collections.abc import Callable

from pressrun.media.shots import card_times, count_frames
from pressrun.model.script import Passage


def test_cards_change_between_the_words_of_two_passages(passage_of: Callable[..., Passage]) -> None:
    first, second = passage_of("One two three.", 0.5), passage_of("Four five.", 2.2)
    times = card_times([first, second], 4.0)
    assert times[0].start == 0
    assert first.words[-1].end < times[1].start < times[1].faded < second.words[0].start
    assert times[1].end == 4.0


def test_without_a_pause_the_card_changes_without_a_fade(passage_of: Callable[..., Passage]) -> None:
    first = passage_of("One two.", 0.0)
    second = passage_of("Three.", first.end)
    _, time = card_times([first, second], 3.0)
    assert time.start == time.faded == second.start


def test_frames_cover_the_whole_duration() -> None:
    assert count_frames(2.0, 30) == 60
    assert count_frames(2.001, 30) == 61
    assert count_frames(0.0, 30) == 1
