"""The pictures behind the voice: title card, a card per scene, end card; the thumbnail; the card of the short.

Every measure is in units of 1/1080 of the shorter side. Text keeps 6 % from every edge, and the band of the captions
stays empty on every card.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypedDict

from pressrun.media.backdrop import Box, Scenery, backdrop
from pressrun.media.excerpts import main_title
from pressrun.media.fonts import Fonts, is_right_to_left
from pressrun.media.resolution import Shape
from pressrun.media.shapes import dot, rounded
from pressrun.media.style import Colour, Palette, Style, seed_of
from pressrun.media.typeset import Measure, Setting, ellipsized, fit

if TYPE_CHECKING:
    from PIL.Image import Image

MARGIN = 120
"""Units kept free at the left and right of a wide picture."""
TALL_MARGIN = 84
TEXT_SHARE = 0.545
"""Of the width between the margins that text takes where an ornament stands beside it."""
CONTENT = (104, 800)
"""Units from the top between which a wide card has its text; captions begin below."""
TALL_TEXT, TALL_ART = (0.1, 0.4), (0.42, 0.6)
"""The same of a tall card, and of its ornament, as shares of the height."""
RULE = (96, 8)
"""Width and height of the short line under a title, in units."""
THUMBNAIL_TITLE, NAME = 24, 56
"""Characters up to which a title stands whole on the thumbnail, and on all other pictures but the title card."""


@dataclass(frozen=True)
class Look:
    """What all pictures of one book share."""

    shape: Shape
    style: Style
    fonts: Fonts
    palette: Palette
    motif: str
    seed: int
    right_to_left: bool

    @property
    def margin(self) -> int:
        return self.shape.px(TALL_MARGIN if self.shape.tall else MARGIN)

    def columns(self) -> tuple[Box, Box]:
        """The box of the text and that of the ornament, side by side, and in a tall picture one over the other.

        In right-to-left scripts they change sides.
        """
        shape, margin = self.shape, self.margin
        if shape.tall:
            (above, below), (start, end) = TALL_TEXT, TALL_ART
            left, right = margin, shape.width - margin
            return (
                Box(left, shape.height * above, right, shape.height * below),
                Box(left, shape.height * start, right, shape.height * end),
            )
        top, bottom = shape.px(CONTENT[0]), shape.px(CONTENT[1])
        inner = shape.width - 2 * margin
        text, gap = inner * TEXT_SHARE, inner * 0.07
        if self.right_to_left:
            return (
                Box(shape.width - margin - text, top, shape.width - margin, bottom),
                Box(margin, top, shape.width - margin - text - gap, bottom),
            )
        return Box(margin, top, margin + text, bottom), Box(margin + text + gap, top, shape.width - margin, bottom)


@dataclass
class Canvas:
    """A picture under way: where the next line of text goes."""

    look: Look
    image: Image
    box: Box
    y: float

    def text(self, setting: Setting, fonts_text: str, colour: Colour, *, bold: bool) -> None:
        """Draws the lines of `setting` from the top, at the side where their script begins."""
        from PIL import ImageDraw

        draw = ImageDraw.Draw(self.image)
        font = self.look.fonts.pick(fonts_text, bold=bold).at(setting.size, bold=bold)
        right = self.look.right_to_left
        for line in setting.lines:
            # "ls" and "rs" hang the text by its baseline, so that lines keep their distance whatever letters they have.
            x, anchor = (self.box.right, "rs") if right else (self.box.left, "ls")
            baseline = self.y + (setting.line_height + setting.size * 0.72) / 2
            draw.text((x, baseline), line, font=font, fill=colour, anchor=anchor, **shaping(line, right))
            self.y += setting.line_height

    def rule(self, colour: Colour) -> None:
        width, height = self.look.shape.px(RULE[0]), max(self.look.shape.px(RULE[1]), 2)
        left = self.box.right - width if self.look.right_to_left else self.box.left
        rounded(self.image, (left, self.y, left + width, self.y + height), height / 2, colour)
        self.y += height

    def space(self, units: float) -> None:
        self.y += self.look.shape.px(units)


def make_look(shape: Shape, style: Style, fonts: Fonts, book_title: str, right_to_left: bool) -> Look:
    seed = seed_of(book_title)
    return Look(shape, style, fonts, style.palette_for(seed), style.motif_for(seed), seed, right_to_left)


class Shaping(TypedDict, total=False):
    direction: Literal["ltr", "rtl"]


def shaping(text: str, right_to_left: bool) -> Shaping:
    """Keywords for Pillow: the direction of the paragraph, where Raqm can use it."""
    from PIL import features

    if not features.check("raqm"):
        return {}
    return {"direction": "rtl" if is_right_to_left(text, right_to_left) else "ltr"}


def title_card(look: Look, title: str, author: str) -> Image:
    text, _ = look.columns()
    canvas = _canvas(look, text, 0, 0.0)
    scale = look.style.type
    name = _set(look, title, scale.title, text.width, look.shape.px(520), bold=True, leading=scale.leading)
    by = _set(look, author, scale.author, text.width, look.shape.px(120), bold=False, leading=1.3, most_lines=2)
    total = name.height + look.shape.px(36 + RULE[1] + 30) + by.height
    canvas.y = text.top + (text.height - total) / 2
    canvas.text(name, title, look.palette.text, bold=True)
    canvas.space(36)
    canvas.rule(look.palette.accent)
    canvas.space(30)
    canvas.text(by, author, look.palette.muted, bold=False)
    return canvas.image


def scene_card(look: Look, number: int, total: int, heading: str, key_line: str, running: str) -> Image:
    """Card `number` of `total` scenes, counted from 1; `running` is the line at the head of the page."""
    text, _ = look.columns()
    canvas = _canvas(look, text, number, number / (total + 1))
    scale, shape = look.style.type, look.shape
    _running_head(canvas, running)
    count = f"{number}"
    label = _set(look, count, (scale.number, scale.number), text.width, shape.px(80), bold=True, leading=1.2)
    head = _set(look, heading, scale.heading, text.width, shape.px(330), bold=True, leading=scale.leading)
    width, leading = text.width * 0.94, scale.text_leading
    quote = _set(look, key_line, scale.key_line, width, shape.px(220), bold=False, leading=leading)
    block = label.height + shape.px(14) + head.height + (shape.px(40 + RULE[1] + 28) + quote.height if key_line else 0)
    canvas.y = max(text.top + shape.px(70), text.top + (text.height - block) / 2 + shape.px(20))
    _number(canvas, label, number, total)
    canvas.space(14)
    canvas.text(head, heading, look.palette.text, bold=True)
    if key_line:
        canvas.space(40)
        canvas.rule(look.palette.accent)
        canvas.space(28)
        canvas.text(quote, key_line, look.palette.muted, bold=False)
    return canvas.image


def end_card(look: Look, title: str, author: str, headings: tuple[str, ...]) -> Image:
    """The title once more, and what the video was about as a list."""
    title = main_title(title, NAME)
    text, _ = look.columns()
    canvas = _canvas(look, text, len(headings) + 1, 1.0)
    scale, shape = look.style.type, look.shape
    name = _set(look, title, (64, 34), text.width, shape.px(160), bold=True, leading=scale.leading, most_lines=2)
    by = _set(look, author, (34, 26), text.width, shape.px(50), bold=False, leading=1.3, most_lines=1)
    indent = shape.px(64)
    width = text.width - indent
    rows = [
        _set(look, each, (38, 26), width, shape.px(50), bold=False, leading=1.45, most_lines=1) for each in headings
    ]
    room = text.height - name.height - by.height - shape.px(110)
    row_height = min(shape.px(58), round(room / max(len(rows), 1)))
    total = name.height + by.height + shape.px(40 + RULE[1] + 34) + row_height * len(rows)
    canvas.y = text.top + max((text.height - total) / 2, 0)
    canvas.text(name, title, look.palette.text, bold=True)
    canvas.space(6)
    canvas.text(by, author, look.palette.muted, bold=False)
    canvas.space(34)
    canvas.rule(look.palette.accent)
    canvas.space(34)
    for number, (row, heading) in enumerate(zip(rows, headings, strict=True), 1):
        _list_row(canvas, number, row, heading, indent, row_height)
    return canvas.image


def thumbnail_picture(look: Look, title: str, author: str) -> Image:
    """Readable at 160 pixels: few words, as large as they go."""
    title = main_title(title, THUMBNAIL_TITLE)
    shape, palette = look.shape, look.palette
    margin = shape.px(84)
    inner = shape.width - 2 * margin
    text = Box(margin, margin, margin + inner * 0.63, shape.height - margin)
    art = Box(margin + inner * 0.68, 0, shape.width, shape.height)
    if look.right_to_left:
        text = Box(shape.width - margin - inner * 0.63, text.top, shape.width - margin, text.bottom)
        art = Box(0, 0, margin + inner * 0.32, shape.height)
    image = backdrop(Scenery(shape, palette, look.motif, look.seed, art, 0.6, 1, ground=0.86))
    canvas = Canvas(look, image, text, text.top)
    name = _set(look, title, (220, 72), text.width, shape.px(700), bold=True, leading=1.1, most_lines=5)
    by = _set(look, author, (64, 48), text.width, shape.px(90), bold=False, leading=1.3, most_lines=1)
    total = name.height + shape.px(40 + 14 + 30) + by.height
    canvas.y = (shape.height - total) / 2
    canvas.text(name, title, palette.text, bold=True)
    canvas.space(40)
    canvas.rule(palette.accent)
    canvas.space(30)
    canvas.text(by, author, palette.accent, bold=False)
    return image


def short_card(look: Look, title: str, author: str) -> Image:
    """The tall card: title above, ornament in the middle, and the lower middle left to the captions.

    Text keeps clear of the top 11 % and the bottom 20 %, which phones cover with their own buttons.
    """
    title = main_title(title, NAME)
    shape, palette = look.shape, look.palette
    margin = look.margin
    text = Box(margin, shape.height * 0.12, shape.width - margin, shape.height * 0.3)
    art = Box(margin, shape.height * 0.335, shape.width - margin, shape.height * 0.585)
    image = backdrop(Scenery(shape, palette, look.motif, look.seed, art, 0.7, 2, ground=0.6))
    canvas = Canvas(look, image, text, text.top)
    height, leading = text.height - shape.px(110), look.style.type.leading
    name = _set(look, title, (92, 40), text.width, height, bold=True, leading=leading)
    by = _set(look, author, (42, 30), text.width, shape.px(60), bold=False, leading=1.3, most_lines=1)
    canvas.text(name, title, palette.text, bold=True)
    canvas.space(24)
    canvas.rule(palette.accent)
    canvas.space(18)
    canvas.text(by, author, palette.muted, bold=False)
    return canvas.image


def _canvas(look: Look, text: Box, number: int, step: float) -> Canvas:
    _, art = look.columns()
    image = backdrop(Scenery(look.shape, look.palette, look.motif, look.seed, art, step, number))
    return Canvas(look, image, text, text.top)


def _set(
    look: Look, text: str, sizes: tuple[int, int], width: float, height: float, *, bold: bool, leading: float,
    most_lines: int = 99,
) -> Setting:
    face = look.fonts.pick(text, bold=bold)
    pixels = (max(look.shape.px(sizes[0]), 1), max(look.shape.px(sizes[1]), 1))

    def measure_at(size: int) -> Measure:
        return face.at(size, bold=bold).getlength

    return fit(face.drawable(text), measure_at, pixels, width, height, leading, most_lines)


def _running_head(canvas: Canvas, text: str) -> None:
    """The book's name, small, at the head of the page."""
    look = canvas.look
    size = max(look.shape.px(look.style.type.running), 1)
    face = look.fonts.pick(text)
    line = ellipsized(face.drawable(text), face.at(size).getlength, canvas.box.width)
    canvas.y = look.shape.px(CONTENT[0] - 14)
    canvas.text(Setting((line,), size, round(size * 1.3)), text, look.palette.muted, bold=False)


