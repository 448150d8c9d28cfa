"""A picture that moves without shaking: enlarged once, then sampled at every frame's own place to a third of a pixel.

Zooming by a resize to whole pixels shakes, as the corners of its box jump by whole pixels (0.45 to 0.61 px against
0.08 here, standard deviation). Interpolating anew for every frame costs several times as much as the encoder. The
nearest sample of a picture three times as large is within a sixth of a pixel, and takes under a nanosecond.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pressrun.media.planes import Planes, planes_of
from pressrun.media.resolution import Shape, even
from pressrun.media.shot import View

if TYPE_CHECKING:
    from PIL.Image import Image

FINENESS = 3.13
"""Samples per pixel of the frame, along each side, at the middle of the motion. No whole number: then not all pixels
pass on to the next sample in the same frame, and the picture as a whole moves evenly."""
MOST_SAMPLES = 48_000_000
"""Of the luma of one picture: bounds the memory of large frames and long pans, at the price of fineness."""
MOST_DETAIL = 1.25
"""Pixels of the picture per pixel of the frame, where the view is closest, above which it is made smaller first."""
EASE = 1.2
"""Seconds in which the motion gathers speed and loses it."""


@dataclass(frozen=True)
class Surface:
    """A frame for the encoder, seen as planes and as images; all three share one memory."""

    frame: Any
    """An `av.VideoFrame`, yuv420p."""
    planes: Planes
    images: tuple[Image, Image, Image]

    @classmethod
    def of(cls, shape: Shape) -> Surface:
        import av
        import numpy as np
        from PIL.Image import frombuffer

        frame = av.VideoFrame(shape.width, shape.height, "yuv420p")
        views, images = [], []
        for plane in frame.planes:
            memory: Any = memoryview(plane)
            rows = np.frombuffer(memory, np.uint8).reshape(-1, plane.line_size)
            views.append(rows[:plane.height, :plane.width])
            image = frombuffer("L", (plane.width, plane.height), memory, "raw", "L", plane.line_size, 1)
            # Pillow takes memory that was lent to it for read-only and would copy it before the first change.
            image.readonly = 0
            images.append(image)
        return cls(frame, Planes(views[0], views[1], views[2]), (images[0], images[1], images[2]))


class MovingPicture:
    """The samples of a picture, and the view of it at the beginning and at the end."""

    def __init__(self, picture: Image, start: View, end: View, shape: Shape) -> None:
        from PIL.Image import Resampling

        self.shape = shape
        left, top = min(start.x, end.x), min(start.y, end.y)
        right, bottom = max(start.x + start.width, end.x + end.width), max(start.y + start.height, end.y + end.height)
        across, down = right - left, bottom - top
        self._start, self._end = (
            View((view.x - left) / across, (view.y - top) / down, view.width / across, view.height / down)
            for view in (start, end)
        )
        wide = shape.width * FINENESS / (self._start.width * self._end.width) ** 0.5
        high = shape.height * FINENESS / (self._start.height * self._end.height) ** 0.5
        shrink = min((MOST_SAMPLES / (wide * high)) ** 0.5, 1.0)
        size = round(wide * shrink / 2) * 2, round(high * shrink / 2) * 2
        picture = _fitting(picture, shape, min(start.width, end.width))
        box = (left * picture.width, top * picture.height, right * picture.width, bottom * picture.height)
        planes = planes_of(picture)
        half, half_box = (size[0] // 2, size[1] // 2), (box[0] / 2, box[1] / 2, box[2] / 2, box[3] / 2)
        self._samples = (
            _image_of(planes.luma).resize(size, Resampling.BICUBIC, box),
            *(_image_of(each).resize(half, Resampling.BICUBIC, half_box) for each in (planes.blue, planes.red)),
        )

    @property
    def samples(self) -> int:
        """Of the luma that are held."""
        across, down = self._samples[0].size
        return across * down

    def draw(self, share: float, target: Surface) -> None:
        """Fills `target`; `share` of the way is done, 0 to 1."""
        a, b = self._start, self._end
        x, y = a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share
        width, height = a.width + (b.width - a.width) * share, a.height + (b.height - a.height) * share
        for samples, image in zip(self._samples, target.images, strict=True):
            across, down = samples.size
            _sample(samples, (x * across, y * down, width * across, height * down), image)


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


def _fitting(picture: Image, shape: Shape, share: float) -> Image:
    """`picture` no larger than its detail can be seen, `share` of its width being the least that fills the frame."""
    from PIL.Image import Resampling

    most = shape.width / share * MOST_DETAIL
    width, height = picture.size
    if width > most:
        width, height = round(most), round(most * height / width)
    size = even(width), even(height)
    return picture if size == picture.size else picture.resize(size, Resampling.LANCZOS)


def _image_of(plane: Any) -> Image:
    from PIL.Image import fromarray

    return fromarray(plane)
