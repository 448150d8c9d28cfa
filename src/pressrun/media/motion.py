"""Move pictures without jitter: choose where the view goes, and sample it in every frame at a fraction of a pixel.

Zooming by a resize to whole pixels jitters, because the corners of its box jump by whole pixels (0.45 to 0.61 px,
against 0.08 here, standard deviation). Interpolating each frame costs several times as much as the encoder. So a
picture is enlarged once and each frame takes the nearest samples: with 2.13 samples per pixel they are within a
quarter of a pixel, and take less than a nanosecond each.
"""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any, Protocol

from pressrun.media.geometry import Shape, nearest_even
from pressrun.media.look import Look
from pressrun.media.planes import Surface, chroma_of, image_on_plane, luma_of
from pressrun.media.shots import WHOLE, View

if TYPE_CHECKING:
    from PIL.Image import Image

MIN_SECONDS = 2.0
"""Below this length of a scene nothing moves: the motion would end before anyone sees it."""
MIN_AMOUNT = 0.004
"""Share of the width below which a motion is not worth its cost."""
EASE_SECONDS = 1.2
"""Time in which the motion speeds up, and slows down."""
SAMPLES_PER_PIXEL, CHROMA_SAMPLES_PER_PIXEL = 2.13, 1.63
"""Along each side, in the middle of the motion. No whole numbers: with them all pixels would move on to the next sample
in the same frame, which shows as a jerk of the whole picture."""
DRAFT_SAMPLING = 0.6
"""Share of those samples that is enough for a draft."""
PAN_PHASES, CHROMA_PAN_PHASES, DRAFT_PAN_PHASES = 8, 4, 2
"""Pictures per pixel of each plane in a pan: steps of an eighth of a pixel deviate by 0.036 px (standard deviation)."""
MAX_SAMPLES = 48_000_000
"""Of the luma of one picture. Limits the memory for large frames and long pans, at the price of precision."""
MAX_DETAIL = 1.25
"""Pixels of the picture per pixel of the frame at the closest view. A picture with more is reduced first."""

