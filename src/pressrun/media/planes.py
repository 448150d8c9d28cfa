"""Pictures as the two planes that the encoder takes (NV12): BT.709 in limited range, colour at half size (4:2:0)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pressrun.media.geometry import Shape

if TYPE_CHECKING:
    from PIL.Image import Image

# Recommendation ITU-R BT.709-6: weights of luma, and the ranges of 8-bit limited coding.
RED, GREEN, BLUE = 0.2126, 0.7152, 0.0722
LUMA_FLOOR, LUMA_RANGE = 16, 219
CHROMA_MIDDLE, CHROMA_RANGE = 128, 224
BT709, LIMITED_RANGE = 1, 1
"""AVCOL_SPC_BT709 (also its primaries and transfer function) and AVCOL_RANGE_MPEG of libavutil."""
PIXEL_FORMAT = "nv12"
"""FFmpeg's name of these planes."""


@dataclass(frozen=True)
class Planes:
    """A picture or a part of one, uint8: `luma` is (height, width), `chroma` (height/2, width).

    Even columns of `chroma` are blue, odd ones red. The position `x`, `y` in the frame is even, so that a box has the
    same columns in both planes.
    """

    luma: Any
    chroma: Any
    x: int = 0
    y: int = 0
    alpha: Any = None
    """(height, width) from 0 to 255 (opaque), for a drawing on a transparent layer."""

    @property
    def size(self) -> tuple[int, int]:
        height, width = self.luma.shape
        return width, height

    def part(self, x: int, y: int, width: int, height: int) -> Planes:
        """Return a view of a box. All four numbers are even and in pixels of the frame."""
        left, top = x - self.x, y - self.y
        columns = slice(left, left + width)
        return Planes(
            self.luma[top:top + height, columns], self.chroma[top // 2:(top + height) // 2, columns], x, y
        )

    def paste(self, patch: Planes) -> None:
        """Copy `patch` to its position in these planes, which must be writable."""
        target = self.part(patch.x, patch.y, *patch.size)
        target.luma[:], target.chroma[:] = patch.luma, patch.chroma


@dataclass(frozen=True)
class Surface:
    """A frame for the encoder, as planes and as images that share its memory."""

    frame: Any
    """An `av.VideoFrame`, NV12."""
    planes: Planes
    luma: Image
    """Mode L, of the size of the frame."""
    chroma: Image
    """Mode RGBA: each of its pixels is two pixels of chroma (blue, red, blue, red)."""

    @classmethod
    def new(cls, shape: Shape) -> Surface:
        """Return a surface with undefined content."""
        import av
        import numpy as np

        frame = av.VideoFrame(shape.width, shape.height, PIXEL_FORMAT)
        luma, chroma = frame.planes
        views = [
            np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[:rows, :shape.width]
            for plane, rows in ((luma, shape.height), (chroma, shape.height // 2))
        ]
        # If only half of the last pair is in the picture, its other half is in the padding after the row.
        pairs = (shape.width + 3) // 4
        return cls(
            frame, Planes(views[0], views[1]), image_on_plane(luma, "L", shape.width, shape.height),
            image_on_plane(chroma, "RGBA", pairs, shape.height // 2),
        )


def image_on_plane(plane: Any, mode: str, width: int, height: int) -> Image:
    """Return an image that uses the memory of a plane of an `av.VideoFrame`."""
    from PIL.Image import frombuffer

    memory: Any = memoryview(plane)
    image = frombuffer(mode, (width, height), memory, "raw", mode, plane.line_size, 1)
    # Pillow treats borrowed memory as read-only and would copy it before the first change.
    image.readonly = 0
    return image


def planes_of(image: Image, x: int = 0, y: int = 0) -> Planes:
    """Convert an RGB image of even width and height, or a premultiplied RGBA layer, to planes at `x`, `y`."""
    import numpy as np

    alpha = np.array(image.getchannel("A")) if image.mode == "RGBA" else None
    image = image.convert("RGB")
    blue, red = chroma_of(image)
    chroma = np.empty((blue.height, image.width), np.uint8)
    chroma[:, 0::2], chroma[:, 1::2] = np.asarray(blue), np.asarray(red)
    return Planes(np.array(luma_of(image)), chroma, x, y, alpha)


def luma_of(image: Image) -> Image:
    """Return the luma of an RGB image, mode L."""
    # A conversion with a matrix to mode L, in one pass in Pillow.
    share = LUMA_RANGE / 255
    return image.convert("L", (RED * share, GREEN * share, BLUE * share, LUMA_FLOOR))


def chroma_of(image: Image) -> tuple[Image, Image]:
    """Return blue and red chroma of an RGB image, mode L, at half its size: each pixel is the mean of 2 by 2."""
    half = image.reduce(2)

    def channel(own: tuple[int, int, int], weight: float) -> Image:
        share = CHROMA_RANGE / 255 / 2 / (1 - weight)
        red, green, blue = ((each - part) * share for each, part in zip(own, (RED, GREEN, BLUE), strict=True))
        return half.convert("L", (red, green, blue, CHROMA_MIDDLE))

    return channel((0, 0, 1), BLUE), channel((1, 0, 0), RED)


def blend_into(first: Planes, second: Planes, share: float) -> None:
    """Blend `second` into `first`, which must be writable: `share` 0 leaves the first as it is, 1 replaces it."""
    import numpy as np

    # Integers with weights of eight bits: products fit into uint16, and the result is exact to one level.
    weight = round(share * 256)
    for plane, other in ((first.luma, second.luma), (first.chroma, second.chroma)):
        blended = np.multiply(plane, np.uint16(256 - weight), dtype=np.uint16)
        blended += np.multiply(other, np.uint16(weight), dtype=np.uint16)
        blended += np.uint16(128)
        blended >>= 8
        np.copyto(plane, blended, casting="unsafe")
