"""What a shot shows at a time, captions apart: a still card, a picture that moves, or a clip, under its texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pressrun.media.moving import MovingPicture, Surface, share_of_way
from pressrun.media.panning import PannedPicture, is_pan
from pressrun.media.planes import BT709, LIMITED_RANGE, PIXELS, Planes, planes_of
from pressrun.media.resolution import Shape
from pressrun.media.shot import Shot, View
from pressrun.media.stencil import Stencil, stencils_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image


class GroundLayer(Protocol):
    def draw(self, time: float, surface: Surface, *, colour: bool = True) -> bool:
        """Covers `surface` with what stands at `time`, in seconds of the video; `colour` false lets a picture that
        moves keep the colours of the frame before, of which nobody sees that they come 1/30 s late. Whether the colours
        were drawn."""


class Moving(Protocol):
    def draw(self, share: float, target: Surface, *, colour: bool = True) -> None: ...


class StillLayer:
    """A card that does not move."""

    def __init__(self, picture: Image) -> None:
        """`picture` has the size of the frame."""
        self.base: Planes = planes_of(picture)

    def draw(self, time: float, surface: Surface, *, colour: bool = True) -> bool:  # noqa: ARG002
        surface.planes.put(self.base)
        return True


class MovingLayer:
    """A picture on its way between two views."""

    def __init__(self, shot: Shot, shape: Shape, start: float, until: float, *, rough: bool = False) -> None:
        kind = PannedPicture if is_pan(shot.start, shot.end) else MovingPicture
        self._picture: Moving = kind(shot.picture, shot.start, shot.end, shape, rough=rough)
        self._over = _stencils(shot)
        self._start, self._seconds = start, until - start

    def draw(self, time: float, surface: Surface, *, colour: bool = True) -> bool:
        self._picture.draw(share_of_way(time - self._start, self._seconds), surface, colour=colour)
        for stencil in self._over:
            stencil.blend(surface.planes, colour=colour)
        return colour


class ClipLayer:
    """A film as background."""

    def __init__(self, shot: Shot, clip: Callable[[float], Image], start: float) -> None:
        self._clip, self._start = clip, start
        self._over = _stencils(shot)

    def draw(self, time: float, surface: Surface, *, colour: bool = True) -> bool:  # noqa: ARG002
        surface.planes.put(_converted(self._clip(max(time - self._start, 0.0))))
        for stencil in self._over:
            stencil.blend(surface.planes)
        return True


def layer_of(
    shot: Shot | Image, shape: Shape, start: float, until: float, *, rough: bool = False
) -> GroundLayer:
    """The layer of a shot that stands from `start` to `until`, in seconds of the video; `rough` for a draft."""
    if not isinstance(shot, Shot):
        return StillLayer(shot)
    if shot.clip is not None:
        return ClipLayer(shot, shot.clip, start)
    if shot.moves:
        return MovingLayer(shot, shape, start, until, rough=rough)
    return StillLayer(_flattened(shot, shape))


def _flattened(shot: Shot, shape: Shape) -> Image:
    from PIL.Image import Resampling

    picture, size = shot.picture, (shape.width, shape.height)
    if picture.size != size or shot.start != View():
        across, down = picture.size
        view = shot.start
        box = view.x * across, view.y * down, (view.x + view.width) * across, (view.y + view.height) * down
        picture = picture.resize(size, Resampling.LANCZOS, box)
    if shot.overlays:
        picture = picture.copy()
    for overlay in shot.overlays:
        picture.paste(overlay.image, (overlay.x, overlay.y), overlay.image.getchannel("A"))
    return picture


def _stencils(shot: Shot) -> list[Stencil]:
    return [stencil for overlay in shot.overlays for stencil in stencils_of(overlay)]


def _converted(image: Image) -> Planes:
    """An RGB image as planes by FFmpeg's scaler: less exact than `planes_of` and twenty times as fast."""
    import av
    import numpy as np

    picture: Any = av.VideoFrame
    frame = picture.from_image(image).reformat(
        format=PIXELS, dst_colorspace=BT709, dst_color_range=LIMITED_RANGE
    )
    luma, chroma = (np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size) for plane in frame.planes)
    return Planes(luma[:frame.height, :frame.width], chroma[:frame.height // 2, :frame.width])
