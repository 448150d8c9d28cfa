"""The size of the picture, from what a setting says."""

from __future__ import annotations

from dataclasses import dataclass

from pressrun.errors import SettingsError
from pressrun.model.picture_size import parse_size

SMALLEST, LARGEST = 120, 4096
"""Pixels of a side. Below, captions cannot be read; above, H.264 level 5.2 and most players end."""
UNITS = 1080
"""The shorter side of the picture in the units of the type scale."""


@dataclass(frozen=True)
class Shape:
    """Width and height in pixels, both even."""

    width: int
    height: int

    @property
    def tall(self) -> bool:
        return self.height > self.width

    @property
    def unit(self) -> float:
        """Pixels of one unit of the type scale."""
        return min(self.width, self.height) / UNITS

    def px(self, units: float) -> int:
        return round(units * self.unit)

    @property
    def turned(self) -> Shape:
        """The tall picture of the short: 9:16, its shorter side as long as the video's."""
        side = min(self.width, self.height)
        return Shape(side, even(side * 16 / 9))


def even(pixels: float) -> int:
    return max(round(pixels / 2) * 2, 2)


def parse_resolution(text: str) -> Shape:
    """720p, 1080p, 4K, or WIDTHxHEIGHT. Raises `SettingsError` for anything else, odd numbers, and useless sizes."""
    remedy = "Use 720p, 1080p, 4K, or WIDTHxHEIGHT in even numbers of pixels, as 1920x1080."
    size = parse_size(text)
    if size is None:
        raise SettingsError(f'resolution: "{text}" is not a size', remedy=remedy)
    width, height = size
    if width % 2 or height % 2:
        raise SettingsError(f"resolution: {width}x{height} has an odd number, which H.264 cannot code", remedy=remedy)
    if not all(SMALLEST <= side <= LARGEST for side in (width, height)):
        raise SettingsError(
            f"resolution: {width}x{height} has a side outside {SMALLEST} to {LARGEST} pixels", remedy=remedy
        )
    return Shape(width, height)
