"""Small shapes with smooth edges, which Pillow's own drawing does not give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressrun.media.palette import Colour

if TYPE_CHECKING:
    from PIL.Image import Image

SMOOTH = 4
"""Drawn this many times larger, then reduced."""


def rounded(
    image: Image, box: tuple[float, float, float, float], radius: float, colour: Colour, opacity: float = 1.0
) -> None:
    """A rectangle with round corners over an RGB image or a premultiplied RGBA layer; all measures in pixels."""
    from PIL import Image, ImageDraw

    left, top = int(box[0]), int(box[1])
    width, height = max(int(box[2] - left) + 1, 1), max(int(box[3] - top) + 1, 1)
    large = Image.new("L", (width * SMOOTH, height * SMOOTH), 0)
    corners = (
        (box[0] - left) * SMOOTH, (box[1] - top) * SMOOTH, (box[2] - left) * SMOOTH - 1, (box[3] - top) * SMOOTH - 1
    )
    ImageDraw.Draw(large).rounded_rectangle(corners, radius * SMOOTH, fill=round(255 * opacity))
    fill = (*colour, 255) if image.mode == "RGBA" else colour
    image.paste(fill, (left, top, left + width, top + height), large.reduce(SMOOTH))


def dot(image: Image, x: float, y: float, radius: float, colour: Colour) -> None:
    """A disc around a point."""
    rounded(image, (x - radius, y - radius, x + radius, y + radius), radius, colour)


def around(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    """The box of a circle."""
    return x - radius, y - radius, x + radius, y + radius
