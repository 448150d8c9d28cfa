"""Draw a shot at a given moment, without captions: a still card, a moving picture or a clip, under its texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pressrun.media.geometry import Shape
from pressrun.media.motion import eased_progress, make_moving_picture
from pressrun.media.planes import BT709, LIMITED_RANGE, PIXEL_FORMAT, Planes, Surface, planes_of
from pressrun.media.shots import Shot, View
from pressrun.media.stencil import Stencil, stencils_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image


class BackgroundLayer(Protocol):
    """Draws a shot at any moment."""

    def draw(self, time: float, surface: Surface, *, colour: bool = True) -> bool:
        """Fill `surface` with the shot at `time`, in seconds of the video, and return whether colours were drawn.

        Without `colour`, a moving picture keeps the colours of the frame before. Nobody sees that they are 1/30 s late.
        """


class StillLayer:
    """A card without motion."""

    def __init__(self, picture: Image) -> None:
        """`picture` has the size of the frame."""
        self.base: Planes = planes_of(picture)

    def draw(self, time: float, surface: Surface, *, colour: bool = True) -> bool:  # noqa: ARG002
        surface.planes.paste(self.base)
        return True


class MovingLayer:
    """A picture that moves from one view to another."""

    def __init__(self, shot: Shot, shape: Shape, start: float, end: float, *, rough: bool = False) -> None:
        self._picture = make_moving_picture(shot.picture, shot.start, shot.end, shape, rough=rough)
        self._stencils = _make_stencils(shot)
        self._start, self._seconds = start, end - start

    def draw(self, time: float, surface: Surface, *, colour: bool = True) -> bool:
        self._picture.draw(eased_progress(time - self._start, self._seconds), surface, colour=colour)
        for stencil in self._stencils:
            stencil.blend(surface.planes, colour=colour)
        return colour


class ClipLayer:
    """A clip that plays."""

    def __init__(self, shot: Shot, clip: Callable[[float], Image], start: float) -> None:
        self._clip, self._start = clip, start
        self._stencils = _make_stencils(shot)

    def draw(self, time: float, surface: Surface, *, colour: bool = True) -> bool:  # noqa: ARG002
        surface.planes.paste(_to_planes_fast(self._clip(max(time - self._start, 0.0))))
        for stencil in self._stencils:
            stencil.blend(surface.planes)
        return True


def make_layer(shot: Shot | Image, shape: Shape, start: float, end: float, *, rough: bool = False) -> BackgroundLayer:
    """Return the layer of a shot shown from `start` to `end`, in seconds of the video. `rough` is for drafts."""
    if not isinstance(shot, Shot):
        return StillLayer(shot)
    if shot.clip is not None:
        return ClipLayer(shot, shot.clip, start)
    if shot.moves:
        return MovingLayer(shot, shape, start, end, rough=rough)
    return StillLayer(_flatten(shot, shape))


def _flatten(shot: Shot, shape: Shape) -> Image:
    """Return a still shot with its overlays as one picture of the size of the frame."""
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


def _make_stencils(shot: Shot) -> list[Stencil]:
    return [stencil for overlay in shot.overlays for stencil in stencils_of(overlay)]


def _to_planes_fast(image: Image) -> Planes:
    """Convert an RGB image with FFmpeg's scaler: less exact than `planes_of`, and twenty times as fast."""
    import av
    import numpy as np

    picture: Any = av.VideoFrame
    frame = picture.from_image(image).reformat(
        format=PIXEL_FORMAT, dst_colorspace=BT709, dst_color_range=LIMITED_RANGE
    )
    luma, chroma = (np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size) for plane in frame.planes)
    return Planes(luma[:frame.height, :frame.width], chroma[:frame.height // 2, :frame.width])
