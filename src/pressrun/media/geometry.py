"""Sizes and boxes in pixels, and the unit in which everything on a card is measured."""

from __future__ import annotations

from dataclasses import dataclass

UNITS_PER_SIDE = 1080
"""Length of the shorter side of a frame in the units of the type scale."""


@dataclass(frozen=True)
class Shape:
    """Width and height of a frame in pixels, both even."""

    width: int
    height: int

    @property
    def tall(self) -> bool:
        return self.height > self.width

    @property
    def unit(self) -> float:
        """Return the pixels per unit of the type scale."""
        return min(self.width, self.height) / UNITS_PER_SIDE

    def px(self, units: float) -> int:
        """Return a length in units as whole pixels."""
        return round(units * self.unit)

    @property
    def short_shape(self) -> Shape:
        """Return the shape of the short of a video with this shape: 9:16, with the same shorter side."""
        side = min(self.width, self.height)
        return Shape(side, nearest_even(side * 16 / 9))


@dataclass(frozen=True)
class Box:
    """Left, top, right and bottom edge in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def grow(self, margin: float) -> Box:
        """Return the box with every edge moved out by `margin` pixels."""
        return Box(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)

    def scale(self, factor: float) -> Box:
        """Return the box with all edges multiplied by `factor`."""
        return Box(self.left * factor, self.top * factor, self.right * factor, self.bottom * factor)

    def mirror(self, width: float) -> Box:
        """Return the box mirrored in a frame `width` pixels wide."""
        return Box(width - self.right, self.top, width - self.left, self.bottom)


def circle_box(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a circle, as Pillow takes them."""
    return x - radius, y - radius, x + radius, y + radius


def nearest_even(pixels: float) -> int:
    """Return the nearest even number of at least 2: NV12 stores the colour of two pixels together."""
    return max(round(pixels / 2) * 2, 2)
