"""Drawn backgrounds: a glow in the colours of the book, and an ornament that moves on from scene to scene.

All of it follows from a seed, so that two books differ and one book looks the same in every run. Shapes are smooth
and without visible grain: grain costs an encoder more than everything else on a still card.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pressrun.media.palette import Colour, Palette, mixed
from pressrun.media.resolution import Shape
from pressrun.media.style import Motif

if TYPE_CHECKING:
    from PIL.Image import Image

SMOOTH = 2
"""Ornaments are drawn this many times larger and reduced, which smooths their edges."""
DITHER = 0.7
"""Levels by which a pixel of the glow may be off: hides the steps of a dark gradient, and is not seen as grain."""
COARSE = 8
"""The glow is computed at one point in this many and enlarged: it has no detail to lose."""


@dataclass(frozen=True)
class Box:
    """Left, top, right, bottom in pixels."""

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

    def larger(self, margin: float) -> Box:
        return Box(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)

    def scaled(self, factor: float) -> Box:
        return Box(self.left * factor, self.top * factor, self.right * factor, self.bottom * factor)


@dataclass(frozen=True)
class Tones:
    """The colours of a backdrop: `base` shines towards `light`; ornaments have the next three; `line` contrasts."""

    base: Colour
    light: Colour
    first: Colour
    second: Colour
    third: Colour
    line: Colour


@dataclass(frozen=True)
class Scenery:
    """What a backdrop is drawn of. `step` runs from 0 at the first card to 1 at the last."""

    shape: Shape
    tones: Tones
    motif: Motif
    seed: int
    art: Box
    """Where the ornament may stand without touching text."""
    step: float
    number: int
    """Of the card, from 0."""
    ground: float = 0.76
    """Where a landscape begins, as a share of the height: below the text."""


def ground_tones(palette: Palette) -> Tones:
    return Tones(palette.ground, palette.light, palette.mark, palette.second, palette.third, palette.ink)


def deep_tones(palette: Palette) -> Tones:
    light = mixed(palette.deep, palette.third, 0.24)
    return Tones(palette.deep, light, palette.accent, palette.second, palette.third, palette.text)


def backdrop(scenery: Scenery) -> Image:
    """The background with its ornament as an RGB image."""
    from PIL import Image, ImageDraw

    from pressrun.media.ornaments import MOTIFS

    picture = glow(scenery)
    shape = scenery.shape
    layer = Image.new("RGBA", (shape.width * SMOOTH, shape.height * SMOOTH), (0, 0, 0, 0))
    MOTIFS[scenery.motif](ImageDraw.Draw(layer), scenery)
    # Reduced with its transparency multiplied in, so that edges do not darken.
    small = layer.convert("RGBa").reduce(SMOOTH).convert("RGBA")
    picture.paste(small, (0, 0), small)
    return picture


def glow(scenery: Scenery) -> Image:
    """The base colour, with the light one shining from a corner that wanders a little from card to card."""
    import numpy as np
    from PIL import Image

    shape, tones = scenery.shape, scenery.tones
    width, height = shape.width // COARSE + 2, shape.height // COARSE + 2
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    chance = random.Random(scenery.seed)
    turn = chance.uniform(0, math.tau) + scenery.step * 0.9
    centre_x, centre_y = 0.62 + 0.3 * math.cos(turn), 0.42 + 0.3 * math.sin(turn)
    stretch = shape.width / shape.height
    distance = np.hypot((across - centre_x) * max(stretch, 1) * 0.62, (down - centre_y) * max(1 / stretch, 1) * 0.62)
    light = np.exp(-((distance / 0.62) ** 2)) * 0.95
    channels = []
    noise = np.random.default_rng(scenery.seed).random((shape.height, shape.width), dtype=np.float32)
    # Half a step up, as the cut to whole numbers rounds down.
    noise *= 2 * DITHER
    noise += 0.5 - DITHER
    for base, bright in zip(tones.base, tones.light, strict=True):
        plane = Image.fromarray((base + (bright - base) * light).astype(np.float32))
        smooth = noise + np.asarray(plane.resize((shape.width, shape.height), Image.Resampling.BICUBIC))
        channels.append(Image.fromarray(smooth.clip(0, 255, out=smooth).astype(np.uint8)))
    return Image.merge("RGB", channels)