PixelBox = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels of a picture."""


def choose_views(
    look: Look, number: int, seconds: float, focus: tuple[float, float], *, drawn: bool
) -> tuple[View, View]:
    """Return the first and the last view of card `number`, which is shown for `seconds`.

    A zoom keeps `focus` (in pixels of the frame) in place. Kind and direction follow from book and number, so that
    neighbours differ. Drawn backgrounds never pan, and their focus is the ornament, so text and ornament stay apart.
    """
    motion = look.style.motion
    speed = motion.drawn if drawn else motion.picture
    amount = min(speed * seconds / 10, motion.most)
    if seconds < MIN_SECONDS or amount < MIN_AMOUNT:
        return WHOLE, WHOLE
    moves = tuple(move for move in motion.moves if move != "pan") or ("zoom-in",) if drawn else motion.moves
    move = moves[(look.seed + number) % len(moves)]
    share = 1 - amount
    x, y = focus[0] / look.shape.width, focus[1] / look.shape.height
    near = View(x * amount, y * amount, share, share)
    if move == "zoom-in":
        return WHOLE, near
    if move == "zoom-out":
        return near, WHOLE
    first, last = View(0, amount * y, share, share), View(amount, amount * y, share, share)
    return (first, last) if random.Random(f"{look.seed} {number}").random() < 0.5 else (last, first)


def eased_progress(elapsed: float, seconds: float) -> float:
    """Return the share of the way (0 to 1) after `elapsed` of `seconds`, at an even speed with soft start and end."""
    if seconds <= 0:
        return 1.0
    ease = min(EASE_SECONDS, seconds / 2)
    at = min(max(elapsed, 0.0), seconds)
    # Speed rises and falls linearly, so the eased parts take twice the time of their length: in units of the even
    # speed the whole way is `seconds - ease` long.
    way = seconds - ease
    if at < ease:
        return at * at / (2 * ease) / way
    if at > seconds - ease:
        return 1 - (seconds - at) ** 2 / (2 * ease) / way
    return (at - ease / 2) / way


class MovingPicture(Protocol):
    """A picture on its way between two views."""

    def draw(self, share: float, target: Surface, *, colour: bool = True) -> None:
        """Fill `target`, or only its luma without `colour`, at `share` of the way (0 to 1)."""


def make_moving_picture(picture: Image, start: View, end: View, shape: Shape, *, rough: bool = False) -> MovingPicture:
    """Prepare `picture` (RGB) for the way from `start` to `end`, less precisely if `rough`."""
    sideways = (start.y, start.width, start.height) == (end.y, end.width, end.height) and start.x != end.x
    kind = PannedPicture if sideways else ZoomedPicture
    return kind(picture, start, end, shape, rough=rough)


class ZoomedPicture:
    """A picture under any motion: an enlarged copy of it, from which every frame takes its samples."""

    def __init__(self, picture: Image, start: View, end: View, shape: Shape, *, rough: bool = False) -> None:
        self._frame_width = shape.width
        picture = _limit_detail(picture, shape, min(start.width, end.width))
        box = _visible_box(start, end, picture.size)
        self._start, self._end = (_view_in_box(view, box, picture.size) for view in (start, end))
        # Size of the visible part in pixels of the frame, in the middle of the motion: the geometric mean of both ends.
        wide = shape.width / (self._start.width * self._end.width) ** 0.5
        high = shape.height / (self._start.height * self._end.height) ** 0.5
        shrink = min((MAX_SAMPLES / (wide * high)) ** 0.5 / SAMPLES_PER_PIXEL, DRAFT_SAMPLING if rough else 1.0)
        visible = picture.crop(box)
        self._luma = _resize_plane(
            luma_of(visible), round(wide * SAMPLES_PER_PIXEL * shrink), round(high * SAMPLES_PER_PIXEL * shrink)
        )
        chroma_size = (
            round(wide / 2 * CHROMA_SAMPLES_PER_PIXEL * shrink), round(high / 2 * CHROMA_SAMPLES_PER_PIXEL * shrink)
        )
        blue, red = (_resize_plane(each, *chroma_size) for each in chroma_of(visible))
        self._pair_distance = max(round(CHROMA_SAMPLES_PER_PIXEL * shrink), 1)
        self._chroma = _pair_chroma(blue, red, self._pair_distance)

    @property
    def sample_count(self) -> int:
        """Number of samples of the luma."""
        across, down = self._luma.size
        return across * down

    def draw(self, share: float, target: Surface, *, colour: bool = True) -> None:
        a, b = self._start, self._end
        x, y = a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share
        width, height = a.width + (b.width - a.width) * share, a.height + (b.height - a.height) * share
        across, down = self._luma.size
        _draw_samples(self._luma, (x * across, y * down, width * across, height * down), target.luma)
        if not colour:
            return
        across, down = self._chroma.size
        # The middle of a pair that is an odd number of samples apart is on the edge of a sample, not in its middle.
        shift = 0.5 * (self._pair_distance % 2)
        # The chroma image may be wider than the frame, by half a pair.
        whole = target.chroma.width * 4 / self._frame_width
        box = x * across + shift, y * down, width * across * whole, height * down
        _draw_samples(self._chroma, box, target.chroma)


class PannedPicture:
    """A picture that moves only sideways: resampled once for every fraction of a pixel, then copied row by row.

    As only the position changes and never the size, the frames of a pan are windows on a few pictures that differ by an
    eighth of a pixel. Copying costs a tenth of sampling, and is as sharp as resampling every frame.
    """

    def __init__(self, picture: Image, start: View, end: View, shape: Shape, *, rough: bool = False) -> None:
        self._shape = shape
        picture = _limit_detail(picture, shape, start.width)
        left = min(start.x, end.x)
        # Width of the whole picture in pixels of the frame.
        unit = shape.width / start.width
        self._start, self._end = (start.x - left) * unit, (end.x - left) * unit
        wide = shape.width + 2 * math.ceil(max(self._start, self._end) / 2) + 2
        phases = max(min(DRAFT_PAN_PHASES if rough else PAN_PHASES, MAX_SAMPLES // (wide * shape.height)), 1)
        box = View(left, start.y, wide / unit, start.height)
        self._luma = _resample_phases(luma_of(picture), box, (wide, shape.height), phases)
        halves = [
            _resample_phases(each, box, (wide // 2, shape.height // 2), min(CHROMA_PAN_PHASES, phases))
            for each in chroma_of(picture)
        ]
        self._chroma = _interleave(*halves)

    @property
    def sample_count(self) -> int:
        """Number of samples of the luma."""
        return int(self._luma.size)

    def draw(self, share: float, target: Surface, *, colour: bool = True) -> None:
        offset = self._start + (self._end - self._start) * share
        column, phase = _nearest_phase(offset, len(self._luma))
        target.planes.luma[:] = self._luma[phase, :, column:column + self._shape.width]
        if not colour:
            return
        column, phase = _nearest_phase(offset / 2, len(self._chroma))
        target.planes.chroma[:] = self._chroma[phase, :, 2 * column:2 * column + self._shape.width]


def _limit_detail(picture: Image, shape: Shape, share: float) -> Image:
    """Return `picture` no larger than its detail can be seen. `share` of its width fills the frame at the closest."""
    from PIL.Image import Resampling

    max_width = shape.width / share * MAX_DETAIL
    width, height = picture.size
    if width > max_width:
        width, height = round(max_width), round(max_width * height / width)
    size = nearest_even(width), nearest_even(height)
    return picture if size == picture.size else picture.resize(size, Resampling.LANCZOS)


def _visible_box(start: View, end: View, size: tuple[int, int]) -> PixelBox:
    """Return the part of a picture that comes into view, on even pixels so that its chroma has the same box."""
    width, height = size
    right, bottom = max(start.x + start.width, end.x + end.width), max(start.y + start.height, end.y + end.height)
    return (
        int(min(start.x, end.x) * width / 2) * 2, int(min(start.y, end.y) * height / 2) * 2,
        min(math.ceil(right * width / 2) * 2, width), min(math.ceil(bottom * height / 2) * 2, height),
    )


def _view_in_box(view: View, box: PixelBox, size: tuple[int, int]) -> View:
    """Convert a view of a picture of `size` to a view of a part of it."""
    (left, top, right, bottom), (width, height) = box, size
    across, down = (right - left) / width, (bottom - top) / height
    return View(
        (view.x - left / width) / across, (view.y - top / height) / down, view.width / across, view.height / down
    )


def _resize_plane(plane: Image, width: int, height: int) -> Image:
    """Resize a plane with FFmpeg's scaler: within one level of 255 of Pillow's result, in a fifth of the time.

    Bilinear: its samples are closer to the picture than those of a bicubic resize, whose edges ring.
    """
    import av
    import numpy as np

    frame: Any = av.VideoFrame.from_ndarray(np.asarray(plane), format="gray")
    resized = frame.reformat(width, height, "gray", interpolation="BILINEAR").planes[0]
    return image_on_plane(resized, "L", width, height)


def _pair_chroma(blue: Image, red: Image, distance: int) -> Image:
    """Pack both chroma planes, and each of them one pixel of the frame further to the right, into an RGBA image.

    One of its pixels is the chroma of two neighbours in the frame, so one sample is taken instead of four. `distance`
    is that of neighbours, in samples. It is exact in the middle of the motion and elsewhere off by a few hundredths.
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


