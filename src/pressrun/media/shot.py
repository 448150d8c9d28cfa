"""A shot: one picture that moves slowly under texts that stand still; a video is made of shots and cross-fades."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True)
class View:
    """The part of a picture that fills the frame, in shares of the picture's width and height (0 to 1).

    It has the shape of the frame when the picture has: `width` and `height` differ only for pictures of another shape.
    """

    x: float = 0.0
    y: float = 0.0
    width: float = 1.0
    height: float = 1.0


WHOLE = View()


@dataclass(frozen=True)
class Overlay:
    """A picture with transparency (RGBA) that stands still over the moving one, as tight as its content.

    `x`, `y` in pixels of the frame; both, and the size, are even.
    """

    image: Image
    x: int
    y: int


@dataclass(frozen=True)
class Shot:
    """What is seen from one cross-fade to the next. `picture` is RGB and at least as large as the frame."""

    picture: Image
    start: View = WHOLE
    """Where the view begins, and at `end` of the shot's time where it has come to; equal: no motion."""
    end: View = WHOLE
    overlays: tuple[Overlay, ...] = ()
    clip: Callable[[float], Image] | None = None
    """A moving background instead of `picture`: seconds since the shot began -> RGB, of the frame's size. `picture` is
    then its first image, and the views are WHOLE."""

    @property
    def moves(self) -> bool:
        return self.start != self.end or self.clip is not None
