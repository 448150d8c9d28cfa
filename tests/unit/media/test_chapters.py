"""Chapters that a video site takes, at the times the voice gave them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pressrun.media.chapters import FEWEST, SHORTEST, Chapter, chapter_lines, chapters_of
from pressrun.model.script import Narration, Passage, Word

PAUSE = 0.6


def narration_of(*lengths: float, headings: tuple[str, ...] = ()) -> Narration:
    """Passages of these lengths in seconds, the first being the hook and the last the close."""
    passages: list[Passage] = []
    at = 0.5
    for number, length in enumerate(lengths):
        heading = headings[number] if headings else f"Part {number}"
        words = (Word("word", round(at, 3), round(at + length, 3)),)
        passages.append(Passage(heading, "word", round(at, 3), round(at + length, 3), words))
        at += length + PAUSE
    return Narration("en", "ltr", round(at + 1.4, 3), "voice", tuple(passages))


def test_every_scene_is_a_chapter_at_the_time_of_its_card() -> None:
    chapters = chapters_of(narration_of(12, 20, 70, 15, 5))
    assert chapters == (Chapter(0, "Part 0"), Chapter(12, "Part 1"), Chapter(33, "Part 2"), Chapter(103, "Part 3"))
    assert chapter_lines(chapters) == "0:00 Part 0\n0:12 Part 1\n0:33 Part 2\n1:43 Part 3"


def test_a_short_hook_gives_its_time_to_the_first_scene() -> None:
    chapters = chapters_of(narration_of(6, 20, 20, 20, 5))
    assert [chapter.title for chapter in chapters] == ["Part 1", "Part 2", "Part 3"]
    assert chapters[0].start == 0


def test_a_short_scene_joins_the_one_before() -> None:
    chapters = chapters_of(narration_of(12, 20, 5, 20, 5))
    assert [chapter.title for chapter in chapters] == ["Part 0", "Part 1", "Part 3"]


def test_a_last_scene_that_is_too_short_joins_the_one_before() -> None:
    titles = [chapter.title for chapter in chapters_of(narration_of(12, 20, 20, 3, 1))]
    assert titles == ["Part 0", "Part 1", "Part 2"]


def test_fewer_than_three_are_none() -> None:
    assert chapters_of(narration_of(12, 20, 5)) == ()
    assert chapters_of(narration_of(3, 4, 4, 4, 4, 3)) == ()


def test_hours_are_counted_and_headings_stay_on_one_line() -> None:
    chapters = chapters_of(narration_of(1800, 1800, 1800, 20, headings=("One\ntwo", "B " * 90, "Last", "Close")))
    lines = chapter_lines(chapters).split("\n")
    assert lines[0] == "0:00 One two"
    assert lines[2] == "1:00:01 Last"
    assert len(lines[1]) <= 110


@given(st.lists(st.floats(0.3, 90), min_size=2, max_size=14))
def test_the_rules_of_the_site_always_hold(lengths: list[float]) -> None:
    narration = narration_of(*lengths)
    chapters = chapters_of(narration)
    if chapters:
        assert len(chapters) >= FEWEST
        assert chapters[0].start == 0
        ends = [*(chapter.start for chapter in chapters[1:]), int(narration.duration)]
        assert all(end - chapter.start >= SHORTEST for chapter, end in zip(chapters, ends, strict=True))
        assert all(before.start < after.start for before, after in pairwise(chapters))
