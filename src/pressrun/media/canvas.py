"""Draw texts, rules and boxes on the layer of a card, as blocks that are stacked from top to bottom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pressrun.media.fonts import Face
from pressrun.media.geometry import Box, circle_box
from pressrun.media.look import Look, shaping_options
from pressrun.media.palette import Colour, Inks
from pressrun.media.shots import Overlay
from pressrun.media.typeset import Measure, TextSetting, fit_text, truncate

if TYPE_CHECKING:
    from PIL.Image import Image

Role = Literal["heading", "text", "thumbnail"]
BAR_SIZE = (96, 8)
"""Width and height in units of the short line under a heading."""
LOWER_THIRD_HEIGHT = 58
"""Height in units of the strip with book and author."""
BASELINE = 0.72
"""Distance from the middle of a line to its baseline, as a multiple of half the size: the height of a capital."""
SUPERSAMPLING = 4
"""Boxes and dots are drawn this many times larger and reduced, which smooths their edges. Pillow does not do that."""


@dataclass
class Canvas:
    """A transparent layer with a cursor. Its pixels are premultiplied, as it starts empty and Pillow blends RGBA so."""

    look: Look
    layer: Image
    box: Box
    """The area to draw in, in pixels."""
    inks: Inks
    y: float = 0.0
    """Top of the next block, in pixels."""

    @property
    def centred(self) -> bool:
        return self.look.style.layout.align == "center"

    def left_edge(self, width: float) -> float:
        """Return the left edge of an object `width` pixels wide, on the side where lines start."""
        if self.centred:
            return (self.box.left + self.box.right - width) / 2
        return self.box.right - width if self.look.right_to_left else self.box.left

    def draw_text(self, setting: TextSetting, text: str, colour: Colour, role: Role) -> None:
        """Draw the lines of `setting`, and move the cursor below them. `text` is what was set, to choose its font."""
        from PIL import ImageDraw

        draw = ImageDraw.Draw(self.layer)
        font = choose_face(self.look, text, role).at(setting.size, bold=is_bold(self.look, role))
        right = self.look.right_to_left
        x, anchor = (self.box.right, "rs") if right else (self.box.left, "ls")
        if self.centred:
            x, anchor = (self.box.left + self.box.right) / 2, "ms"
        for line in setting.lines:
            # Anchored at the baseline ("s"), so that lines keep their distance whatever letters they contain.
            baseline = self.y + (setting.line_height + setting.size * BASELINE) / 2
            options = shaping_options(line, right)
            draw.text((x, baseline), line, font=font, fill=(*colour, 255), anchor=anchor, **options)
            self.y += setting.line_height

    def draw_rule(self) -> None:
        """Draw the rule of the style, and move the cursor below it."""
        look, kind, colour = self.look, self.look.style.layout.rule, self.inks.mark
        height = rule_height(look)
        if kind == "bar":
            self._draw_line(look.shape.px(BAR_SIZE[0]), self.y, height, colour, height / 2)
        elif kind == "hairline":
            self._draw_line(look.shape.px(180), self.y, height, self.inks.text, 0)
        elif kind == "double":
            width, thin = look.shape.px(240), max(look.shape.px(2), 1)
            self._draw_line(width, self.y, thin, colour, 0)
            self._draw_line(width, self.y + height - thin, thin, colour, 0)
            draw_dot(self.layer, self.left_edge(width) + width / 2, self.y + height / 2, look.shape.unit * 9, colour)
        self.y += height

    def _draw_line(self, width: float, top: float, height: float, colour: Colour, radius: float) -> None:
        left = self.left_edge(width)
        draw_rounded_box(self.layer, (left, top, left + width, top + height), radius, colour)

    def to_overlay(self) -> Overlay | None:
        """Return the drawn part of the layer as an overlay, or None if nothing was drawn."""
        from PIL import Image

        drawn = self.layer.getchannel("A").getbbox()
        if drawn is None:
            return None
        # Overlays have even positions and sizes.
        left, top = drawn[0] // 2 * 2, drawn[1] // 2 * 2
        right, bottom = min(-(-drawn[2] // 2) * 2, self.layer.width), min(-(-drawn[3] // 2) * 2, self.layer.height)
        part = self.layer.crop((left, top, right, bottom))
        return Overlay(Image.frombytes("RGBa", part.size, part.tobytes()).convert("RGBA"), left, top)


Block = tuple[float, Callable[[Canvas], None]]
"""Part of a stack: its height in pixels, and a function that draws it at `canvas.y`."""


def stack_height(blocks: list[Block]) -> float:
    """Return the height of all blocks in pixels."""
    return sum(height for height, _ in blocks)


def draw_stack(canvas: Canvas, blocks: list[Block], anchor: float) -> tuple[float, float]:
    """Draw the blocks from top to bottom and return the top and bottom of the stack in pixels.

    `anchor` places the stack in the box of the canvas, from 0 (top) to 1 (bottom).
    """
    total = stack_height(blocks)
    top = canvas.box.top + max((canvas.box.height - total) * anchor, 0)
    canvas.y = top
    for height, draw in blocks:
        start = canvas.y
        draw(canvas)
        canvas.y = start + height
    return top, top + total


def space(look: Look, units: float) -> Block:
    """Return an empty block."""
    return look.shape.px(units), lambda _canvas: None


def rule(look: Look, above: float, below: float) -> list[Block]:
    """Return the rule of the style with space above and below, in units, or less space if the style has no rule."""
    if look.style.layout.rule == "none":
        return [space(look, (above + below) * 0.6)]
    return [space(look, above), (rule_height(look), Canvas.draw_rule), space(look, below)]


def rule_height(look: Look) -> int:
    """Return the height of the style's rule in pixels."""
    units = {"bar": BAR_SIZE[1], "hairline": 2.4, "double": 12, "none": 0}[look.style.layout.rule]
    return max(round(look.shape.unit * units), 2)


