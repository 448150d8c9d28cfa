"""Shots: what a video shows from one cross-fade to the next, and when each shot begins."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from pressrun.model.script import Passage

if TYPE_CHECKING:
    from PIL.Image import Image

FADE_SECONDS = 0.4
"""Length of the cross-fade between two cards. It is shorter in short pauses."""
MIN_FADE_SECONDS = 0.15
"""Where the pause has no space for a fade of this length, the card changes at once."""


@dataclass(frozen=True)
class View:
    """The part of a picture that fills the frame, in shares of the picture's width and height (0 to 1).

    It has the proportions of the frame. `width` and `height` differ only if those of the picture differ from the frame.
    """

    x: float = 0.0
    y: float = 0.0
    width: float = 1.0
    height: float = 1.0


WHOLE = View()


@dataclass(frozen=True)
class Overlay:
    """A still picture with transparency (RGBA) over the moving one, cropped to its content.

    Position (in pixels of the frame) and size are even.
    """

    image: Image
    x: int
    y: int


@dataclass(frozen=True)
class Shot:
    """A picture that moves slowly under texts that do not. `picture` is RGB and at least as large as the frame."""

    picture: Image
    start: View = WHOLE
    """The view at the beginning of the shot. It moves to `end`, unless they are equal."""
    end: View = WHOLE
    overlays: tuple[Overlay, ...] = ()
    clip: Callable[[float], Image] | None = None
    """A moving background: seconds since the start of the shot -> RGB picture of the size of the frame. `picture` is
    then its first frame, and the views are WHOLE."""

    @property
    def moves(self) -> bool:
        return self.start != self.end or self.clip is not None


@dataclass(frozen=True)
class CardTime:
    """When a card is shown, in seconds from the start of the video. Until `faded` it fades in over the one before."""

    start: float
    faded: float
    end: float


def card_times(passages: Sequence[Passage], duration: float) -> list[CardTime]:
    """Return the times of one card per passage.

    Cards change during pauses, so that no caption is shown over two cards.
    """
    starts, fades = [0.0], [0.0]
    for before, after in pairwise(passages):
        last_sound = before.words[-1].end if before.words else before.end
        pause = max(after.start - last_sound, 0.0)
        length = min(FADE_SECONDS, pause * 0.6)
        # A little after the middle: the last caption stays for a moment after its last word.
        middle = last_sound + pause * 0.6
        if length < MIN_FADE_SECONDS:
            length, middle = 0.0, after.start
        starts.append(middle - length / 2)
        fades.append(middle + length / 2)
    return [
        CardTime(start, faded, end) for start, faded, end in zip(starts, fades, [*starts[1:], duration], strict=True)
    ]


def count_frames(duration: float, fps: int) -> int:
    """Return the number of frames that cover `duration` seconds."""
    # Without the tolerance, rounding errors of the times could add a frame.
    return max(math.ceil(duration * fps - 1e-6), 1)