def _draw_samples(samples: Image, box: tuple[float, float, float, float], target: Image) -> None:
    """Fill `target` with the nearest samples of `box` (x, y, width, height)."""
    from PIL.Image import Resampling

    if not _transform_in_place(samples, box, target):
        x, y, width, height = box
        target.paste(samples.resize(target.size, Resampling.NEAREST, (x, y, x + width, y + height)))


def _transform_in_place(samples: Image, box: tuple[float, float, float, float], target: Image) -> bool:
    """Do what `Image.resize` does with NEAREST, but write to the memory of `target` instead of a copy.

    The function is private to Pillow (tested with 11). Returns False if this Pillow does not have it.
    """
    from PIL.Image import Resampling, Transform

    (x, y, width, height), (across, down) = box, target.size
    steps = width / across, 0, x, 0, height / down, y
    try:
        target.im.transform((0, 0, across, down), samples.im, Transform.AFFINE, steps, Resampling.NEAREST, 0)
    except (AttributeError, TypeError):
        return False
    return True


def _nearest_phase(offset: float, phases: int) -> tuple[int, int]:
    """Return the column and the phase whose samples are nearest to pixels that begin `offset` into the picture."""
    return divmod(math.floor(offset * phases + 0.5), phases)


def _resample_phases(plane: Image, view: View, size: tuple[int, int], count: int) -> Any:
    """Return (phase, row, column): a view of the plane at `size`, each phase 1/`count` of a pixel further right."""
    import numpy as np
    from PIL.Image import Resampling, fromarray

    across, down = plane.size
    left, right = view.x * across, (view.x + view.width) * across
    step = (right - left) / size[0] / count
    # The last column is repeated to the right of the picture, where the window reaches by less than two pixels.
    beyond = max(math.ceil(right + step * count) - across, 0)
    wider = fromarray(np.pad(np.asarray(plane), ((0, 0), (0, beyond)), mode="edge")) if beyond else plane
    top, bottom = view.y * down, (view.y + view.height) * down
    boxes = ((left + number * step, top, right + number * step, bottom) for number in range(count))
    return np.stack([np.asarray(wider.resize(size, Resampling.BICUBIC, box)) for box in boxes])


def _interleave(blue: Any, red: Any) -> Any:
    """Return both chroma planes with alternating columns, as in NV12."""
    import numpy as np

    phases, height, width = blue.shape
    both = np.empty((phases, height, 2 * width), np.uint8)
    both[:, :, 0::2], both[:, :, 1::2] = blue, red
    return both
