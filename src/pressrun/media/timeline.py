"""When each card stands, from the passages of the voice. Times in seconds from the start of the video."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pressrun.model.script import Passage

FADE = 0.4
"""Seconds of the cross-fade between two cards, where the pause between their passages has room."""
SHORTEST_FADE = 0.15


@dataclass(frozen=True)
class CardTime:
    """A card stands from `start` to `end`; until `faded` it fades in over the one before."""

    start: float
    faded: float
    end: float


def card_times(passages: Sequence[Passage], duration: float) -> list[CardTime]:
    """One card per passage. The change happens in the pause, so that no caption stands over two cards."""
    starts, fades = [0.0], [0.0]
    for before, after in pairwise(passages):
        last_sound = before.words[-1].end if before.words else before.end
        room = max(after.start - last_sound, 0.0)
        length = min(FADE, room * 0.6)
        middle = last_sound + room * 0.6
        if length < SHORTEST_FADE:
            length, middle = 0.0, after.start
        starts.append(middle - length / 2)
        fades.append(middle + length / 2)
    return [
        CardTime(start, faded, end) for start, faded, end in zip(starts, fades, [*starts[1:], duration], strict=True)
    ]


def frame_count(duration: float, fps: int) -> int:
    """Frames that cover `duration` seconds."""
    return max(math.ceil(duration * fps - 1e-6), 1)
