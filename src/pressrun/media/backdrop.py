"""Drawn backgrounds: a glow in the colours of the book, for an ornament or a cover on top.

Everything follows from a seed, so that two books differ and one book looks the same in every run. Pictures are smooth
and without visible grain: grain costs an encoder more than everything else on a still card.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pressrun.media.geometry import Box, Shape
from pressrun.media.palette import Tones
from pressrun.media.style import Motif

if TYPE_CHECKING:
    from PIL.Image import Image

DITHER = 0.7
"""Levels (of 255) by which the noise may change a pixel. It hides the steps of a dark gradient and is not visible."""
GLOW_SCALE = 8
"""The glow is computed at one pixel in this many and enlarged: it has no detail to lose."""


@dataclass(frozen=True)
class Backdrop:
    """A drawn background of one card."""

    shape: Shape
    tones: Tones
    motif: Motif
    seed: int
    art: Box
    """The area of the ornament, which touches no text."""
    progress: float
    """From 0 at the first card to 1 at the last. The ornament changes with it."""
    number: int
    """Number of the card, from 0."""
    horizon: float = 0.76
    """Where a landscape begins, as a share of the height: below the text."""


def draw_glow(backdrop: Backdrop) -> Image:
    """Return the base colour with a light that shines from a point that moves a little from card to card, as RGB."""
    import numpy as np
    from PIL import Image

    shape, tones = backdrop.shape, backdrop.tones
    width, height = shape.width // GLOW_SCALE + 2, shape.height // GLOW_SCALE + 2
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    chance = random.Random(backdrop.seed)
    turn = chance.uniform(0, math.tau) + backdrop.progress * 0.9
    centre_x, centre_y = 0.62 + 0.3 * math.cos(turn), 0.42 + 0.3 * math.sin(turn)
    stretch = shape.width / shape.height
    distance = np.hypot((across - centre_x) * max(stretch, 1) * 0.62, (down - centre_y) * max(1 / stretch, 1) * 0.62)
    light = np.exp(-((distance / 0.62) ** 2)) * 0.95
    channels = []
    noise = np.random.default_rng(backdrop.seed).random((shape.height, shape.width), dtype=np.float32)
    # Centred on half a level, because the conversion to whole numbers rounds down.
    noise *= 2 * DITHER
    noise += 0.5 - DITHER
    for base, bright in zip(tones.base, tones.light, strict=True):
        plane = Image.fromarray((base + (bright - base) * light).astype(np.float32))
        smooth = noise + np.asarray(plane.resize((shape.width, shape.height), Image.Resampling.BICUBIC))
        channels.append(Image.fromarray(smooth.clip(0, 255, out=smooth).astype(np.uint8)))
    return Image.merge("RGB", channels)
