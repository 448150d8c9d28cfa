"""Pictures as the two planes that the encoder takes (NV12): BT.709 in limited range, colour at half size (4:2:0)."""

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
PIXELS = "nv12"
"""FFmpeg's name of these planes."""


@dataclass(frozen=True)
class Planes:
    """uint8: `luma` (height, width); `chroma` (height/2, width), its even columns blue, the odd ones red.

    `x`, `y` its place in the frame, even: so a box has the same columns in both planes.
    """

    luma: Any
    chroma: Any
    x: int = 0
    y: int = 0
    cover: Any = None
    """(height, width), of a drawing on nothing: how much of what lies under it is hidden, 255 being all."""

    @property
    def size(self) -> tuple[int, int]:
        height, width = self.luma.shape
        return width, height

    def part(self, x: int, y: int, width: int, height: int) -> Planes:
        """A view of a box; all four numbers even, in pixels of the frame."""
        left, top = x - self.x, y - self.y
        columns = slice(left, left + width)
        return Planes(
            self.luma[top:top + height, columns], self.chroma[top // 2:(top + height) // 2, columns], x, y
        )

    def put(self, patch: Planes) -> None:
        """Copies `patch` to its place in these planes, which must be writable."""
        target = self.part(patch.x, patch.y, *patch.size)
        target.luma[:], target.chroma[:] = patch.luma, patch.chroma


def planes_of(image: Image, x: int = 0, y: int = 0) -> Planes:
    """An RGB image of even width and height, or a premultiplied RGBA layer, as planes."""
    import numpy as np

    cover = np.array(image.getchannel("A")) if image.mode == "RGBA" else None
    image = image.convert("RGB")
    blue, red = chroma_of(image)
    chroma = np.empty((blue.height, image.width), np.uint8)
    chroma[:, 0::2], chroma[:, 1::2] = np.asarray(blue), np.asarray(red)
    return Planes(np.array(luma_of(image)), chroma, x, y, cover)


def luma_of(image: Image) -> Image:
    """The luma of an RGB image, mode L."""
    share = LUMA_RANGE / 255
    return image.convert("L", (RED * share, GREEN * share, BLUE * share, LUMA_FLOOR))


def chroma_of(image: Image) -> tuple[Image, Image]:
    """Blue and red of an RGB image, at half its size, each 2 by 2 block averaged; mode L."""
    half = image.reduce(2)

    def channel(own: tuple[int, int, int], weight: float) -> Image:
        share = CHROMA_RANGE / 255 / 2 / (1 - weight)
        red, green, blue = ((each - part) * share for each, part in zip(own, (RED, GREEN, BLUE), strict=True))
        return half.convert("L", (red, green, blue, CHROMA_MIDDLE))

    return channel((0, 0, 1), BLUE), channel((1, 0, 0), RED)


def blend_into(first: Planes, second: Planes, share: float) -> None:
    """Makes `first`, which must be writable, a picture between the two; `share` 0 leaves it, 1 makes it `second`."""
    import numpy as np

    weight = round(share * 256)
    for plane, other in ((first.luma, second.luma), (first.chroma, second.chroma)):
        mixed = np.multiply(plane, np.uint16(256 - weight), dtype=np.uint16)
        mixed += np.multiply(other, np.uint16(weight), dtype=np.uint16)
        mixed += np.uint16(128)
        mixed >>= 8
        np.copyto(plane, mixed, casting="unsafe")
