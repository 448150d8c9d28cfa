"""Chapters follow the rules of the video site and start with their cards."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pressrun.media.chapters import MIN_CHAPTERS, MIN_SECONDS, Chapter, chapter_lines, make_chapters
from pressrun.model.script import Narration, Passage, Word

PAUSE = 0.6


def make_narration(*lengths: float, headings: tuple[str, ...] = ()) -> Narration:
    """Return a narration with passages of these lengths in seconds: the hook, the scenes and the close."""
    passages: list[Passage] = []
    at = 0.5
    for number, length in enumerate(lengths):
        heading = headings[number] if headings else f"Part {number}"
        words = (Word("word", round(at, 3), round(at + length, 3)),)
        passages.append(Passage(heading, "word", round(at, 3), round(at + length, 3), words))
        at += length + PAUSE
    return Narration("en", "ltr", round(at + 1.4, 3), "voice", tuple(passages))


def test_every_scene_is_a_chapter_that_starts_with_its_card() -> None:
    chapters = make_chapters(make_narration(12, 20, 70, 15, 5))
    assert chapters == (Chapter(0, "Part 0"), Chapter(12, "Part 1"), Chapter(33, "Part 2"), Chapter(103, "Part 3"))
    assert chapter_lines(chapters) == "0:00 Part 0\n0:12 Part 1\n0:33 Part 2\n1:43 Part 3"


def test_a_short_hook_joins_the_first_scene() -> None:
    chapters = make_chapters(make_narration(6, 20, 20, 20, 5))
    assert [chapter.title for chapter in chapters] == ["Part 1", "Part 2", "Part 3"]
    assert chapters[0].start == 0


def test_a_short_scene_joins_the_one_before_it() -> None:
    chapters = make_chapters(make_narration(12, 20, 5, 20, 5))
    assert [chapter.title for chapter in chapters] == ["Part 0", "Part 1", "Part 3"]


def test_a_short_last_scene_joins_the_one_before_it() -> None:
    titles = [chapter.title for chapter in make_chapters(make_narration(12, 20, 20, 3, 1))]
    assert titles == ["Part 0", "Part 1", "Part 2"]


def test_a_video_with_fewer_than_three_chapters_has_none() -> None:
    assert make_chapters(make_narration(12, 20, 5)) == ()
    assert make_chapters(make_narration(3, 4, 4, 4, 4, 3)) == ()


def test_times_can_have_hours_and_headings_stay_on_one_line() -> None:
    chapters = make_chapters(make_narration(1800, 1800, 1800, 20, headings=("One\ntwo", "B " * 90, "Last", "Close")))
    lines = chapter_lines(chapters).split("\n")
    assert lines[0] == "0:00 One two"
    assert lines[2] == "1:00:01 Last"
    assert len(lines[1]) <= 110


@given(st.lists(st.floats(0.3, 90), min_size=2, max_size=14))
def test_chapters_always_follow_the_rules_of_the_site(lengths: list[float]) -> None:
    narration = make_narration(*lengths)
    chapters = make_chapters(narration)
    if chapters:
        assert len(chapters) >= MIN_CHAPTERS
        assert chapters[0].start == 0
        ends = [*(chapter.start for chapter in chapters[1:]), int(narration.duration)]
        assert all(end - chapter.start >= MIN_SECONDS for chapter, end in zip(chapters, ends, strict=True))
        assert all(before.start < after.start for before, after in pairwise(chapters))
