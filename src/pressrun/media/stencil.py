"""Transparent pictures, prepared so that blending one into a moving picture takes a few integer passes over its box."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pressrun.media.planes import CHROMA_MIDDLE, LUMA_FLOOR, Planes, planes_of

if TYPE_CHECKING:
    from pressrun.media.shots import Overlay

FULL_WEIGHT = 256
"""The weight of a background that is fully visible: eight bits, so that a shift divides by it."""
MAX_EMPTY_ROWS = 16
"""An overlay is split where more rows than this are empty, because empty rows cost as much as drawn ones."""
MAX_EMPTY_COLUMNS = 64
"""The same for columns. Splitting at fewer would cost more in calls than it saves."""


@dataclass(frozen=True)
class _Layer:
    """One plane of a stencil, uint16: result = (background * `weight` + `colour`) / `FULL_WEIGHT`."""

    weight: Any
    colour: Any

    def blend(self, region: Any, scratch: Any) -> None:
        """Blend into `region`, with `scratch` (uint16, same shape) for intermediate results."""
        import numpy as np

        # Widened first: a multiplication of mixed types would convert piece by piece on the way, which takes longer.
        np.copyto(scratch, region)
        np.multiply(scratch, self.weight, out=scratch)
        np.add(scratch, self.colour, out=scratch)
        np.right_shift(scratch, 8, out=scratch)
        np.copyto(region, scratch, casting="unsafe")

    def patch(self, rows: slice, columns: slice, other: _Layer) -> None:
        self.weight[rows, columns], self.colour[rows, columns] = other.weight, other.colour

    def part(self, rows: slice, columns: slice) -> _Layer:
        return _Layer(self.weight[rows, columns].copy(), self.colour[rows, columns].copy())


@dataclass(frozen=True)
class _Region:
    """The box of a stencil in a target, and the scratch arrays for both planes."""

    target: Planes
    part: Planes
    scratch: tuple[Any, Any]


@dataclass(frozen=True)
class Stencil:
    """A picture that is blended into frames. Its position `x`, `y` and its size are even."""

    luma: _Layer
    chroma: _Layer
    x: int
    y: int
    _regions: dict[int, _Region] = field(default_factory=dict, repr=False, compare=False)
    """Prepared regions by the identity of their target. A film has a few targets, which are used again and again."""

    @property
    def size(self) -> tuple[int, int]:
        height, width = self.luma.weight.shape
        return width, height

    def blend(self, target: Planes, *, colour: bool = True) -> None:
        """Blend into `target`, which must be writable, or only into its luma without `colour`."""
        region = self._regions.get(id(target))
        # The id of a target that no longer exists may be used again.
        if region is None or region.target is not target:
            scratch = _scratch_array(self.luma.weight.shape), _scratch_array(self.chroma.weight.shape)
            region = self._regions[id(target)] = _Region(target, target.part(self.x, self.y, *self.size), scratch)
        self.luma.blend(region.part.luma, region.scratch[0])
        if colour:
            self.chroma.blend(region.part.chroma, region.scratch[1])

    def patch(self, other: Stencil) -> None:
        """Replace a part of this stencil by another stencil that is inside it."""
        rows, half_rows, columns = self._slices(other.x, other.y, *other.size)
        self.luma.patch(rows, columns, other.luma)
        self.chroma.patch(half_rows, columns, other.chroma)

    def part(self, x: int, y: int, width: int, height: int) -> Stencil:
        """Return a copy of a box of this stencil. All four numbers are even and in pixels of the frame."""
        rows, half_rows, columns = self._slices(x, y, width, height)
        return Stencil(self.luma.part(rows, columns), self.chroma.part(half_rows, columns), x, y)

    def _slices(self, x: int, y: int, width: int, height: int) -> tuple[slice, slice, slice]:
        left, top = x - self.x, y - self.y
        return slice(top, top + height), slice(top // 2, (top + height) // 2), slice(left, left + width)


def stencil_of(drawing: Planes) -> Stencil:
    """Convert a drawing on a transparent layer, with its alpha, to a stencil."""
    import numpy as np

    weight = ((255 - drawing.alpha.astype(np.int32)) * FULL_WEIGHT + 127) // 255
    # Chroma has half the size, so its weights are means of 2 by 2.
    quarter = (weight[0::2, 0::2] + weight[1::2, 0::2] + weight[0::2, 1::2] + weight[1::2, 1::2] + 2) // 4

    def make_layer(plane: Any, weights: Any, black: int) -> _Layer:
        # The drawing is on black, which is `black` in the plane and not 0. Its share is taken off again.
        colour = plane.astype(np.int32) * FULL_WEIGHT - black * weights + FULL_WEIGHT // 2
        # Limited so that the sum stays within 16 bits over the brightest background.
        return _Layer(weights.astype(np.uint16), np.clip(colour, 0, 65535 - 255 * weights).astype(np.uint16))

    return Stencil(
        make_layer(drawing.luma, weight, LUMA_FLOOR),
        make_layer(drawing.chroma, np.repeat(quarter, 2, axis=1), CHROMA_MIDDLE),
        drawing.x, drawing.y,
    )


def stencils_of(overlay: Overlay) -> list[Stencil]:
    """Convert an overlay to stencils, without its empty parts."""
    from PIL import Image

    layer = Image.new("RGB", overlay.image.size)
    alpha = overlay.image.getchannel("A")
    layer.paste(overlay.image, (0, 0), alpha)
    layer.putalpha(alpha)
    whole = stencil_of(planes_of(layer, overlay.x, overlay.y))
    return [whole.part(*box) for box in _drawn_boxes(whole)]


def _drawn_boxes(stencil: Stencil) -> Iterator[tuple[int, int, int, int]]:
    """Yield x, y, width, height of the parts that are not empty, from top to bottom and from left to right."""
    drawn = stencil.luma.weight != FULL_WEIGHT
    for top, bottom in _find_runs(drawn.any(axis=1), MAX_EMPTY_ROWS):
        for left, right in _find_runs(drawn[top:bottom].any(axis=0), MAX_EMPTY_COLUMNS):
            yield stencil.x + left, stencil.y + top, right - left, bottom - top


def _find_runs(drawn: Any, max_gap: int) -> Iterator[tuple[int, int]]:
    """Yield start and end, both even, of the runs of True values, which may have gaps of up to `max_gap`."""
    import numpy as np

    places = np.flatnonzero(drawn)
    for run in np.split(places, np.flatnonzero(np.diff(places) > max_gap) + 1) if places.size else ():
        yield int(run[0]) & ~1, (int(run[-1]) + 2) & ~1


_scratch: list[Any] = []


def _scratch_array(shape: tuple[int, int]) -> Any:
    """Return memory for intermediate results. All stencils share it, so that it stays in the processor's cache."""
    import numpy as np

    height, width = shape
    if not _scratch or _scratch[0].size < height * width:
        _scratch[:] = [np.empty(height * width, np.uint16)]
    return _scratch[0][:height * width].reshape(shape)