def _number(canvas: Canvas, label: Setting, number: int, total: int) -> None:
    """The number of the scene, and a row of dots that says how far the video is."""
    look = canvas.look
    middle = canvas.y + label.line_height / 2
    canvas.text(label, str(number), look.palette.accent, bold=True)
    radius, distance = max(look.shape.unit * 7, 1), look.shape.px(30)
    width = look.fonts.pick(str(number), bold=True).at(label.size, bold=True).getlength(str(number))
    for index in range(total):
        offset = width + look.shape.px(36) + index * distance
        x = canvas.box.right - offset if look.right_to_left else canvas.box.left + offset
        if index < number:
            dot(canvas.image, x, middle, radius, look.palette.accent)
        else:
            dot(canvas.image, x, middle, radius * 0.6, look.palette.muted)


def _list_row(canvas: Canvas, number: int, row: Setting, heading: str, indent: int, height: int) -> None:
    look = canvas.look
    outer, top = canvas.box, canvas.y
    canvas.text(Setting((str(number),), row.size, height), str(number), look.palette.accent, bold=True)
    canvas.y = top
    left, right = (outer.left, outer.right - indent) if look.right_to_left else (outer.left + indent, outer.right)
    canvas.box = Box(left, outer.top, right, outer.bottom)
    canvas.text(Setting(row.lines, row.size, height), heading, look.palette.text, bold=False)
    canvas.box, canvas.y = outer, top + height
