"""When cards change: in the pauses."""

from __future__ import annotations

from collections.abc import Callable

from pressrun.media.timeline import card_times, frame_count
from pressrun.model.script import Passage


def test_cards_change_between_the_words_of_two_passages(passage_of: Callable[..., Passage]) -> None:
    first, second = passage_of("One two three.", 0.5), passage_of("Four five.", 2.2)
    times = card_times([first, second], 4.0)
    assert times[0].start == 0
    assert first.words[-1].end < times[1].start < times[1].faded < second.words[0].start
    assert times[1].end == 4.0


def test_without_a_pause_the_card_changes_at_once(passage_of: Callable[..., Passage]) -> None:
    first = passage_of("One two.", 0.0)
    second = passage_of("Three.", first.end)
    assert card_times([first, second], 3.0)[1].start == card_times([first, second], 3.0)[1].faded == second.start


def test_frames_cover_the_whole_duration() -> None:
    assert frame_count(2.0, 30) == 60
    assert frame_count(2.001, 30) == 61
    assert frame_count(0.0, 30) == 1
