"""The cover of the book: the user's own, or one that we draw of title, author and the colours of the style."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.media.backdrop import Box, Scenery, Tones, backdrop, deep_tones, ground_tones
from pressrun.media.excerpts import main_title
from pressrun.media.look import Look
from pressrun.media.page import Page, draw_stack, paragraph, rule
from pressrun.media.palette import Inks, luminance, mixed, on_deep, on_ground
from pressrun.media.resolution import Shape, even

if TYPE_CHECKING:
    from PIL.Image import Image

RATIO = 1.5
"""Height of a cover by its width."""
LONGEST_TITLE = 56
"""Characters up to which a title stands on it with its subtitle."""


def cover_of(look: Look, title: str, author: str, own: Path | None) -> Image:
    """The cover as RGB, about as high as the frame's shorter side. Raises `RenderError` for a file that is broken."""
    from pressrun.media.pictures import read_picture

    height = even(min(look.shape.width, look.shape.height))
    shape = Shape(even(height / RATIO), height)
    if own is not None:
        return read_picture(own, (shape.width, shape.height), look.palette.light)
    return _drawn(replace(look, shape=shape), title, author)


def _drawn(look: Look, title: str, author: str) -> Image:
    from PIL import Image

    shape = look.shape
    tones, inks = _colours(look)
    side = shape.width * 0.1
    art = Box(side, shape.height * 0.5, shape.width - side, shape.height * 0.84)
    picture = backdrop(Scenery(shape, tones, look.motif, look.seed, art, 0.6, 0, ground=0.72))
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    title_box = Box(side, shape.height * 0.08, shape.width - side, shape.height * 0.46)
    page = Page(look, layer, title_box, inks)
    if look.style.layout.border:
        _border(page)
        title_box = page.box = Box(side * 1.2, shape.height * 0.1, shape.width - side * 1.2, shape.height * 0.46)
    name = main_title(title, LONGEST_TITLE)
    width, height = title_box.width, title_box.height - shape.px(70)
    parts = [*paragraph(look, name, (150, 34), width, height, "heading", "text"), *rule(look, 34, 8)]
    draw_stack(page, parts, 0.5 if page.centred else 0.0)
    page.box = Box(title_box.left, shape.height * 0.855, title_box.right, shape.height * 0.945)
    draw_stack(page, paragraph(look, author, (54, 26), width, page.box.height, "text", "muted", 2), 0.6)
    straight = Image.frombytes("RGBa", layer.size, layer.tobytes()).convert("RGBA")
    picture.paste(straight, (0, 0), straight)
    return picture


def _colours(look: Look) -> tuple[Tones, Inks]:
    """Covers stand out from what they lie on: light on the deep colour, deep on a light panel's other side, and on a
    dark ground in the accent.
    """
    palette, layout = look.palette, look.style.layout
    if layout.drawn == "split" and layout.panel == "deep":
        return deep_tones(palette), on_deep(palette)
    if layout.drawn == "split" or luminance(palette.light) > 0.4:
        tones = ground_tones(palette)
        return replace(tones, base=mixed(palette.ground, palette.light, 0.55)), on_ground(palette)
    bright = mixed(palette.accent, (255, 255, 255), 0.22)
    tones = Tones(palette.accent, bright, palette.deep, palette.second, palette.third, palette.on_accent)
    soft = mixed(palette.on_accent, palette.accent, 0.14)
    return tones, Inks(palette.on_accent, soft, palette.deep, palette.accent)


def _border(page: Page) -> None:
    from PIL import ImageDraw

    shape = page.look.shape
    draw = ImageDraw.Draw(page.layer)
    for share, units in ((0.04, 6), (0.058, 2)):
        off = round(shape.width * share)
        inner = (off, off, shape.width - off - 1, shape.height - off - 1)
        draw.rectangle(inner, outline=(*page.inks.mark, 255), width=max(shape.px(units), 1))