def paragraph(
    look: Look, text: str, sizes: tuple[int, int], width: float, height: float, role: Role,
    colour: Literal["text", "muted", "mark"], max_lines: int = 99,
) -> list[Block]:
    """Return `text` as a block of the largest size that fits, or no block if the text is empty.

    `sizes` are the largest and the smallest size in units, `width` and `height` the space in pixels.
    """
    if not text:
        return []
    face = choose_face(look, text, role)
    scale = look.style.type
    pixels = (max(look.shape.px(sizes[0]), 1), max(look.shape.px(sizes[1]), 1))

    def measure_at(size: int) -> Measure:
        return face.at(size, bold=is_bold(look, role)).getlength

    leading = scale.text_leading if role == "text" else scale.leading
    setting = fit_text(face.drawable(text), measure_at, pixels, width, height, leading, max_lines)
    return [(setting.height, lambda canvas: canvas.draw_text(setting, text, getattr(canvas.inks, colour), role))]


def set_line(look: Look, text: str, units: float, width: float, role: Role, leading: float = 1.3) -> TextSetting:
    """Return `text` as a single line of at most `width` pixels, shortened with an ellipsis if necessary."""
    size = max(look.shape.px(units), 1)
    face = choose_face(look, text, role)
    line = truncate(face.drawable(text), face.at(size, bold=is_bold(look, role)).getlength, width)
    return TextSetting((line,), size, round(size * leading))


def is_bold(look: Look, role: Role) -> bool:
    return role == "thumbnail" or (role == "heading" and look.style.type.heading_bold)


def choose_face(look: Look, text: str, role: Role) -> Face:
    """Return the face of the style for `role` that has all letters of `text`. Raises `MissingGlyphsError`."""
    scale = look.style.type
    family = {"heading": scale.heading_font, "text": scale.text_font, "thumbnail": scale.thumbnail_font}[role]
    return look.fonts.pick(text, bold=is_bold(look, role), family=family)


def running_title(look: Look, text: str, width: float) -> Block:
    """Return book and author as one small line."""
    setting = set_line(look, text, look.style.type.running, width, "text")
    return setting.line_height, lambda canvas: canvas.draw_text(setting, text, canvas.inks.muted, "text")


def lower_third(look: Look, text: str, width: float) -> Block:
    """Return book and author on a dark strip with a mark at its start."""
    shape = look.shape
    bar, pad, height = shape.px(10), shape.px(24), shape.px(LOWER_THIRD_HEIGHT)
    setting = set_line(look, text, look.style.type.running, width - bar - 2 * pad, "text")
    font = choose_face(look, text, "text").at(setting.size)
    wide = font.getlength(setting.lines[0]) + bar + 2 * pad

    def draw(canvas: Canvas) -> None:
        left, top, bottom = canvas.left_edge(wide), canvas.y, canvas.y + height
        draw_rounded_box(canvas.layer, (left, top, left + wide, bottom), 0, look.palette.deep, 0.8)
        edge = left + wide - bar if look.right_to_left else left
        draw_rounded_box(canvas.layer, (edge, top, edge + bar, bottom), 0, canvas.inks.mark)
        outer = canvas.box
        start = left + pad if look.right_to_left else left + bar + pad
        canvas.box = Box(start, outer.top, start + wide - bar - 2 * pad, outer.bottom)
        canvas.y += (height - setting.line_height) / 2
        canvas.draw_text(setting, text, canvas.inks.text, "text")
        canvas.box = outer

    return height, draw


def draw_rounded_box(
    image: Image, box: tuple[float, float, float, float], radius: float, colour: Colour, opacity: float = 1.0
) -> None:
    """Draw a filled box with round, smooth corners on an RGB image or a premultiplied RGBA layer.

    `box` (left, top, right, bottom) and `radius` are in pixels, `opacity` is from 0 to 1.
    """
    from PIL import Image, ImageDraw

    left, top = int(box[0]), int(box[1])
    width, height = max(int(box[2] - left) + 1, 1), max(int(box[3] - top) + 1, 1)
    scale = SUPERSAMPLING
    large = Image.new("L", (width * scale, height * scale), 0)
    corners = (
        (box[0] - left) * scale, (box[1] - top) * scale, (box[2] - left) * scale - 1, (box[3] - top) * scale - 1
    )
    ImageDraw.Draw(large).rounded_rectangle(corners, radius * scale, fill=round(255 * opacity))
    fill = (*colour, 255) if image.mode == "RGBA" else colour
    image.paste(fill, (left, top, left + width, top + height), large.reduce(scale))


def draw_dot(image: Image, x: float, y: float, radius: float, colour: Colour) -> None:
    """Draw a disc around a point, in pixels."""
    draw_rounded_box(image, circle_box(x, y, radius), radius, colour)
