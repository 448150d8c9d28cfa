"""Pictures as the three planes that the encoder takes: BT.709 in limited range, colour at half size (4:2:0)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

# Recommendation ITU-R BT.709-6: luma weights, and the ranges of 8-bit limited coding.
RED, GREEN, BLUE = 0.2126, 0.7152, 0.0722
LUMA_FLOOR, LUMA_RANGE = 16, 219
CHROMA_MIDDLE, CHROMA_RANGE = 128, 224
BT709, LIMITED_RANGE = 1, 1
"""AVCOL_SPC_BT709 (and its primaries and transfer), AVCOL_RANGE_MPEG of libavutil."""


@dataclass(frozen=True)
class Planes:
    """`luma` (height, width), `blue` and `red` (height/2, width/2), uint8; `x`, `y` its place in the frame, even."""

    luma: Any
    blue: Any
    red: Any
    x: int = 0
    y: int = 0

    @property
    def size(self) -> tuple[int, int]:
        height, width = self.luma.shape
        return width, height

    def part(self, x: int, y: int, width: int, height: int) -> Planes:
        """A view of a box; all four numbers even, in pixels of the frame."""
        left, top = x - self.x, y - self.y
        half = slice(top // 2, (top + height) // 2), slice(left // 2, (left + width) // 2)
        return Planes(self.luma[top:top + height, left:left + width], self.blue[half], self.red[half], x, y)

    def put(self, patch: Planes) -> None:
        """Copies `patch` to its place in these planes, which must be writable."""
        width, height = patch.size
        target = self.part(patch.x, patch.y, width, height)
        target.luma[:], target.blue[:], target.red[:] = patch.luma, patch.blue, patch.red


def planes_of(image: Image, x: int = 0, y: int = 0) -> Planes:
    """An RGB image of even width and height as planes."""
    import numpy as np

    rgb = np.asarray(image.convert("RGB"), dtype=np.float32)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    luma = RED * red + GREEN * green + BLUE * blue

    def chroma(channel: Any, weight: float) -> Any:
        difference = _halved(channel - luma) * (CHROMA_RANGE / 255 / 2 / (1 - weight))
        return np.rint(difference + CHROMA_MIDDLE).clip(0, 255).astype(np.uint8)

    brightness = np.rint(luma * (LUMA_RANGE / 255) + LUMA_FLOOR).astype(np.uint8)
    return Planes(brightness, chroma(blue, BLUE), chroma(red, RED), x, y)


def blend_into(first: Planes, second: Planes, share: float) -> None:
    """Makes `first`, which must be writable, a picture between the two; `share` 0 leaves it, 1 makes it `second`."""
    import numpy as np

    weight = round(share * 256)
    for plane, other in zip(
        (first.luma, first.blue, first.red), (second.luma, second.blue, second.red), strict=True
    ):
        mixed = np.multiply(plane, np.uint16(256 - weight), dtype=np.uint16)
        mixed += np.multiply(other, np.uint16(weight), dtype=np.uint16)
        mixed += np.uint16(128)
        mixed >>= 8
        np.copyto(plane, mixed, casting="unsafe")


def _halved(plane: Any) -> Any:
    """Each 2 by 2 block averaged."""
    return (plane[0::2, 0::2] + plane[1::2, 0::2] + plane[0::2, 1::2] + plane[1::2, 1::2]) * 0.25
