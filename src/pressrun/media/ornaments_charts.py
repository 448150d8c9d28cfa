"""Ornaments of a business: charts, planes and networks. They show no figures."""

from __future__ import annotations

import math
import random
from itertools import combinations
from typing import TYPE_CHECKING

from pressrun.media.backdrop import SMOOTH, Scenery
from pressrun.media.ornaments_lines import stroke
from pressrun.media.palette import mixed
from pressrun.media.shapes import around

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw


def bars(draw: ImageDraw, scenery: Scenery) -> None:
    """Columns that rise, one of them lit, under a line with its points."""
    art, tones = scenery.art.scaled(SMOOTH), scenery.tones
    chance = random.Random(f"{scenery.seed} {scenery.number}")
    count = 6
    pitch = art.width / count
    bottom = art.bottom - art.height * 0.06
    lit = (scenery.seed + scenery.number) % count
    tops = []
    faint = (*mixed(tones.base, tones.third, 0.45), 255)
    for guide in range(5):
        y = bottom - art.height * 0.21 * guide
        draw.line((art.left, y, art.right, y), fill=faint, width=stroke(scenery, 2))
    for column in range(count):
        rise = 0.2 + 0.5 * (column + 1) / count + chance.uniform(-0.13, 0.13)
        left, top = art.left + pitch * (column + 0.18), bottom - art.height * 0.86 * rise
        colour = tones.first if column == lit else mixed(tones.light, tones.third, 0.8)
        draw.rectangle((left, top, left + pitch * 0.64, bottom), fill=(*colour, 255))
        tops.append((left + pitch * 0.32, top - art.height * 0.085 - chance.uniform(0, 0.05) * art.height))
    draw.line(tops, fill=(*tones.second, 255), width=stroke(scenery, 6), joint="curve")
    for x, y in tops:
        draw.ellipse(around(x, y, stroke(scenery, 12)), fill=(*tones.second, 255))
        draw.ellipse(around(x, y, stroke(scenery, 6)), fill=(*tones.light, 255))
    draw.line((art.left, bottom, art.right, bottom), fill=(*tones.line, 255), width=stroke(scenery, 4))


def slopes(draw: ImageDraw, scenery: Scenery) -> None:
    """Slanting planes side by side, each another height; on every card the next one leads."""
    art, tones = scenery.art.scaled(SMOOTH), scenery.tones
    chance = random.Random(scenery.seed)
    count, lean = 5, 0.34
    pitch = art.width / count
    wide = pitch * 0.86
    drop = wide * lean
    lead = (scenery.seed + scenery.number) % count
    colours = [tones.third, mixed(tones.third, tones.light, 0.4), mixed(tones.third, tones.first, 0.35), tones.second]
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
        draw.polygon(shade, fill=(*mixed(colour, tones.line, 0.16), 255))


def network(draw: ImageDraw, scenery: Scenery) -> None:
    """Places and the lines between neighbours; a few of them are lit, others on every card."""
    art, tones = scenery.art.scaled(SMOOTH), scenery.tones
    chance = random.Random(scenery.seed)
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
            draw.line((ax, ay, bx, by), fill=(*mixed(tones.base, tones.third, 0.85), 255), width=stroke(scenery, 3))
    lights = random.Random(f"{scenery.seed} {scenery.number}")
    lit = lights.sample(range(len(places)), min(5, len(places)))
    for index, (x, y) in enumerate(places):
        size = pitch * (0.09 + 0.05 * ((index * 7 + scenery.seed) % 3))
        colour = mixed(tones.third, tones.first, 0.25)
        if index in lit:
            size, colour = pitch * 0.21, tones.first if index != lit[0] else tones.second
            draw.ellipse(around(x, y, size * 1.4), outline=(*colour, 255), width=stroke(scenery, 3))
        draw.ellipse(around(x, y, size), fill=(*colour, 255))
