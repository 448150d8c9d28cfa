"""Ornaments of one or two plain shapes in much free space."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from pressrun.media.backdrop import SMOOTH, Scenery
from pressrun.media.ornaments_lines import stroke
from pressrun.media.shapes import around

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw


def disc(draw: ImageDraw, scenery: Scenery) -> None:
    """A disc and its shadow, its half or its ring: each card another of five ways."""
    art, tones = scenery.art.scaled(SMOOTH), scenery.tones
    chance = random.Random(f"{scenery.seed} {scenery.number}")
    x, y = art.middle
    reach = min(art.width, art.height) * 0.44
    way = (scenery.seed + scenery.number) % 5
    first, second = (*tones.first, 255), (*tones.second, 255)
    if way == 0:
        draw.ellipse(around(x, y, reach), fill=first)
        cut = y + reach * chance.uniform(-0.4, 0.4)
        draw.line((x - reach * 1.15, cut, x + reach * 1.15, cut), fill=(*tones.base, 255), width=stroke(scenery, 6))
    elif way == 1:
        draw.ellipse(around(x - reach * 0.3, y + reach * 0.18, reach * 0.8), fill=second)
        draw.ellipse(around(x + reach * 0.42, y - reach * 0.3, reach * 0.56), fill=first)
    elif way == 2:
        turn = chance.choice((0, 90, 180, 270))
        draw.ellipse(around(x, y, reach), fill=second)
        draw.pieslice(around(x, y, reach), turn, turn + 180, fill=first)
    elif way == 3:
        draw.ellipse(around(x, y, reach), outline=first, width=round(reach * 0.2))
        draw.ellipse(around(x + reach * 0.9, y + reach * 0.9, reach * 0.1), fill=(*tones.line, 255))
    else:
        for share, colour in ((1.0, second), (0.62, first), (0.2, (*tones.base, 255))):
            draw.ellipse(around(x, y + reach * (1 - share), reach * share), fill=colour)


def horizon(draw: ImageDraw, scenery: Scenery) -> None:
    """A disc that rises over a line, and what the water throws back of it."""
    art, tones = scenery.art.scaled(SMOOTH), scenery.tones
    chance = random.Random(f"{scenery.seed} {scenery.number}")
    reach = min(art.width, art.height) * 0.34
    line_y = art.top + art.height * 0.66
    x = art.left + art.width * (0.38 + 0.24 * chance.random())
    y = line_y + reach * (0.55 - 1.5 * scenery.step)
    draw.ellipse(around(x, y, reach), fill=(*tones.first, 255))
    draw.rectangle((art.left, line_y, art.right, art.bottom + reach * 2), fill=(0, 0, 0, 0))
    line = stroke(scenery, 3)
    draw.line((art.left, line_y, art.right, line_y), fill=(*tones.line, 255), width=line)
    for row in range(5):
        below = line_y + (row + 1) * reach * 0.2
        wide = reach * (0.95 - row * 0.17) * chance.uniform(0.75, 1)
        draw.line((x - wide, below, x + wide, below), fill=(*tones.second, 255), width=line * 3)


def stems(draw: ImageDraw, scenery: Scenery) -> None:
    """Thin stems of different height, one of them in flower."""
    art, tones = scenery.art.scaled(SMOOTH), scenery.tones
    chance = random.Random(f"{scenery.seed} {scenery.number}")
    count = 7
    line = stroke(scenery, 3)
    bottom = art.top + art.height * 0.92
    bloom = (scenery.seed + scenery.number * 2) % count
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
        draw.ellipse(around(x, bottom - tall, size), fill=(*colour, 255))
    draw.line((art.left, bottom, art.right, bottom), fill=(*tones.line, 255), width=line)
