"""Put a photograph into a frame, cropped or whole on a blurred copy of itself, and darken it under text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pressrun.media.geometry import Box
from pressrun.media.palette import Colour, luminance

if TYPE_CHECKING:
    from PIL.Image import Image

CROP_CENTRE = (0.5, 0.42)
"""Centre of a crop, as shares of width and height: most subjects are a little above the middle."""
MAX_CROP_LOSS = 0.5
"""Share of a picture that cropping may remove. Beyond that the picture is shown whole."""
BLEED = 0.13
"""How far a picture extends beyond its area, as a share of the frame width, so that it can move."""
MIN_SCRIM, MAX_SCRIM = 0.42, 0.94
"""Limits of how much a picture is darkened under text, from 0 to 1."""
TEXT_CONTRAST = 4.5
"""Contrast of text over pictures: WCAG 2.2, level AA."""
SAMPLE_WIDTH = 96
"""Pixels across at which the brightness under text is measured: one pixel is about a letter."""


def place_photo(photo: Image, area: Box, free: Box | None, frame: tuple[int, int], colour: Colour) -> Image:
    """Return a picture of the size of `frame` with `photo` in `area` and a little around it, and `colour` elsewhere.

    If cropping would remove too much, the photo is shown whole in `free`, the part of the area without text. With
    `free` None it is always cropped.
    """
    from PIL import Image

    bleed = BLEED * frame[0]
    box = Box(
        max(area.left - bleed, 0), max(area.top - bleed, 0),
        min(area.right + bleed, frame[0]), min(area.bottom + bleed, frame[1]),
    )
    left, top = int(box.left), int(box.top)
    size = (max(round(box.right) - left, 1), max(round(box.bottom) - top, 1))
    if free is not None and crop_loss(photo.size, (area.width, area.height)) > MAX_CROP_LOSS:
        inner = Box(free.left - left, free.top - top, free.right - left, free.bottom - top)
        filled = _fit_whole(photo, size, inner, colour)
    else:
        filled = _crop(photo, size)
    if size == frame:
        return filled
    canvas = Image.new("RGB", frame, colour)
    canvas.paste(filled, (left, top))
    return canvas


def crop_loss(size: tuple[float, float], area: tuple[float, float]) -> float:
    """Return the share of a picture that is lost when it is cropped to the proportions of an area."""
    ours, wanted = size[0] / size[1], area[0] / area[1]
    return 1 - min(ours / wanted, wanted / ours)


def scale_down(photo: Image, max_size: tuple[int, int]) -> Image:
    """Return the whole photo at the largest size within `max_size`, at least one pixel across and down.

    `ImageOps.contain` (Pillow 12) rounds the shorter side of a strip to zero pixels and then raises.
    """
    from PIL import Image

    scale = min(max_size[0] / photo.width, max_size[1] / photo.height)
    size = max(round(photo.width * scale), 1), max(round(photo.height * scale), 1)
    return photo.resize(size, Image.Resampling.LANCZOS)


def _crop(photo: Image, size: tuple[int, int]) -> Image:
    from PIL import Image, ImageOps

    return ImageOps.fit(photo, size, Image.Resampling.LANCZOS, centering=CROP_CENTRE)


def _fit_whole(photo: Image, size: tuple[int, int], inner: Box, colour: Colour) -> Image:
    """Return the whole photo inside `inner` with a margin, on a blurred and toned enlargement of itself."""
    from PIL import Image, ImageFilter, ImageOps

    tiny = (max(size[0] // 16, 2), max(size[1] // 16, 2))
    # Blurred at a sixteenth of the size, which looks the same and costs far less.
    small = ImageOps.fit(photo, tiny, Image.Resampling.BOX, centering=CROP_CENTRE)
    ground = small.filter(ImageFilter.GaussianBlur(max(size[0] // 320, 1))).resize(size, Image.Resampling.BICUBIC)
    ground = Image.blend(ground, Image.new("RGB", size, colour), 0.5)
    max_size = (max(round(inner.width * 0.86), 1), max(round(inner.height * 0.86), 1))
    whole = scale_down(photo, max_size)
    x, y = inner.middle
    ground.paste(whole, (round(x - whole.width / 2), round(y - whole.height / 2)))
    return ground


@dataclass(frozen=True)
class Scrim:
    """A darkening in `colour` under text: `mask` (mode L, size of the frame) times `strength` (0 to 1)."""

    mask: Image
    strength: float
    colour: Colour

    def darken(self, picture: Image) -> Image:
        """Return `picture` under the scrim."""
        from PIL import Image

        strength = self.strength
        mask = self.mask.point([round(level * strength) for level in range(256)])
        return Image.composite(Image.new("RGB", picture.size, self.colour), picture, mask)


def choose_scrim(pictures: list[Image], text: Box, ink: Colour, colour: Colour, tall: bool) -> Scrim:
    """Return the lightest scrim under which `ink` is readable on all `pictures`, which have the size of the frame."""
    frame = pictures[0].size
    mask = draw_scrim_mask(frame, text, tall)
    samples = [_sample_brightest(picture, text) for picture in pictures]
    if all(_is_readable(sample, ink, colour, MIN_SCRIM) for sample in samples):
        return Scrim(mask, MIN_SCRIM, colour)
    low, high = MIN_SCRIM, MAX_SCRIM
    for _ in range(7):
        middle = (low + high) / 2
        if all(_is_readable(sample, ink, colour, middle) for sample in samples):
            high = middle
        else:
            low = middle
    return Scrim(mask, high, colour)


def draw_scrim_mask(frame: tuple[int, int], text: Box, tall: bool) -> Image:
    """Return the mask of a scrim, mode L: full behind the text, fading out above and beside it, or below it if tall."""
    import numpy as np
    from PIL import Image

    width, height = 160, max(round(160 * frame[1] / frame[0]), 2)
    across, down = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    if tall:
        share = _smoothstep((text.bottom / frame[1] + 0.2 - down) / 0.16)
    else:
        if text.left + text.right < frame[0]:
            beside = text.right / frame[0] + 0.42 - across
        else:
            beside = across - text.left / frame[0] + 0.42
        share = _smoothstep((down - text.top / frame[1] + 0.34) / 0.36) * (0.3 + 0.7 * _smoothstep(beside / 0.5))
    # Some darkness at the lower edge too, behind the captions.
    foot = _smoothstep((down - 0.62) / 0.38) * 0.45
    mask = Image.fromarray(np.rint(255 * np.maximum(np.maximum(share, foot), 0.1)).astype(np.uint8))
    return mask.resize(frame, Image.Resampling.BICUBIC)


def _sample_brightest(picture: Image, text: Box) -> Any:
    """Return the brightest 4 % of the pixels under the text, (number, 3) from 0 to 255, at the scale of letters."""
    import numpy as np
    from PIL import Image

    # Wider than the text, because the picture moves under it.
    box = text.grow(0.03 * picture.width)
    crop = picture.crop((
        max(round(box.left), 0), max(round(box.top), 0),
        min(round(box.right), picture.width), min(round(box.bottom), picture.height),
    ))
    size = SAMPLE_WIDTH, max(round(SAMPLE_WIDTH * crop.height / crop.width), 1)
    pixels = np.asarray(crop.resize(size, Image.Resampling.BOX), dtype=np.float64).reshape(-1, 3)
    brightness = pixels @ np.array([0.2126, 0.7152, 0.0722])
    return pixels[np.argsort(brightness)[-max(len(pixels) // 25, 1):]]


def _is_readable(pixels: Any, ink: Colour, colour: Colour, strength: float) -> bool:
    """Return whether light text has enough contrast on these pixels under a scrim of this strength."""
    import numpy as np

    blended = (pixels * (1 - strength) + np.array(colour) * strength) / 255
    linear = np.where(blended <= 0.04045, blended / 12.92, ((blended + 0.055) / 1.055) ** 2.4)
    brightness = float((linear @ np.array([0.2126, 0.7152, 0.0722])).mean())
    return (luminance(ink) + 0.05) / (brightness + 0.05) >= TEXT_CONTRAST


def _smoothstep(share: Any) -> Any:
    """Return 0 below 0, 1 above 1, and a smooth curve between."""
    import numpy as np

    within = np.clip(share, 0, 1)
    return within * within * (3 - 2 * within)
