"""Ornaments of drawn backgrounds, three for each built-in style. They change a little from card to card."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import combinations
from typing import TYPE_CHECKING

from pressrun.media.backdrop import Backdrop
from pressrun.media.geometry import Box, circle_box
from pressrun.media.palette import Colour, Tones, mix
from pressrun.media.style import Motif

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

SUPERSAMPLING = 2
"""Ornaments are drawn this many times larger and reduced, which smooths their edges."""
CURVE_POINTS = 720
"""Number of points of a closed curve."""


def draw_ornament(picture: Image, backdrop: Backdrop) -> None:
    """Draw the ornament of `backdrop` on an RGB picture of its size."""
    from PIL import Image, ImageDraw

    shape = backdrop.shape
    layer = Image.new("RGBA", (shape.width * SUPERSAMPLING, shape.height * SUPERSAMPLING), (0, 0, 0, 0))
    _ORNAMENTS[backdrop.motif](ImageDraw.Draw(layer), backdrop)
    # Reduced with premultiplied alpha ("RGBa"). Otherwise the black of the transparent pixels would darken the edges.
    small = layer.convert("RGBa").reduce(SUPERSAMPLING).convert("RGBA")
    picture.paste(small, (0, 0), small)


def _line_width(backdrop: Backdrop, units: float) -> int:
    return max(round(backdrop.shape.unit * units * SUPERSAMPLING), 1)


# Bold shapes.


def _tiles(draw: ImageDraw, backdrop: Backdrop) -> None:
    """Draw a grid of quarter circles, circles and rings. A few tiles change from card to card."""
    art = backdrop.art.scale(SUPERSAMPLING)
    columns = 3 if art.height >= art.width * 0.9 else 5
    rows = max(round(art.height / (art.width / columns)), 1)
    side = int(min(art.width / columns, art.height / rows))
    slack = art.width - side * columns
    left = art.left + (slack / 2 if backdrop.shape.tall else slack)
    top = art.top + (art.height - side * rows) / 2
    for row in range(rows):
        for column in range(columns):
            cell = row * columns + column
            turned = (backdrop.number + cell * 2) // 4
            chance = random.Random(f"{backdrop.seed} {cell} {turned}")
            x, y = left + column * side, top + row * side
            _tile(draw, chance, backdrop.tones, Box(x, y, x + side, y + side))


def _tile(draw: ImageDraw, chance: random.Random, tones: Tones, cell: Box) -> None:
    colours = [tones.first, tones.second, tones.third, mix(tones.light, tones.line, 0.28)]
    front, back = chance.sample(colours, 2)
    side = cell.width
    box = (cell.left, cell.top, cell.right - 1, cell.bottom - 1)
    if chance.random() < 0.42:
        draw.rectangle(box, fill=(*back, 255))
    else:
        draw.rectangle(box, fill=(*mix(tones.base, tones.light, 0.75), 255))
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
    """Return the edges of the cell, moved in by `share` of its width."""
    free = cell.width * share
    return cell.left + free, cell.top + free, cell.right - free, cell.bottom - free


def _pie(draw: ImageDraw, x: float, y: float, radius: float, cell: Box, colour: Colour) -> None:
    """Draw the quarter of a circle that is inside the cell. The centre (`x`, `y`) is a corner of the cell."""
    start = {(True, True): 0, (False, True): 90, (False, False): 180, (True, False): 270}[
        (abs(x - cell.left) < 1, abs(y - cell.top) < 1)
    ]
    draw.pieslice((x - radius, y - radius, x + radius, y + radius), start, start + 90, fill=(*colour, 255))


def _orbits(draw: ImageDraw, backdrop: Backdrop) -> None:
    """Draw a sun with planets on their orbits. Each planet moves a little from card to card."""
    art, tones = backdrop.art.scale(SUPERSAMPLING), backdrop.tones
    centre_x, centre_y = (art.left + art.right) / 2, (art.top + art.bottom) / 2
    reach = min(art.width, art.height) / 2
    chance = random.Random(backdrop.seed)
    line = max(round(reach * 0.008), 1)
    colours = [tones.first, tones.second, tones.third]
    for ring in range(5):
        radius = reach * (0.32 + ring * 0.155)
        box = circle_box(centre_x, centre_y, radius)
        draw.ellipse(box, outline=(*mix(tones.light, tones.line, 0.35), 255), width=line)
        angle = chance.uniform(0, math.tau) + backdrop.number * chance.uniform(0.25, 0.7)
        arc = math.degrees(angle)
        draw.arc(box, arc - 62 + ring * 6, arc, fill=(*colours[ring % 3], 255), width=line * 3)
        size = reach * chance.uniform(0.035, 0.075)
        x, y = centre_x + radius * math.cos(angle), centre_y + radius * math.sin(angle)
        draw.ellipse(circle_box(x, y, size), fill=(*colours[ring % 3], 255))
    core = reach * 0.17
    draw.ellipse(circle_box(centre_x, centre_y, core), fill=(*tones.first, 255))


def _hills(draw: ImageDraw, backdrop: Backdrop) -> None:
    """Draw a sun over rows of hills. It rises from card to card."""
    art, tones, shape = backdrop.art.scale(SUPERSAMPLING), backdrop.tones, backdrop.shape
    width, height = shape.width * SUPERSAMPLING, shape.height * SUPERSAMPLING
    size = min(art.width, art.height) * (0.25 if shape.tall else 0.3)
    x = art.left + art.width * (0.42 + 0.2 * backdrop.progress)
    ground = backdrop.horizon * height
    y = ground - size * 0.55 - (min(art.height, ground - art.top) - size * 1.55) * (0.2 + 0.8 * backdrop.progress)
    if shape.tall:
        # In a tall frame the captions are between the sun and the hills.
        y = art.bottom - size * 1.55 - (art.height - size * 3.1) * backdrop.progress
    for ring, share in ((1.55, 0.16), (1.26, 0.3)):
        draw.ellipse(circle_box(x, y, size * ring), fill=(*mix(tones.light, tones.first, share), 255))
    draw.ellipse(circle_box(x, y, size), fill=(*tones.first, 255))
    chance = random.Random(backdrop.seed)
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
        colour = mix(mix(tones.light, tones.third, 0.24), tones.base, row / (rows - 1) * 0.86)
        draw.polygon([*points, (width, height), (0, height)], fill=(*colour, 255))


# Fine lines, as in engravings.


def _rosette(draw: ImageDraw, backdrop: Backdrop) -> None:
    """Draw rings of waves around a centre, as on banknotes. They turn and open a little from card to card."""
    art, tones = backdrop.art.scale(SUPERSAMPLING), backdrop.tones
    x, y = art.middle
    reach = min(art.width, art.height) / 2
    chance = random.Random(backdrop.seed)
    petals = chance.choice((6, 8, 9, 10, 12)) + backdrop.number % 3
    line = _line_width(backdrop, 2.4)
    rings = (
        (0.86, 0.13, petals * 2, tones.first, 7),
        (0.6, 0.14, petals, tones.second, 6),
        (0.33, 0.12, petals, tones.first, 5),
    )
    for middle, swing, waves, colour, strands in rings:
        for strand in range(strands):
            phase = math.tau * strand / strands + backdrop.number * 0.35
            points = []
            for at in range(CURVE_POINTS + 1):
                angle = math.tau * at / CURVE_POINTS
                radius = reach * (middle + swing * math.cos(waves * angle + phase))
                points.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
            draw.line(points, fill=(*mix(tones.base, colour, 0.86), 255), width=line, joint="curve")
    for share in (0.995, 0.965, 0.17):
        draw.ellipse(circle_box(x, y, reach * share), outline=(*tones.first, 255), width=line)
    draw.ellipse(circle_box(x, y, reach * 0.1), fill=(*tones.first, 255))


def _engraving(draw: ImageDraw, backdrop: Backdrop) -> None:
    """Draw mountains of lines under a sun with rings. The sun moves and sinks from card to card."""
    art, tones = backdrop.art.scale(SUPERSAMPLING), backdrop.tones
    chance = random.Random(backdrop.seed + backdrop.number // 2)
    line = _line_width(backdrop, 2.2)
    sun_x = art.left + art.width * (0.3 + 0.4 * backdrop.progress)
    sun_y = art.top + art.height * (0.2 + 0.16 * backdrop.progress)
    size = min(art.width, art.height) * 0.15
    for share in (1.9, 1.68, 1.48, 1.3):
        draw.ellipse(circle_box(sun_x, sun_y, size * share), outline=(*tones.second, 255), width=line)
    draw.ellipse(circle_box(sun_x, sun_y, size), fill=(*tones.first, 255))
    peaks = [(chance.uniform(0.05, 0.95), chance.uniform(0.09, 0.2), chance.uniform(0.4, 1.0)) for _ in range(5)]
    ripples = [(chance.uniform(18, 50), chance.uniform(0, math.tau)) for _ in range(3)]
    rows, columns = 26, 180
    outline = [sum(tall * math.exp(-(((at / columns - place) / wide) ** 2)) for place, wide, tall in peaks)
               for at in range(columns + 1)]
    top, highest = art.top + art.height * 0.46, max(outline)
    for row in range(rows):
        share = row / (rows - 1)
        swell = art.height * (0.38 * (1 - share) ** 1.6 + 0.012)
        points = []
        for at, height in enumerate(outline):
            ripple = sum(0.03 * math.sin(at / columns * pace + phase + row * 0.55) for pace, phase in ripples)
            y = top + (art.bottom - top) * share - swell * (height / highest + ripple)
            points.append((art.left + art.width * at / columns, y))
        draw.polygon([*points, (art.right, art.bottom), (art.left, art.bottom)], fill=(*tones.base, 255))
        draw.line(points, fill=(*mix(tones.second, tones.first, share), 255), width=line, joint="curve")


def _arches(draw: ImageDraw, backdrop: Backdrop) -> None:
    """Draw gates within gates. A disc in the innermost gate rises from card to card."""
    art, tones = backdrop.art.scale(SUPERSAMPLING), backdrop.tones
    chance = random.Random(backdrop.seed)
    height = min(art.height, art.width * 1.34)
    x, bottom = art.middle[0], art.middle[1] + height / 2
    gates = 5 + chance.randrange(2)
    colours = (tones.first, tones.base, tones.second, tones.base, tones.third, tones.base, tones.first)
    line = _line_width(backdrop, 2.4)
    for gate in range(gates):
        share = 1 - gate / gates * 0.8
        half, top = height * 0.37 * share, bottom - height * share
        colour = mix(tones.base, colours[(gate + backdrop.number) % len(colours)], 0.84)
        draw.pieslice((x - half, top, x + half, top + 2 * half), 180, 360, fill=(*colour, 255))
        draw.rectangle((x - half, top + half, x + half, bottom), fill=(*colour, 255))
        draw.arc((x - half, top, x + half, top + 2 * half), 180, 360, fill=(*tones.first, 255), width=line)
        for side in (x - half, x + half):
            draw.line((side, top + half, side, bottom), fill=(*tones.first, 255), width=line)
    disc = height * 0.045
    y = bottom - height * (0.06 + 0.1 * backdrop.progress) - disc
    draw.ellipse(circle_box(x, y, disc * 1.25), fill=(*tones.base, 255))
    draw.ellipse(circle_box(x, y, disc), fill=(*tones.line, 255))
    draw.line((x - height * 0.46, bottom, x + height * 0.46, bottom), fill=(*tones.first, 255), width=line * 2)


# One or two plain shapes in much free space.


def _disc(draw: ImageDraw, backdrop: Backdrop) -> None:
    """Draw discs, half discs or rings: one of five variants, another one on the next card."""
    art, tones = backdrop.art.scale(SUPERSAMPLING), backdrop.tones
    chance = random.Random(f"{backdrop.seed} {backdrop.number}")
    x, y = art.middle
    reach = min(art.width, art.height) * 0.44
    way = (backdrop.seed + backdrop.number) % 5
    first, second = (*tones.first, 255), (*tones.second, 255)
    if way == 0:
        draw.ellipse(circle_box(x, y, reach), fill=first)
        cut = y + reach * chance.uniform(-0.4, 0.4)
        width = _line_width(backdrop, 6)
        draw.line((x - reach * 1.15, cut, x + reach * 1.15, cut), fill=(*tones.base, 255), width=width)
    elif way == 1:
        draw.ellipse(circle_box(x - reach * 0.3, y + reach * 0.18, reach * 0.8), fill=second)
        draw.ellipse(circle_box(x + reach * 0.42, y - reach * 0.3, reach * 0.56), fill=first)
    elif way == 2:
        turn = chance.choice((0, 90, 180, 270))
        draw.ellipse(circle_box(x, y, reach), fill=second)
        draw.pieslice(circle_box(x, y, reach), turn, turn + 180, fill=first)
    elif way == 3:
        draw.ellipse(circle_box(x, y, reach), outline=first, width=round(reach * 0.2))
        draw.ellipse(circle_box(x + reach * 0.9, y + reach * 0.9, reach * 0.1), fill=(*tones.line, 255))
    else:
        for share, colour in ((1.0, second), (0.62, first), (0.2, (*tones.base, 255))):
            draw.ellipse(circle_box(x, y + reach * (1 - share), reach * share), fill=colour)


def _horizon(draw: ImageDraw, backdrop: Backdrop) -> None:
    """Draw a disc that rises over a line from card to card, and its reflection on water."""
    art, tones = backdrop.art.scale(SUPERSAMPLING), backdrop.tones
    chance = random.Random(f"{backdrop.seed} {backdrop.number}")
    reach = min(art.width, art.height) * 0.34
    line_y = art.top + art.height * 0.66
    x = art.left + art.width * (0.38 + 0.24 * chance.random())
    y = line_y + reach * (0.55 - 1.5 * backdrop.progress)
    draw.ellipse(circle_box(x, y, reach), fill=(*tones.first, 255))
    draw.rectangle((art.left, line_y, art.right, art.bottom + reach * 2), fill=(0, 0, 0, 0))
    line = _line_width(backdrop, 3)
    draw.line((art.left, line_y, art.right, line_y), fill=(*tones.line, 255), width=line)
    for row in range(5):
        below = line_y + (row + 1) * reach * 0.2
        wide = reach * (0.95 - row * 0.17) * chance.uniform(0.75, 1)
        draw.line((x - wide, below, x + wide, below), fill=(*tones.second, 255), width=line * 3)


def _stems(draw: ImageDraw, backdrop: Backdrop) -> None:
    """Draw thin stems of different heights. One of them blooms, another one on each card."""
    art, tones = backdrop.art.scale(SUPERSAMPLING), backdrop.tones
    chance = random.Random(f"{backdrop.seed} {backdrop.number}")
    count = 7
    line = _line_width(backdrop, 3)
    bottom = art.top + art.height * 0.92
    bloom = (backdrop.seed + backdrop.number * 2) % count
    for stem in range(count):
        x = art.left + art.width * (0.1 + 0.8 * stem / (count - 1))
        tall = art.height * chance.uniform(0.3, 0.6)
        blooms = stem == bloom
        if blooms:
            tall = art.height * 0.72
        draw.line((x, bottom - tall, x, bottom), fill=(*tones.line, 255), width=line)
        size = art.width * (0.1 if blooms else 0.022)
        colour = tones.first if blooms else tones.line
        if not blooms and chance.random() < 0.45:
            size, colour = art.width * 0.042, tones.second
        draw.ellipse(circle_box(x, bottom - tall, size), fill=(*colour, 255))
    draw.line((art.left, bottom, art.right, bottom), fill=(*tones.line, 255), width=line)


# Charts and networks, without figures.


def _bars(draw: ImageDraw, backdrop: Backdrop) -> None:
    """Draw a bar chart with one highlighted bar, under a line chart. The heights change from card to card."""
    art, tones = backdrop.art.scale(SUPERSAMPLING), backdrop.tones
    chance = random.Random(f"{backdrop.seed} {backdrop.number}")
    count = 6
    pitch = art.width / count
    bottom = art.bottom - art.height * 0.06
    lit = (backdrop.seed + backdrop.number) % count
    tops = []
    faint = (*mix(tones.base, tones.third, 0.45), 255)
    for guide in range(5):
        y = bottom - art.height * 0.21 * guide
        draw.line((art.left, y, art.right, y), fill=faint, width=_line_width(backdrop, 2))
    for column in range(count):
        rise = 0.2 + 0.5 * (column + 1) / count + chance.uniform(-0.13, 0.13)
        left, top = art.left + pitch * (column + 0.18), bottom - art.height * 0.86 * rise
        colour = tones.first if column == lit else mix(tones.light, tones.third, 0.8)
        draw.rectangle((left, top, left + pitch * 0.64, bottom), fill=(*colour, 255))
        tops.append((left + pitch * 0.32, top - art.height * 0.085 - chance.uniform(0, 0.05) * art.height))
    draw.line(tops, fill=(*tones.second, 255), width=_line_width(backdrop, 6), joint="curve")
    for x, y in tops:
        draw.ellipse(circle_box(x, y, _line_width(backdrop, 12)), fill=(*tones.second, 255))
        draw.ellipse(circle_box(x, y, _line_width(backdrop, 6)), fill=(*tones.light, 255))
    draw.line((art.left, bottom, art.right, bottom), fill=(*tones.line, 255), width=_line_width(backdrop, 4))


def _slopes(draw: ImageDraw, backdrop: Backdrop) -> None:
    """Draw slanting panels of different heights. The highest one moves by one from card to card."""
    art, tones = backdrop.art.scale(SUPERSAMPLING), backdrop.tones
    chance = random.Random(backdrop.seed)
    count, lean = 5, 0.34
    pitch = art.width / count
    wide = pitch * 0.86
    drop = wide * lean
    lead = (backdrop.seed + backdrop.number) % count
    colours = [tones.third, mix(tones.third, tones.light, 0.4), mix(tones.third, tones.first, 0.35), tones.second]
    for plane in range(count):
        tall = art.height * (0.34 + 0.46 * chance.random())
        colour = colours[(plane + chance.randrange(3)) % len(colours)]
        if plane == lead:
            tall, colour = art.height * 0.94, tones.first
        left, bottom = art.left + pitch * plane, art.bottom - chance.uniform(0, 0.05) * art.height
        top = bottom - tall
        points = [(left, top + drop), (left + wide, top), (left + wide, bottom - drop), (left, bottom)]
        draw.polygon(points, fill=(*colour, 255))
        fold = left + wide * 0.72
        shade = [(fold, top + drop * 0.28), points[1], points[2], (fold, bottom - drop * 0.72)]
        draw.polygon(shade, fill=(*mix(colour, tones.line, 0.16), 255))


def _network(draw: ImageDraw, backdrop: Backdrop) -> None:
    """Draw nodes with lines between neighbours. The highlighted nodes change from card to card."""
    art, tones = backdrop.art.scale(SUPERSAMPLING), backdrop.tones
    chance = random.Random(backdrop.seed)
    columns = 5
    pitch = art.width / columns
    rows = max(round(art.height / pitch), 2)
    places = []
    for row in range(rows):
        for column in range(columns):
            x = art.left + pitch * (column + 0.5 + chance.uniform(-0.26, 0.26))
            y = art.top + art.height / rows * (row + 0.5 + chance.uniform(-0.26, 0.26))
            places.append((x, y))
    for (ax, ay), (bx, by) in combinations(places, 2):
        if math.hypot(ax - bx, ay - by) < pitch * 1.28:
            draw.line((ax, ay, bx, by), fill=(*mix(tones.base, tones.third, 0.85), 255), width=_line_width(backdrop, 3))
    lights = random.Random(f"{backdrop.seed} {backdrop.number}")
    lit = lights.sample(range(len(places)), min(5, len(places)))
    for index, (x, y) in enumerate(places):
        size = pitch * (0.09 + 0.05 * ((index * 7 + backdrop.seed) % 3))
        colour = mix(tones.third, tones.first, 0.25)
        if index in lit:
            size, colour = pitch * 0.21, tones.first if index != lit[0] else tones.second
            draw.ellipse(circle_box(x, y, size * 1.4), outline=(*colour, 255), width=_line_width(backdrop, 3))
        draw.ellipse(circle_box(x, y, size), fill=(*colour, 255))


_ORNAMENTS: dict[Motif, Callable[[ImageDraw, Backdrop], None]] = {
    "tiles": _tiles, "orbits": _orbits, "hills": _hills,
    "rosette": _rosette, "engraving": _engraving, "arches": _arches,
    "disc": _disc, "horizon": _horizon, "stems": _stems,
    "bars": _bars, "slopes": _slopes, "network": _network,
}
