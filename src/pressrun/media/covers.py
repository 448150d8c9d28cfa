"""The cover of a book: the user's own, or one drawn from title, author and the colours of the style."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.media.backdrop import Backdrop, draw_glow
from pressrun.media.canvas import Canvas, draw_stack, paragraph, rule
from pressrun.media.geometry import Box, Shape, nearest_even
from pressrun.media.look import Look
from pressrun.media.ornaments import draw_ornament
from pressrun.media.palette import Inks, Tones, luminance, mix
from pressrun.media.pictures import read_picture
from pressrun.media.text import main_title

if TYPE_CHECKING:
    from PIL.Image import Image

ASPECT_RATIO = 1.5
"""Height of a cover divided by its width."""
MAX_TITLE_CHARS = 56
"""A longer title is shown without its subtitle."""


def make_cover(look: Look, title: str, author: str, own: Path | None) -> Image:
    """Return the cover as RGB, as high as the shorter side of the frame.

    `own` is the user's file, or None to draw a cover. Raises `RenderError` if the file is broken.
    """
    height = nearest_even(min(look.shape.width, look.shape.height))
    shape = Shape(nearest_even(height / ASPECT_RATIO), height)
    if own is not None:
        return read_picture(own, (shape.width, shape.height), look.palette.light)
    return _draw_cover(replace(look, shape=shape), title, author)


def _draw_cover(look: Look, title: str, author: str) -> Image:
    from PIL import Image

    shape = look.shape
    tones, inks = _choose_colours(look)
    side = shape.width * 0.1
    art = Box(side, shape.height * 0.5, shape.width - side, shape.height * 0.84)
    backdrop = Backdrop(shape, tones, look.motif, look.seed, art, progress=0.6, number=0, horizon=0.72)
    picture = draw_glow(backdrop)
    draw_ornament(picture, backdrop)
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    title_box = Box(side, shape.height * 0.08, shape.width - side, shape.height * 0.46)
    canvas = Canvas(look, layer, title_box, inks)
    if look.style.layout.border:
        _draw_border(canvas)
        title_box = canvas.box = Box(side * 1.2, shape.height * 0.1, shape.width - side * 1.2, shape.height * 0.46)
    name = main_title(title, MAX_TITLE_CHARS)
    width, height = title_box.width, title_box.height - shape.px(70)
    blocks = [*paragraph(look, name, (150, 34), width, height, "heading", "text"), *rule(look, 34, 8)]
    draw_stack(canvas, blocks, 0.5 if canvas.centred else 0.0)
    canvas.box = Box(title_box.left, shape.height * 0.855, title_box.right, shape.height * 0.945)
    draw_stack(canvas, paragraph(look, author, (54, 26), width, canvas.box.height, "text", "muted", 2), 0.6)
    straight = Image.frombytes("RGBa", layer.size, layer.tobytes()).convert("RGBA")
    picture.paste(straight, (0, 0), straight)
    return picture


def _choose_colours(look: Look) -> tuple[Tones, Inks]:
    """Return colours that set the cover apart from the card under it."""
    palette, layout = look.palette, look.style.layout
    if layout.drawn == "split" and layout.panel == "deep":
        # The card beside a deep panel has the ground colour, so the cover is deep.
        return Tones.on_deep(palette), Inks.on_deep(palette)
    if layout.drawn == "split" or luminance(palette.light) > 0.4:
        # The card is deep, or the style is light: the cover has the ground colour, slightly brighter.
        tones = Tones.on_ground(palette)
        return replace(tones, base=mix(palette.ground, palette.light, 0.55)), Inks.on_ground(palette)
    # The card is dark: the cover has the accent colour.
    bright = mix(palette.accent, (255, 255, 255), 0.22)
    tones = Tones(palette.accent, bright, palette.deep, palette.second, palette.third, palette.on_accent)
    soft = mix(palette.on_accent, palette.accent, 0.14)
    return tones, Inks(palette.on_accent, soft, palette.deep, palette.accent)


def _draw_border(canvas: Canvas) -> None:
    from PIL import ImageDraw

    shape = canvas.look.shape
    draw = ImageDraw.Draw(canvas.layer)
    for share, units in ((0.04, 6), (0.058, 2)):
        off = round(shape.width * share)
        inner = (off, off, shape.width - off - 1, shape.height - off - 1)
        draw.rectangle(inner, outline=(*canvas.inks.mark, 255), width=max(shape.px(units), 1))
