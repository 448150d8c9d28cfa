"""Text set on a card: a stack of lines, rules and numbers, drawn on a layer of their own that stands still."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pressrun.media.backdrop import Box
from pressrun.media.fonts import Face
from pressrun.media.look import Look, shaping
from pressrun.media.palette import Colour, Inks
from pressrun.media.shapes import dot, rounded
from pressrun.media.shot import Overlay
from pressrun.media.typeset import Measure, Setting, ellipsized, fit

if TYPE_CHECKING:
    from PIL.Image import Image

Role = Literal["heading", "text", "thumbnail"]
BAR = (96, 8)
"""Width and height in units of the short line under a heading."""
STRIP = 58
"""Height in units of the strip with book and author."""
BASELINE = 0.72
"""How far below the middle of a line its baseline lies, as a multiple of half the size: a capital is as high."""


@dataclass
class Page:
    """A layer under way. Its pixels are premultiplied: it begins empty, and Pillow blends all four channels alike."""

    look: Look
    layer: Image
    box: Box
    inks: Inks
    y: float = 0.0

    @property
    def centred(self) -> bool:
        return self.look.style.layout.align == "center"

    def start_of(self, width: float) -> float:
        """The left edge of something `width` wide, at the side where lines begin."""
        if self.centred:
            return (self.box.left + self.box.right - width) / 2
        return self.box.right - width if self.look.right_to_left else self.box.left

    def lines(self, setting: Setting, text: str, colour: Colour, role: Role) -> None:
        """Draws the lines of `setting`, which `text` was set to, from `y` down."""
        from PIL import ImageDraw

        draw = ImageDraw.Draw(self.layer)
        font = face_for(self.look, text, role).at(setting.size, bold=is_bold(self.look, role))
        right = self.look.right_to_left
        x, anchor = (self.box.right, "rs") if right else (self.box.left, "ls")
        if self.centred:
            x, anchor = (self.box.left + self.box.right) / 2, "ms"
        for line in setting.lines:
            # Hung by the baseline ("s"), lines keep their distance whatever letters they have.
            baseline = self.y + (setting.line_height + setting.size * BASELINE) / 2
            draw.text((x, baseline), line, font=font, fill=(*colour, 255), anchor=anchor, **shaping(line, right))
            self.y += setting.line_height

    def rule(self) -> None:
        look, kind, colour = self.look, self.look.style.layout.rule, self.inks.mark
        height = rule_height(look)
        if kind == "bar":
            width = look.shape.px(BAR[0])
            self._line(width, self.y, height, colour, height / 2)
        elif kind == "hairline":
            self._line(look.shape.px(180), self.y, height, self.inks.text, 0)
        elif kind == "double":
            width, thin = look.shape.px(240), max(look.shape.px(2), 1)
            self._line(width, self.y, thin, colour, 0)
            self._line(width, self.y + height - thin, thin, colour, 0)
            dot(self.layer, self.start_of(width) + width / 2, self.y + height / 2, look.shape.unit * 9, colour)
        self.y += height

    def _line(self, width: float, top: float, height: float, colour: Colour, radius: float) -> None:
        left = self.start_of(width)
        rounded(self.layer, (left, top, left + width, top + height), radius, colour)


Part = tuple[float, Callable[[Page], None]]
"""A part of a stack: its height in pixels, and what draws it at `page.y`."""


def draw_stack(page: Page, parts: list[Part], anchor: float) -> tuple[float, float]:
    """Draws the parts one under the other, at the top of the box (`anchor` 0) to its foot (1): top and bottom."""
    total = sum(height for height, _ in parts)
    top = page.box.top + max((page.box.height - total) * anchor, 0)
    page.y = top
    for height, draw in parts:
        start = page.y
        draw(page)
        page.y = start + height
    return top, top + total


def space(look: Look, units: float) -> Part:
    return look.shape.px(units), lambda _page: None


def rule(look: Look, above: float, below: float) -> list[Part]:
    """The rule of the style with its distances in units; only some distance where it has none."""
    if look.style.layout.rule == "none":
        return [space(look, (above + below) * 0.6)]
    return [space(look, above), (rule_height(look), Page.rule), space(look, below)]


def rule_height(look: Look) -> int:
    units = {"bar": BAR[1], "hairline": 2.4, "double": 12, "none": 0}[look.style.layout.rule]
    return max(round(look.shape.unit * units), 2)


def paragraph(
    look: Look, text: str, sizes: tuple[int, int], width: float, height: float, role: Role,
    colour: Literal["text", "muted", "mark"], most_lines: int = 99,
) -> list[Part]:
    """`text` at the largest of `sizes` (units) that fits `width` and `height` (pixels); nothing for an empty text."""
    if not text:
        return []
    setting = set_text(look, text, sizes, width, height, role, most_lines)
    return [(setting.height, lambda page: page.lines(setting, text, getattr(page.inks, colour), role))]


def set_text(
    look: Look, text: str, sizes: tuple[int, int], width: float, height: float, role: Role, most_lines: int = 99,
) -> Setting:
    face = face_for(look, text, role)
    scale = look.style.type
    pixels = (max(look.shape.px(sizes[0]), 1), max(look.shape.px(sizes[1]), 1))

    def measure_at(size: int) -> Measure:
        return face.at(size, bold=is_bold(look, role)).getlength

    leading = scale.text_leading if role == "text" else scale.leading
    return fit(face.drawable(text), measure_at, pixels, width, height, leading, most_lines)


def single(look: Look, text: str, units: float, width: float, role: Role, leading: float = 1.3) -> Setting:
    """`text` in one line, cut where it is too long."""
    size = max(look.shape.px(units), 1)
    face = face_for(look, text, role)
    line = ellipsized(face.drawable(text), face.at(size, bold=is_bold(look, role)).getlength, width)
    return Setting((line,), size, round(size * leading))


def is_bold(look: Look, role: Role) -> bool:
    return role == "thumbnail" or (role == "heading" and look.style.type.heading_bold)


def face_for(look: Look, text: str, role: Role) -> Face:
    scale = look.style.type
    family = {"heading": scale.heading_font, "text": scale.text_font, "thumbnail": scale.thumbnail_font}[role]
    return look.fonts.pick(text, bold=is_bold(look, role), family=family)


def running(look: Look, text: str, width: float) -> list[Part]:
    """The book's name and author in one small line."""
    setting = single(look, text, look.style.type.running, width, "text")
    return [(setting.line_height, lambda page: page.lines(setting, text, page.inks.muted, "text"))]


