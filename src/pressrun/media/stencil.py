"""Pictures with transparency, prepared so that laying one over a moving picture costs four passes over its box."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pressrun.media.planes import CHROMA_MIDDLE, LUMA_FLOOR, Planes, planes_of

if TYPE_CHECKING:
    from pressrun.media.shot import Overlay

WHOLE = 256
"""The weight of a background that shows through undimmed: eight bits, so that a shift divides."""
EMPTY_ROWS = 16
"""Rows without a mark at which an overlay is cut in two, as what lies between costs as much as what is drawn."""
EMPTY_COLUMNS = 64
"""The same across; fewer would cost more in calls than they save."""


@dataclass(frozen=True)
class _Layer:
    """One plane: background * `weight` + `colour`, both scaled by `WHOLE`, uint16."""

    weight: Any
    colour: Any

    def blend(self, region: Any, room: Any) -> None:
        """`room` is for the numbers between."""
        import numpy as np

        # Widened first: multiplied as it is, every piece of it would be converted on the way, which takes longer.
        np.copyto(room, region)
        np.multiply(room, self.weight, out=room)
        np.add(room, self.colour, out=room)
        np.right_shift(room, 8, out=room)
        np.copyto(region, room, casting="unsafe")

    def patch(self, rows: slice, columns: slice, other: _Layer) -> None:
        self.weight[rows, columns], self.colour[rows, columns] = other.weight, other.colour

    def part(self, rows: slice, columns: slice) -> _Layer:
        return _Layer(self.weight[rows, columns].copy(), self.colour[rows, columns].copy())


@dataclass(frozen=True)
class _Place:
    target: Planes
    part: Planes
    rooms: tuple[Any, Any]


@dataclass(frozen=True)
class Stencil:
    """What is laid over a frame; `x`, `y` its place there, all even."""

    luma: _Layer
    chroma: _Layer
    x: int
    y: int
    _places: dict[int, _Place] = field(default_factory=dict, repr=False, compare=False)
    """Where it was laid before, by the identity of the target, of which a film has a few."""

    @property
    def size(self) -> tuple[int, int]:
        height, width = self.luma.weight.shape
        return width, height

    def blend(self, target: Planes, *, colour: bool = True) -> None:
        """Lays the stencil over its place in `target`, which must be writable; without `colour` over its luma alone."""
        place = self._places.get(id(target))
        if place is None or place.target is not target:
            rooms = _room(self.luma.weight.shape), _room(self.chroma.weight.shape)
            place = self._places[id(target)] = _Place(target, target.part(self.x, self.y, *self.size), rooms)
        self.luma.blend(place.part.luma, place.rooms[0])
        if colour:
            self.chroma.blend(place.part.chroma, place.rooms[1])

    def patch(self, other: Stencil) -> None:
        """Replaces a part of this stencil by another that lies inside it."""
        rows, half_rows, columns = self._box(other.x, other.y, *other.size)
        self.luma.patch(rows, columns, other.luma)
        self.chroma.patch(half_rows, columns, other.chroma)

    def part(self, x: int, y: int, width: int, height: int) -> Stencil:
        """A copy of a box of this stencil; numbers even, in pixels of the frame."""
        rows, half_rows, columns = self._box(x, y, width, height)
        return Stencil(self.luma.part(rows, columns), self.chroma.part(half_rows, columns), x, y)

    def _box(self, x: int, y: int, width: int, height: int) -> tuple[slice, slice, slice]:
        left, top = x - self.x, y - self.y
        return slice(top, top + height), slice(top // 2, (top + height) // 2), slice(left, left + width)


def stencil_of(drawing: Planes) -> Stencil:
    """The stencil of a drawing on nothing, which says how much it covers."""
    import numpy as np

    weight = ((255 - drawing.cover.astype(np.int32)) * WHOLE + 127) // 255
    quarter = (weight[0::2, 0::2] + weight[1::2, 0::2] + weight[0::2, 1::2] + weight[1::2, 1::2] + 2) // 4

    def coloured(plane: Any, shares: Any, zero: int) -> _Layer:
        colour = plane.astype(np.int32) * WHOLE - zero * shares + WHOLE // 2
        return _Layer(shares.astype(np.uint16), np.clip(colour, 0, 65535 - 255 * shares).astype(np.uint16))

    return Stencil(
        coloured(drawing.luma, weight, LUMA_FLOOR),
        coloured(drawing.chroma, np.repeat(quarter, 2, axis=1), CHROMA_MIDDLE),
        drawing.x, drawing.y,
    )


def stencils_of(overlay: Overlay) -> list[Stencil]:
    """An overlay as stencils, cut where it is empty."""
    from PIL import Image

    layer = Image.new("RGB", overlay.image.size)
    covered = overlay.image.getchannel("A")
    layer.paste(overlay.image, (0, 0), covered)
    layer.putalpha(covered)
    whole = stencil_of(planes_of(layer, overlay.x, overlay.y))
    return [whole.part(*box) for box in _drawn_boxes(whole)]


def _drawn_boxes(stencil: Stencil) -> Iterator[tuple[int, int, int, int]]:
    """x, y, width, height of the parts where something is drawn, from top to bottom, and of each row from the left."""
    drawn = stencil.luma.weight != WHOLE
    for top, bottom in _runs(drawn.any(axis=1), EMPTY_ROWS):
        for left, right in _runs(drawn[top:bottom].any(axis=0), EMPTY_COLUMNS):
            yield stencil.x + left, stencil.y + top, right - left, bottom - top


def _runs(marked: Any, gap: int) -> Iterator[tuple[int, int]]:
    """Beginning and end, both even, of what is marked, cut where nothing is over more than `gap`."""
    import numpy as np

    places = np.flatnonzero(marked)
    for run in np.split(places, np.flatnonzero(np.diff(places) > gap) + 1) if places.size else ():
        yield int(run[0]) & ~1, (int(run[-1]) + 2) & ~1


_rooms: list[Any] = []


def _room(shape: tuple[int, int]) -> Any:
    """Room for the numbers between, the same for all stencils: what was written a moment ago is still near the core."""
    import numpy as np

    height, width = shape
    if not _rooms or _rooms[0].size < height * width:
        _rooms[:] = [np.empty(height * width, np.uint16)]
    return _rooms[0][:height * width].reshape(shape)
