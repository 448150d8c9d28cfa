"""Ornaments of bold shapes, and the list of all there are."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pressrun.media.backdrop import SMOOTH, Box, Scenery, Tones
from pressrun.media.ornaments_charts import bars, network, slopes
from pressrun.media.ornaments_lines import arches, engraving, rosette
from pressrun.media.ornaments_plain import disc, horizon, stems
from pressrun.media.palette import Colour, mixed
from pressrun.media.shapes import around
from pressrun.media.style import Motif

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw


def _tiles(draw: ImageDraw, scenery: Scenery) -> None:
    """A grid of quarter circles, circles and bars; from card to card a few tiles turn over."""
    art = scenery.art.scaled(SMOOTH)
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
            _tile(draw, chance, scenery.tones, Box(x, y, x + side, y + side))


def _tile(draw: ImageDraw, chance: random.Random, tones: Tones, cell: Box) -> None:
    colours = [tones.first, tones.second, tones.third, mixed(tones.light, tones.line, 0.28)]
    front, back = chance.sample(colours, 2)
    side = cell.width
    box = (cell.left, cell.top, cell.right - 1, cell.bottom - 1)
    if chance.random() < 0.42:
        draw.rectangle(box, fill=(*back, 255))
    else:
        draw.rectangle(box, fill=(*mixed(tones.base, tones.light, 0.75), 255))
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
            draw.ellipse(_inset(cell, 0.36), fill=(*tones.base, 255))


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
    art, tones = scenery.art.scaled(SMOOTH), scenery.tones
    centre_x, centre_y = (art.left + art.right) / 2, (art.top + art.bottom) / 2
    reach = min(art.width, art.height) / 2
    chance = random.Random(scenery.seed)
    line = max(round(reach * 0.008), 1)
    colours = [tones.first, tones.second, tones.third]
    for ring in range(5):
        radius = reach * (0.32 + ring * 0.155)
        box = around(centre_x, centre_y, radius)
        draw.ellipse(box, outline=(*mixed(tones.light, tones.line, 0.35), 255), width=line)
        angle = chance.uniform(0, math.tau) + scenery.number * chance.uniform(0.25, 0.7)
        arc = math.degrees(angle)
        draw.arc(box, arc - 62 + ring * 6, arc, fill=(*colours[ring % 3], 255), width=line * 3)
        size = reach * chance.uniform(0.035, 0.075)
        x, y = centre_x + radius * math.cos(angle), centre_y + radius * math.sin(angle)
        draw.ellipse(around(x, y, size), fill=(*colours[ring % 3], 255))
    core = reach * 0.17
    draw.ellipse(around(centre_x, centre_y, core), fill=(*tones.first, 255))


def _hills(draw: ImageDraw, scenery: Scenery) -> None:
    """A sun that climbs from card to card over rows of hills."""
    art, tones, shape = scenery.art.scaled(SMOOTH), scenery.tones, scenery.shape
    width, height = shape.width * SMOOTH, shape.height * SMOOTH
    size = min(art.width, art.height) * (0.25 if shape.tall else 0.3)
    x = art.left + art.width * (0.42 + 0.2 * scenery.step)
    ground = scenery.ground * height
    y = ground - size * 0.55 - (min(art.height, ground - art.top) - size * 1.55) * (0.2 + 0.8 * scenery.step)
    if shape.tall:
        # Captions stand between it and the hills.
        y = art.bottom - size * 1.55 - (art.height - size * 3.1) * scenery.step
    for ring, share in ((1.55, 0.16), (1.26, 0.3)):
        draw.ellipse(around(x, y, size * ring), fill=(*mixed(tones.light, tones.first, share), 255))
    draw.ellipse(around(x, y, size), fill=(*tones.first, 255))
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
        colour = mixed(mixed(tones.light, tones.third, 0.24), tones.base, row / (rows - 1) * 0.86)
        draw.polygon([*points, (width, height), (0, height)], fill=(*colour, 255))


MOTIFS: dict[Motif, Callable[[Any, Scenery], None]] = {
    "tiles": _tiles, "orbits": _orbits, "hills": _hills,
    "rosette": rosette, "engraving": engraving, "arches": arches,
    "disc": disc, "horizon": horizon, "stems": stems,
    "bars": bars, "slopes": slopes, "network": network,
}
