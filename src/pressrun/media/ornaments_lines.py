"""Ornaments of fine lines, as engravers cut them."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

from pressrun.media.backdrop import SMOOTH, Scenery
from pressrun.media.palette import mixed
from pressrun.media.shapes import around

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

POINTS = 720
"""Of a closed curve."""


def stroke(scenery: Scenery, units: float) -> int:
    return max(round(scenery.shape.unit * units * SMOOTH), 1)


def rosette(draw: ImageDraw, scenery: Scenery) -> None:
    """A wreath of waves around a centre, as on banknotes; on every card it has turned and opened a little."""
    art, tones = scenery.art.scaled(SMOOTH), scenery.tones
    x, y = art.middle
    reach = min(art.width, art.height) / 2
    chance = random.Random(scenery.seed)
    petals = chance.choice((6, 8, 9, 10, 12)) + scenery.number % 3
    line = stroke(scenery, 2.4)
    rings = (
        (0.86, 0.13, petals * 2, tones.first, 7),
        (0.6, 0.14, petals, tones.second, 6),
        (0.33, 0.12, petals, tones.first, 5),
    )
    for middle, swing, waves, colour, strands in rings:
        for strand in range(strands):
            phase = math.tau * strand / strands + scenery.number * 0.35
            points = []
            for at in range(POINTS + 1):
                angle = math.tau * at / POINTS
                radius = reach * (middle + swing * math.cos(waves * angle + phase))
                points.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
            draw.line(points, fill=(*mixed(tones.base, colour, 0.86), 255), width=line, joint="curve")
    for share in (0.995, 0.965, 0.17):
        draw.ellipse(around(x, y, reach * share), outline=(*tones.first, 255), width=line)
    draw.ellipse(around(x, y, reach * 0.1), fill=(*tones.first, 255))


def engraving(draw: ImageDraw, scenery: Scenery) -> None:
    """Mountains cut in lines under a sun that sinks from card to card, in an oval frame."""
    art, tones = scenery.art.scaled(SMOOTH), scenery.tones
    chance = random.Random(scenery.seed + scenery.number // 2)
    line = stroke(scenery, 2.2)
    sun_x = art.left + art.width * (0.3 + 0.4 * scenery.step)
    sun_y = art.top + art.height * (0.2 + 0.16 * scenery.step)
    size = min(art.width, art.height) * 0.15
    for share in (1.9, 1.68, 1.48, 1.3):
        draw.ellipse(around(sun_x, sun_y, size * share), outline=(*tones.second, 255), width=line)
    draw.ellipse(around(sun_x, sun_y, size), fill=(*tones.first, 255))
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
        draw.line(points, fill=(*mixed(tones.second, tones.first, share), 255), width=line, joint="curve")


def arches(draw: ImageDraw, scenery: Scenery) -> None:
    """Gates within gates, with a disc that rises in the innermost."""
    art, tones = scenery.art.scaled(SMOOTH), scenery.tones
    chance = random.Random(scenery.seed)
    height = min(art.height, art.width * 1.34)
    x, bottom = art.middle[0], art.middle[1] + height / 2
    gates = 5 + chance.randrange(2)
    colours = (tones.first, tones.base, tones.second, tones.base, tones.third, tones.base, tones.first)
    line = stroke(scenery, 2.4)
    for gate in range(gates):
        share = 1 - gate / gates * 0.8
        half, top = height * 0.37 * share, bottom - height * share
        colour = mixed(tones.base, colours[(gate + scenery.number) % len(colours)], 0.84)
        draw.pieslice((x - half, top, x + half, top + 2 * half), 180, 360, fill=(*colour, 255))
        draw.rectangle((x - half, top + half, x + half, bottom), fill=(*colour, 255))
        draw.arc((x - half, top, x + half, top + 2 * half), 180, 360, fill=(*tones.first, 255), width=line)
        for side in (x - half, x + half):
            draw.line((side, top + half, side, bottom), fill=(*tones.first, 255), width=line)
    disc = height * 0.045
    y = bottom - height * (0.06 + 0.1 * scenery.step) - disc
    draw.ellipse(around(x, y, disc * 1.25), fill=(*tones.base, 255))
    draw.ellipse(around(x, y, disc), fill=(*tones.line, 255))
    draw.line((x - height * 0.46, bottom, x + height * 0.46, bottom), fill=(*tones.first, 255), width=line * 2)
