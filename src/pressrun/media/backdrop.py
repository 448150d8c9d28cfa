"""Drawn backgrounds: a glow in the colours of the book, and an ornament that moves on from card to card.

All of it follows from a seed, so that two books differ and one book looks the same in every run. Shapes are smooth
and without visible grain: grain costs an encoder more than everything else on a still card.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pressrun.media.resolution import Shape
from pressrun.media.style import Colour, Palette

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

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


@dataclass(frozen=True)
class Scenery:
    """What a backdrop is drawn of. `step` runs from 0 at the first card to 1 at the last."""

    shape: Shape
    palette: Palette
    motif: str
    seed: int
    art: Box
    """Where the ornament may stand without touching text."""
    step: float
    number: int
    """Of the card, from 0."""
    ground: float = 0.76
    """Where a landscape begins, as a share of the height: below the text."""


def backdrop(scenery: Scenery) -> Image:
    """The background as an RGB image."""
    from PIL import Image, ImageDraw

    picture = _glow(scenery)
    shape = scenery.shape
    layer = Image.new("RGBA", (shape.width * SMOOTH, shape.height * SMOOTH), (0, 0, 0, 0))
    _MOTIFS[scenery.motif](ImageDraw.Draw(layer), scenery)
    picture.paste(layer.reduce(SMOOTH), (0, 0), layer.reduce(SMOOTH))
    return picture


def _glow(scenery: Scenery) -> Image:
    """The deep colour, with the light one shining from a corner that wanders a little from card to card."""
    import numpy as np
    from PIL import Image

    shape, palette = scenery.shape, scenery.palette
    width, height = shape.width // COARSE + 2, shape.height // COARSE + 2
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    chance = random.Random(scenery.seed)
    turn = chance.uniform(0, math.tau) + scenery.step * 0.9
    centre_x, centre_y = 0.62 + 0.3 * math.cos(turn), 0.42 + 0.3 * math.sin(turn)
    stretch = shape.width / shape.height
    distance = np.hypot((across - centre_x) * max(stretch, 1) * 0.62, (down - centre_y) * max(1 / stretch, 1) * 0.62)
    light = np.exp(-((distance / 0.62) ** 2)) * 0.95
    channels = []
    noise = np.random.default_rng(scenery.seed).uniform(-DITHER, DITHER, (shape.height, shape.width))
    for deep, glow in zip(palette.deep, palette.glow, strict=True):
        plane = Image.fromarray((deep + (glow - deep) * light).astype(np.float32))
        smooth = np.asarray(plane.resize((shape.width, shape.height), Image.Resampling.BICUBIC))
        channels.append(Image.fromarray(np.rint(smooth + noise).clip(0, 255).astype(np.uint8)))
    return Image.merge("RGB", channels)


def _tiles(draw: ImageDraw, scenery: Scenery) -> None:
    """A grid of quarter circles, circles and bars; from card to card a few tiles turn over."""
    art = _larger(scenery.art)
    columns = 3 if art.height >= art.width * 0.9 else 5
    rows = max(round(art.height / (art.width / columns)), 1)
    side = int(min(art.width / columns, art.height / rows))
    slack = art.width - side * columns
    left = art.left + (slack / 2 if scenery.shape.tall else slack)
    top = art.top + (art.height - side * rows) / 2
    for row in range(rows):
        for column in range(columns):
            cell = row * columns + column
            turned = (scenery.number + cell * 2) // 4
            chance = random.Random(f"{scenery.seed} {cell} {turned}")
            x, y = left + column * side, top + row * side
            _tile(draw, chance, scenery.palette, Box(x, y, x + side, y + side))


def _tile(draw: ImageDraw, chance: random.Random, palette: Palette, cell: Box) -> None:
    colours = [palette.accent, palette.second, palette.third, mixed(palette.glow, palette.text, 0.28)]
    front, back = chance.sample(colours, 2)
    side = cell.width
    box = (cell.left, cell.top, cell.right - 1, cell.bottom - 1)
    if chance.random() < 0.42:
        draw.rectangle(box, fill=(*back, 255))
    else:
        draw.rectangle(box, fill=(*mixed(palette.deep, palette.glow, 0.75), 255))
    kind = chance.choice(("quarter", "quarter", "quarter", "circle", "half", "ring", "leaf"))
    corner = chance.randrange(4)
    dx, dy = (corner in (1, 2)) * side, (corner >= 2) * side
    if kind == "quarter":
        _pie(draw, cell.left + dx, cell.top + dy, side, cell, front)
    elif kind == "leaf":
        _pie(draw, cell.left + dx, cell.top + dy, side * 0.62, cell, front)
        _pie(draw, cell.left + side - dx, cell.top + side - dy, side * 0.62, cell, front)
    elif kind == "half":
        draw.pieslice(_inset(cell, 0.1), corner * 90, corner * 90 + 180, fill=(*front, 255))
    else:
        draw.ellipse(_inset(cell, 0.2), fill=(*front, 255))
        if kind == "ring":
            draw.ellipse(_inset(cell, 0.36), fill=(*palette.deep, 255))


def _inset(cell: Box, share: float) -> tuple[float, float, float, float]:
    """The box of a shape that leaves `share` of the cell's side free on every side."""
    free = cell.width * share
    return cell.left + free, cell.top + free, cell.right - free, cell.bottom - free


