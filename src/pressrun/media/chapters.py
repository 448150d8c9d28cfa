"""Chapters of a video: where each scene begins, as video sites read it from a description.

The rules are YouTube's (YouTube Help, "Video chapters"): the first begins at 0:00, there are at least three, in
ascending order, and each lasts ten seconds or longer. One that breaks a rule makes the site ignore all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pressrun.media.timeline import card_times
from pressrun.model.script import Narration

SHORTEST = 10
"""Seconds."""
FEWEST = 3
LONGEST_TITLE = 100
"""Characters; players show about half of them."""


@dataclass(frozen=True)
class Chapter:
    """`start` in whole seconds from the beginning of the video."""

    start: int
    title: str


def chapters_of(narration: Narration) -> tuple[Chapter, ...]:
    """The chapters of a video of hook, scenes and close, or none where there would be too few.

    A chapter begins with the card of its scene. A passage that is too short for a chapter joins the one before, the
    hook the one after; the name is that of the scene which takes most of the time. The close belongs to the last scene.
    """
    passages = narration.passages[:-1]
    if len(passages) < FEWEST:
        return ()
    starts = [int(time.start) for time in card_times(narration.passages, narration.duration)][:-1]
    end = int(narration.duration)
    begins = _beginnings(starts, end)
    if len(begins) < FEWEST:
        return ()
    made: list[Chapter] = []
    for first, after in zip(begins, [*begins[1:], len(passages)], strict=True):
        longest = max(passages[first:after], key=lambda passage: passage.end - passage.start)
        made.append(Chapter(starts[first], _one_line(longest.heading)))
    return tuple(made)


def chapter_lines(chapters: Sequence[Chapter]) -> str:
    """The chapters as lines of a description: "1:05 Living on purpose"."""
    return "\n".join(f"{_clock(chapter.start)} {chapter.title}" for chapter in chapters)


def _beginnings(starts: Sequence[int], end: int) -> list[int]:
    """Numbers of the passages with which a chapter begins, so that each lasts long enough."""
    begins = [0]
    for number, start in enumerate(starts):
        if start - starts[begins[-1]] >= SHORTEST and end - start >= SHORTEST:
            begins.append(number)
    return begins


def _one_line(heading: str) -> str:
    text = " ".join(heading.split())
    return text if len(text) <= LONGEST_TITLE else f"{text[:LONGEST_TITLE - 1].rstrip()}…"


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
