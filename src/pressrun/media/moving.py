"""A picture moves without shaking: enlarged once, then sampled at every frame's own place to a fraction of a pixel.

Zooming by a resize to whole pixels shakes, as the corners of its box jump by whole pixels (0.45 to 0.61 px against
0.08 here, standard deviation). Interpolating anew for every frame costs several times as much as the encoder. The
nearest sample of a picture 2.13 times as large is within a quarter of a pixel, and takes under a nanosecond.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pressrun.media.planes import PIXELS, Planes, chroma_of, luma_of
from pressrun.media.resolution import Shape, even
from pressrun.media.shot import View

if TYPE_CHECKING:
    from PIL.Image import Image

FINENESS, CHROMA_FINENESS = 2.13, 1.63
"""Samples per pixel of each plane, along each side, at the middle of the motion. No whole numbers: then not all pixels
pass on to the next sample in the same frame, and the picture as a whole moves evenly."""
ROUGH = 0.6
"""Share of that which is enough for a draft."""
MOST_SAMPLES = 48_000_000
"""Of the luma of one picture: bounds the memory of large frames and long pans, at the price of fineness."""
MOST_DETAIL = 1.25
"""Pixels of the picture per pixel of the frame, where the view is closest, above which it is made smaller first."""
EASE = 1.2
"""Seconds in which the motion gathers speed and loses it."""


@dataclass(frozen=True)
class Surface:
    """A frame for the encoder, seen as planes and as images; all share one memory."""

    frame: Any
    """An `av.VideoFrame`, NV12."""
    planes: Planes
    luma: Image
    """Mode L, of the size of the frame."""
    chroma: Image
    """Mode RGBA: each of its pixels is two of the chroma (blue, red, blue, red)."""

    @classmethod
    def of(cls, shape: Shape) -> Surface:
        import av
        import numpy as np

        frame = av.VideoFrame(shape.width, shape.height, PIXELS)
        luma, chroma = frame.planes
        views = [
            np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[:rows, :shape.width]
            for plane, rows in ((luma, shape.height), (chroma, shape.height // 2))
        ]
        # Where the last pair is only half in the picture, its other half falls behind the end of the row in memory.
        pairs = (shape.width + 3) // 4
        return cls(
            frame, Planes(views[0], views[1]), _image_on(luma, "L", shape.width, shape.height),
            _image_on(chroma, "RGBA", pairs, shape.height // 2),
        )


class MovingPicture:
    """The samples of a picture, and the view of it at the beginning and at the end."""

    def __init__(self, picture: Image, start: View, end: View, shape: Shape, *, rough: bool = False) -> None:
        self._frame_width = shape.width
        picture = fitting(picture, shape, min(start.width, end.width))
        box = _seen(start, end, picture.size)
        self._start, self._end = (_inside(view, box, picture.size) for view in (start, end))
        # Of all that is seen of the picture, in pixels of the frame at the middle of the motion.
        wide = shape.width / (self._start.width * self._end.width) ** 0.5
        high = shape.height / (self._start.height * self._end.height) ** 0.5
        shrink = min((MOST_SAMPLES / (wide * high)) ** 0.5 / FINENESS, ROUGH if rough else 1.0)
        seen = picture.crop(box)
        self._luma = _scaled(luma_of(seen), round(wide * FINENESS * shrink), round(high * FINENESS * shrink))
        size = round(wide / 2 * CHROMA_FINENESS * shrink), round(high / 2 * CHROMA_FINENESS * shrink)
        blue, red = (_scaled(each, *size) for each in chroma_of(seen))
        self._pair_distance = max(round(CHROMA_FINENESS * shrink), 1)
        self._chroma = _paired(blue, red, self._pair_distance)

    @property
    def samples(self) -> int:
        """Of the luma that are held."""
        across, down = self._luma.size
        return across * down

    def draw(self, share: float, target: Surface, *, colour: bool = True) -> None:
        """Fills `target`, or without `colour` its luma alone; `share` of the way is done, 0 to 1."""
        a, b = self._start, self._end
        x, y = a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share
        width, height = a.width + (b.width - a.width) * share, a.height + (b.height - a.height) * share
        across, down = self._luma.size
        _sample(self._luma, (x * across, y * down, width * across, height * down), target.luma)
        if not colour:
            return
        across, down = self._chroma.size
        # The middle of a pair that is an odd number of samples apart lies on a sample's edge, not in its middle.
        shift = 0.5 * (self._pair_distance % 2)
        whole = target.chroma.width * 4 / self._frame_width
        _sample(self._chroma, (x * across + shift, y * down, width * across * whole, height * down), target.chroma)


Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels of a picture."""