def strip(look: Look, text: str, width: float) -> list[Part]:
    """The lower third: book and author on a strip of their own, with a mark at its start."""
    shape = look.shape
    bar, pad, height = shape.px(10), shape.px(24), shape.px(STRIP)
    setting = single(look, text, look.style.type.running, width - bar - 2 * pad, "text")
    font = face_for(look, text, "text").at(setting.size)
    wide = font.getlength(setting.lines[0]) + bar + 2 * pad

    def draw(page: Page) -> None:
        left = page.start_of(wide)
        rounded(page.layer, (left, page.y, left + wide, page.y + height), 0, page.look.palette.deep, 0.8)
        edge = left + wide - bar if look.right_to_left else left
        rounded(page.layer, (edge, page.y, edge + bar, page.y + height), 0, page.inks.mark)
        outer = page.box
        start = left + pad if look.right_to_left else left + bar + pad
        page.box = Box(start, outer.top, start + wide - bar - 2 * pad, outer.bottom)
        page.y += (height - setting.line_height) / 2
        page.lines(setting, text, page.inks.text, "text")
        page.box = outer

    return [(height, draw)]


def overlay_of(layer: Image) -> Overlay | None:
    """The layer cut to what is on it, at even places and of even size; None where nothing is."""
    from PIL import Image

    found = layer.getchannel("A").getbbox()
    if found is None:
        return None
    left, top = found[0] // 2 * 2, found[1] // 2 * 2
    right, bottom = min(-(-found[2] // 2) * 2, layer.width), min(-(-found[3] // 2) * 2, layer.height)
    part = layer.crop((left, top, right, bottom))
    straight = Image.frombytes("RGBa", part.size, part.tobytes()).convert("RGBA")
    return Overlay(straight, left, top)
