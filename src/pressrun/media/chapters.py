"""Chapters of a video: the start of each scene, in the form that video sites read from a description.

The rules are YouTube's (YouTube Help, "Video chapters"): at least three chapters in ascending order, the first at 0:00,
each at least ten seconds long. If one chapter breaks a rule, YouTube ignores all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pressrun.media.shots import card_times
from pressrun.model.script import Narration

MIN_SECONDS = 10
MIN_CHAPTERS = 3
MAX_TITLE_CHARS = 100
"""Players show about half of them."""


@dataclass(frozen=True)
class Chapter:
    """`start` is in whole seconds from the beginning of the video."""

    start: int
    title: str


def make_chapters(narration: Narration) -> tuple[Chapter, ...]:
    """Return the chapters of a video with hook, scenes and close, or none if there would be too few.

    A chapter starts with the card of its scene. A passage that is too short for a chapter joins the one before it, and
    the hook the one after it. The title is that of the longest scene in the chapter. The close is part of the last one.
    """
    passages = narration.passages[:-1]
    if len(passages) < MIN_CHAPTERS:
        return ()
    starts = [int(time.start) for time in card_times(narration.passages, narration.duration)][:-1]
    firsts = _first_passages(starts, int(narration.duration))
    if len(firsts) < MIN_CHAPTERS:
        return ()
    chapters: list[Chapter] = []
    for first, after in zip(firsts, [*firsts[1:], len(passages)], strict=True):
        longest = max(passages[first:after], key=lambda passage: passage.end - passage.start)
        chapters.append(Chapter(starts[first], _shorten(longest.heading)))
    return tuple(chapters)


def chapter_lines(chapters: Sequence[Chapter]) -> str:
    """Return the chapters as lines of a description: "1:05 Living on purpose"."""
    return "\n".join(f"{_timestamp(chapter.start)} {chapter.title}" for chapter in chapters)


def _first_passages(starts: Sequence[int], end: int) -> list[int]:
    """Return the numbers of the passages at which chapters start, so that each is long enough."""
    firsts = [0]
    for number, start in enumerate(starts):
        if start - starts[firsts[-1]] >= MIN_SECONDS and end - start >= MIN_SECONDS:
            firsts.append(number)
    return firsts


def _shorten(heading: str) -> str:
    """Return a heading as one line of limited length."""
    text = " ".join(heading.split())
    return text if len(text) <= MAX_TITLE_CHARS else f"{text[:MAX_TITLE_CHARS - 1].rstrip()}…"


def _timestamp(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