def _seen(start: View, end: View, size: tuple[int, int]) -> Box:
    """What of a picture comes into view, out to even pixels, so that its colours have the same box."""
    width, height = size
    right, bottom = max(start.x + start.width, end.x + end.width), max(start.y + start.height, end.y + end.height)
    return (
        int(min(start.x, end.x) * width / 2) * 2, int(min(start.y, end.y) * height / 2) * 2,
        min(math.ceil(right * width / 2) * 2, width), min(math.ceil(bottom * height / 2) * 2, height),
    )


def _inside(view: View, box: Box, size: tuple[int, int]) -> View:
    """`view` of a picture of `size` in shares of a part of it."""
    (left, top, right, bottom), (width, height) = box, size
    across, down = (right - left) / width, (bottom - top) / height
    return View(
        (view.x - left / width) / across, (view.y - top / height) / down, view.width / across, view.height / down
    )


def _scaled(plane: Image, width: int, height: int) -> Image:
    """A plane at another size, as FFmpeg's scaler makes it: to a level of 255 as Pillow does, in a fifth of the time.

    Of what is then sampled, linear is nearer to the picture than cubic, whose edges ring.
    """
    import av
    import numpy as np

    frame: Any = av.VideoFrame.from_ndarray(np.asarray(plane), format="gray")
    return _image_on(frame.reformat(width, height, "gray", interpolation="BILINEAR").planes[0], "L", width, height)


def _paired(blue: Image, red: Image, distance: int) -> Image:
    """Both planes of the chroma, and of each what is one pixel of the frame further, in one image of mode RGBA.

    A pixel of it is what two neighbours in the frame need: one sample is taken where there would be four. `distance` is
    that of neighbours in samples; it is right at the middle of the motion, and elsewhere off by a few hundredths.
    """
    import numpy as np
    from PIL.Image import frombuffer

    width, height = blue.size
    before = (distance + 1) // 2
    packed = np.empty((height, width, 4), np.uint8)
    for offset, plane in enumerate((blue, red)):
        wider = np.pad(np.asarray(plane), ((0, 0), (before, distance)), mode="edge")
        packed[:, :, offset] = wider[:, :width]
        packed[:, :, offset + 2] = wider[:, distance:distance + width]
    return frombuffer("RGBA", (width, height), packed, "raw", "RGBA", 0, 1)


def share_of_way(elapsed: float, seconds: float) -> float:
    """How much of the way is done after `elapsed` of `seconds`: even speed, gathered and lost over `EASE` seconds."""
    if seconds <= 0:
        return 1.0
    ease = min(EASE, seconds / 2)
    at = min(max(elapsed, 0.0), seconds)
    way = seconds - ease
    if at < ease:
        return at * at / (2 * ease) / way
    if at > seconds - ease:
        return 1 - (seconds - at) ** 2 / (2 * ease) / way
    return (at - ease / 2) / way


def _sample(samples: Image, box: tuple[float, float, float, float], target: Image) -> None:
    """Fills `target` with the nearest samples of `box` (x, y, width, height)."""
    from PIL.Image import Resampling

    if not _transform(samples, box, target):
        x, y, width, height = box
        target.paste(samples.resize(target.size, Resampling.NEAREST, (x, y, x + width, y + height)))


def _transform(samples: Image, box: tuple[float, float, float, float], target: Image) -> bool:
    """As `Image.resize` with NEAREST, by the same function, written to its place without a copy.

    That function is no part of Pillow's promises: false where there is none.
    """
    from PIL.Image import Resampling, Transform

    (x, y, width, height), (across, down) = box, target.size
    steps = width / across, 0, x, 0, height / down, y
    try:
        target.im.transform((0, 0, across, down), samples.im, Transform.AFFINE, steps, Resampling.NEAREST, 0)
    except (AttributeError, TypeError):
        return False
    return True


def fitting(picture: Image, shape: Shape, share: float) -> Image:
    """`picture` no larger than its detail can be seen, `share` of its width being the least that fills the frame."""
    from PIL.Image import Resampling

    most = shape.width / share * MOST_DETAIL
    width, height = picture.size
    if width > most:
        width, height = round(most), round(most * height / width)
    size = even(width), even(height)
    return picture if size == picture.size else picture.resize(size, Resampling.LANCZOS)


def _image_on(plane: Any, mode: str, width: int, height: int) -> Image:
    """An image whose pixels are the memory of a plane."""
    from PIL.Image import frombuffer

    memory: Any = memoryview(plane)
    image = frombuffer(mode, (width, height), memory, "raw", mode, plane.line_size, 1)
    # Pillow takes memory that was lent to it for read-only and would copy it before the first change.
    image.readonly = 0
    return image
