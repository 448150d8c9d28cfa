"""A picture that moves sideways alone: resampled once for every fraction of a pixel, then copied row by row.

Where only the place changes and never the size, the frames of a pan are windows on a few pictures that differ by an
eighth of a pixel. Copying costs a tenth of sampling, and the picture is as sharp as if it were made for each frame.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pressrun.media.moving import MOST_SAMPLES, Surface, fitting
from pressrun.media.planes import chroma_of, luma_of
from pressrun.media.resolution import Shape
from pressrun.media.shot import View

if TYPE_CHECKING:
    from PIL.Image import Image

PHASES, CHROMA_PHASES, ROUGH_PHASES = 8, 4, 2
"""Pictures per pixel of each plane: steps of an eighth of a pixel stray by 0.036 px (standard deviation). Two are
enough for a draft."""


def is_pan(start: View, end: View) -> bool:
    """Whether the view goes sideways and does nothing else."""
    return (start.y, start.width, start.height) == (end.y, end.width, end.height) and start.x != end.x


class PannedPicture:
    """The phases of a picture, and where the view begins and ends; the same face as `MovingPicture`."""

    def __init__(self, picture: Image, start: View, end: View, shape: Shape, *, rough: bool = False) -> None:
        self._shape = shape
        picture = fitting(picture, shape, start.width)
        left = min(start.x, end.x)
        # Pixels of the frame that the width of the picture makes.
        unit = shape.width / start.width
        self._start, self._end = (start.x - left) * unit, (end.x - left) * unit
        wide = shape.width + 2 * math.ceil(max(self._start, self._end) / 2) + 2
        phases = max(min(ROUGH_PHASES if rough else PHASES, MOST_SAMPLES // (wide * shape.height)), 1)
        box = View(left, start.y, wide / unit, start.height)
        self._luma = _phases(luma_of(picture), box, (wide, shape.height), phases)
        halves = [
            _phases(each, box, (wide // 2, shape.height // 2), min(CHROMA_PHASES, phases))
            for each in chroma_of(picture)
        ]
        self._chroma = _interleaved(*halves)

    @property
    def samples(self) -> int:
        """Of the luma that are held."""
        return int(self._luma.size)

    def draw(self, share: float, target: Surface, *, colour: bool = True) -> None:
        """Fills `target`, or without `colour` its luma alone; `share` of the way is done, 0 to 1."""
        offset = self._start + (self._end - self._start) * share
        column, phase = _place(offset, len(self._luma))
        target.planes.luma[:] = self._luma[phase, :, column:column + self._shape.width]
        if not colour:
            return
        column, phase = _place(offset / 2, len(self._chroma))
        target.planes.chroma[:] = self._chroma[phase, :, 2 * column:2 * column + self._shape.width]


def _place(offset: float, phases: int) -> tuple[int, int]:
    """The column and the phase whose samples lie nearest to pixels that begin `offset` into the picture."""
    return divmod(math.floor(offset * phases + 0.5), phases)


def _phases(plane: Image, view: View, size: tuple[int, int], count: int) -> Any:
    """(phase, row, column): a view of the plane at `size`, each phase 1/`count` of a pixel further to the right."""
    import numpy as np
    from PIL.Image import Resampling, fromarray

    across, down = plane.size
    left, right = view.x * across, (view.x + view.width) * across
    step = (right - left) / size[0] / count
    # What lies to the right of the picture repeats its last column; less than two pixels of the frame are looked at.
    beyond = max(math.ceil(right + step * count) - across, 0)
    wider = fromarray(np.pad(np.asarray(plane), ((0, 0), (0, beyond)), mode="edge")) if beyond else plane
    top, bottom = view.y * down, (view.y + view.height) * down
    boxes = ((left + number * step, top, right + number * step, bottom) for number in range(count))
    return np.stack([np.asarray(wider.resize(size, Resampling.BICUBIC, box)) for box in boxes])


def _interleaved(blue: Any, red: Any) -> Any:
    """Both planes of the chroma with their columns in turns, as the encoder keeps them."""
    import numpy as np

    phases, height, width = blue.shape
    both = np.empty((phases, height, 2 * width), np.uint8)
    both[:, :, 0::2], both[:, :, 1::2] = blue, red
    return both
