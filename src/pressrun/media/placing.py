"""A photograph put into a frame: cut to fill its place, or whole on a blurred copy of itself; darkened under text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pressrun.media.backdrop import Box
from pressrun.media.palette import Colour, luminance

if TYPE_CHECKING:
    from PIL.Image import Image

CENTRE = (0.5, 0.42)
"""What stays in the middle when a picture is cut: what matters stands a little above the middle more often than not."""
MOST_CUT = 0.5
"""Share of a picture that may be cut away; with more it is shown whole."""
BLEED = 0.13
"""Of the frame that a picture reaches beyond its place, for when it moves."""
LEAST_SCRIM, MOST_SCRIM = 0.42, 0.94
"""How much a picture is darkened under text, whatever it shows, and at most."""
TEXT_CONTRAST = 4.5
"""Of text over pictures: WCAG 2.2, level AA."""
SAMPLE = 96
"""Pixels across at which brightness under text is measured: about a letter each."""


def placed(photo: Image, place: Box, free: Box | None, frame: tuple[int, int], colour: Colour) -> Image:
    """A picture of the size of `frame` with `photo` in `place` and a little around it; the rest is `colour`.

    A photo that would lose too much stands whole in `free`, a part of the place where no text is; None: it is cut.
    """
    from PIL import Image

    bleed = BLEED * frame[0]
    box = Box(
        max(place.left - bleed, 0), max(place.top - bleed, 0),
        min(place.right + bleed, frame[0]), min(place.bottom + bleed, frame[1]),
    )
    left, top = int(box.left), int(box.top)
    size = (max(round(box.right) - left, 1), max(round(box.bottom) - top, 1))
    if free is not None and cut_away(photo.size, (place.width, place.height)) > MOST_CUT:
        inner = Box(free.left - left, free.top - top, free.right - left, free.bottom - top)
        filled = _whole(photo, size, inner, colour)
    else:
        filled = _filled(photo, size)
    if size == frame:
        return filled
    canvas = Image.new("RGB", frame, colour)
    canvas.paste(filled, (left, top))
    return canvas


def cut_away(size: tuple[float, float], place: tuple[float, float]) -> float:
    """The share of a picture that is lost when it fills a place of another shape."""
    ours, wanted = size[0] / size[1], place[0] / place[1]
    return 1 - min(ours / wanted, wanted / ours)


def _filled(photo: Image, size: tuple[int, int]) -> Image:
    from PIL import Image, ImageOps

    return ImageOps.fit(photo, size, Image.Resampling.LANCZOS, centering=CENTRE)


def _whole(photo: Image, size: tuple[int, int], inner: Box, colour: Colour) -> Image:
    """The photo whole inside `inner` with air around it, on a blurred and toned enlargement of itself."""
    from PIL import Image, ImageFilter, ImageOps

    small = ImageOps.fit(photo, (max(size[0] // 16, 2), max(size[1] // 16, 2)), Image.Resampling.BOX, centering=CENTRE)
    ground = small.filter(ImageFilter.GaussianBlur(max(size[0] // 320, 1))).resize(size, Image.Resampling.BICUBIC)
    ground = Image.blend(ground, Image.new("RGB", size, colour), 0.5)
    room = (max(round(inner.width * 0.86), 1), max(round(inner.height * 0.86), 1))
    whole = ImageOps.contain(photo, room, Image.Resampling.LANCZOS)
    x, y = inner.middle
    ground.paste(whole, (round(x - whole.width / 2), round(y - whole.height / 2)))
    return ground


@dataclass(frozen=True)
class Scrim:
    """Darkness under text: `mask` (L, size of the frame) where, `strength` (0 to 1) how much, in `colour`."""

    mask: Image
    strength: float
    colour: Colour

    def over(self, picture: Image) -> Image:
        from PIL import Image

        strength = self.strength
        mask = self.mask.point([round(each * strength) for each in range(256)])
        return Image.composite(Image.new("RGB", picture.size, self.colour), picture, mask)


def shade(frame: tuple[int, int], text: Box, tall: bool) -> Image:
    """Where a scrim lies: whole behind the text, fading out above and beside it, and in a tall picture below it."""
    import numpy as np
    from PIL import Image

    width, height = 160, max(round(160 * frame[1] / frame[0]), 2)
    across, down = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    if tall:
        share = _ramp((text.bottom / frame[1] + 0.2 - down) / 0.16)
    else:
        if text.left + text.right < frame[0]:
            beside = text.right / frame[0] + 0.42 - across
        else:
            beside = across - text.left / frame[0] + 0.42
        share = _ramp((down - text.top / frame[1] + 0.34) / 0.36) * (0.3 + 0.7 * _ramp(beside / 0.5))
    # Some of it at the lower edge too, where captions stand and a picture looks unfinished without.
    foot = _ramp((down - 0.62) / 0.38) * 0.45
    mask = Image.fromarray(np.rint(255 * np.maximum(np.maximum(share, foot), 0.1)).astype(np.uint8))
    return mask.resize(frame, Image.Resampling.BICUBIC)


def scrim_for(pictures: list[Image], text: Box, ink: Colour, colour: Colour, tall: bool) -> Scrim:
    """The lightest scrim under which `ink` reads on every one of `pictures` (all of the size of the frame)."""
    frame = pictures[0].size
    mask = shade(frame, text, tall)
    samples = [_brightest(each, text) for each in pictures]
    low, high = LEAST_SCRIM, MOST_SCRIM
    for _ in range(7):
        middle = (low + high) / 2
        if all(_reads(sample, ink, colour, middle) for sample in samples):
            high = middle
        else:
            low = middle
    least_reads = all(_reads(sample, ink, colour, LEAST_SCRIM) for sample in samples)
    return Scrim(mask, LEAST_SCRIM if least_reads else high, colour)


def _brightest(picture: Image, text: Box) -> Any:
    """The brighter pixels under the text, (number, 3) of 0 to 255, when seen from as far as letters are large."""
    import numpy as np
    from PIL import Image

    # Wider than the text: a picture moves under it.
    box = text.larger(0.03 * picture.width)
    crop = picture.crop((
        max(round(box.left), 0), max(round(box.top), 0),
        min(round(box.right), picture.width), min(round(box.bottom), picture.height),
    ))
    small = crop.resize((SAMPLE, max(round(SAMPLE * crop.height / crop.width), 1)), Image.Resampling.BOX)
    pixels = np.asarray(small, dtype=np.float64).reshape(-1, 3)
    weight = pixels @ np.array([0.2126, 0.7152, 0.0722])
    return pixels[np.argsort(weight)[-max(len(pixels) // 25, 1):]]


def _reads(pixels: Any, ink: Colour, colour: Colour, strength: float) -> bool:
    """Whether light text has its contrast on these pixels under a scrim of this strength."""
    import numpy as np

    blended = (pixels * (1 - strength) + np.array(colour) * strength) / 255
    linear = np.where(blended <= 0.04045, blended / 12.92, ((blended + 0.055) / 1.055) ** 2.4)
    brightness = float((linear @ np.array([0.2126, 0.7152, 0.0722])).mean())
    return (luminance(ink) + 0.05) / (brightness + 0.05) >= TEXT_CONTRAST


def _ramp(share: Any) -> Any:
    """0 below 0, 1 above 1, and smooth between (smoothstep)."""
    import numpy as np

    within = np.clip(share, 0, 1)
    return within * within * (3 - 2 * within)