def _pie(draw: ImageDraw, x: float, y: float, radius: float, cell: Box, colour: Colour) -> None:
    """The quarter of a circle around a corner of the cell that lies inside it."""
    start = {(True, True): 0, (False, True): 90, (False, False): 180, (True, False): 270}[
        (abs(x - cell.left) < 1, abs(y - cell.top) < 1)
    ]
    draw.pieslice((x - radius, y - radius, x + radius, y + radius), start, start + 90, fill=(*colour, 255))


def _orbits(draw: ImageDraw, scenery: Scenery) -> None:
    """A sun with planets on their rings, each a little further on every card."""
    art, palette = _larger(scenery.art), scenery.palette
    centre_x, centre_y = (art.left + art.right) / 2, (art.top + art.bottom) / 2
    reach = min(art.width, art.height) / 2
    chance = random.Random(scenery.seed)
    line = max(round(reach * 0.008), 1)
    colours = [palette.accent, palette.second, palette.third]
    for ring in range(5):
        radius = reach * (0.32 + ring * 0.155)
        box = _around(centre_x, centre_y, radius)
        draw.ellipse(box, outline=(*mixed(palette.glow, palette.text, 0.35), 255), width=line)
        angle = chance.uniform(0, math.tau) + scenery.number * chance.uniform(0.25, 0.7)
        arc = math.degrees(angle)
        draw.arc(box, arc - 62 + ring * 6, arc, fill=(*colours[ring % 3], 255), width=line * 3)
        size = reach * chance.uniform(0.035, 0.075)
        x, y = centre_x + radius * math.cos(angle), centre_y + radius * math.sin(angle)
        draw.ellipse(_around(x, y, size), fill=(*colours[ring % 3], 255))
    core = reach * 0.17
    draw.ellipse(_around(centre_x, centre_y, core), fill=(*palette.accent, 255))


def _hills(draw: ImageDraw, scenery: Scenery) -> None:
    """A sun that climbs from card to card over rows of hills."""
    art, palette, shape = _larger(scenery.art), scenery.palette, scenery.shape
    width, height = shape.width * SMOOTH, shape.height * SMOOTH
    size = min(art.width, art.height) * 0.3
    x = art.left + art.width * (0.42 + 0.2 * scenery.step)
    ground = scenery.ground * height
    y = ground - size * 0.55 - (min(art.height, ground - art.top) - size * 1.55) * (0.2 + 0.8 * scenery.step)
    for ring, share in ((1.55, 0.16), (1.26, 0.3)):
        draw.ellipse(_around(x, y, size * ring), fill=(*mixed(palette.glow, palette.accent, share), 255))
    draw.ellipse(_around(x, y, size), fill=(*palette.accent, 255))
    chance = random.Random(scenery.seed)
    rows = 4
    for row in range(rows):
        waves = [
            (chance.uniform(0.6, 1.5) * (1 + row * 0.4), chance.uniform(0, math.tau), chance.uniform(0.4, 1))
            for _ in range(3)
        ]
        floor = ground + (height - ground) * row / rows
        rise = min(width, height) * (0.05 - row * 0.006)
        points: list[tuple[float, float]] = []
        for at in range(0, width + 16, 16):
            along = at / width * math.tau
            swing = sum(power * math.sin(along * pace + phase) for pace, phase, power in waves)
            points.append((at, floor - rise * swing * 0.55))
        colour = mixed(mixed(palette.glow, palette.third, 0.24), palette.deep, row / (rows - 1) * 0.86)
        draw.polygon([*points, (width, height), (0, height)], fill=(*colour, 255))


def _around(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return x - radius, y - radius, x + radius, y + radius


def _larger(box: Box) -> Box:
    return Box(box.left * SMOOTH, box.top * SMOOTH, box.right * SMOOTH, box.bottom * SMOOTH)


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


_MOTIFS: dict[str, Callable[[Any, Scenery], None]] = {"tiles": _tiles, "orbits": _orbits, "hills": _hills}
