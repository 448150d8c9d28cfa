"""Draw the cards of a video (title, scenes, end), the card of the short, and the thumbnail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pressrun.media.backgrounds import Background, paint_text_block, start_canvas
from pressrun.media.canvas import (
    Block,
    Canvas,
    draw_dot,
    draw_stack,
    lower_third,
    paragraph,
    rule,
    running_title,
    set_line,
    space,
    stack_height,
)
from pressrun.media.geometry import Box
from pressrun.media.look import Look
from pressrun.media.shots import Shot
from pressrun.media.text import main_title

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_TITLE_CHARS, MAX_THUMBNAIL_TITLE_CHARS = 56, 24
"""A longer book title is shown without its subtitle. The title card always shows all of it."""
THUMBNAIL_TEXT_SHARE = 0.6
"""Width of the text on a thumbnail, as a share of the width between the margins."""
LIST_LEADING = 1.42
"""Line height of the list on the end card, as a multiple of the size."""


@dataclass(frozen=True)
class SceneText:
    """The texts on the card of scene `number` (from 1) of `total`. `running_title` is book and author."""

    number: int
    total: int
    heading: str
    key_line: str
    running_title: str


def draw_title_card(look: Look, background: Background, title: str, author: str) -> Shot:
    """Return the title card."""
    scale, box, shape = look.style.type, background.text, look.shape
    line = rule(look, 36, 30)
    by = paragraph(look, author, scale.author, box.width, shape.px(120), "text", "muted", 2)
    space_left = box.height - stack_height(line) - stack_height(by)
    name = paragraph(look, title, scale.title, box.width, min(space_left, shape.px(520)), "heading", "text")
    return _compose(look, background, [*name, *line, *by])


def draw_scene_card(look: Look, background: Background, text: SceneText) -> Shot:
    """Return the card of a scene: over a picture with its heading, else with heading and key line."""
    scale, shape, box = look.style.type, look.shape, background.text
    number = _number_blocks(look, text.number, text.total)
    if background.has_picture and look.style.layout.picture != "split":
        title = lower_third if look.style.layout.picture == "overlay" else running_title
        foot = [space(look, 34), title(look, text.running_title, box.width)]
        height = min(box.height - stack_height(number) - stack_height(foot), shape.px(330))
        head = paragraph(look, text.heading, scale.heading, box.width, height, "heading", "text")
        return _compose(look, background, [*number, *head, *foot])
    quote: list[Block] = []
    if text.key_line:
        width = box.width * (0.94 if not shape.tall else 1)
        quote = paragraph(look, text.key_line, scale.key_line, width, shape.px(240), "text", "muted")
        quote = [*rule(look, 38, 28), *quote]
    top = [running_title(look, text.running_title, box.width)]
    height = min(box.height - stack_height([*number, *quote, *top]) - shape.px(60), shape.px(330))
    head = paragraph(look, text.heading, scale.heading, box.width, height, "heading", "text")
    return _compose(look, background, [*number, *head, *quote], top)


def draw_end_card(look: Look, background: Background, title: str, author: str, headings: tuple[str, ...]) -> Shot:
    """Return the end card: the title, and the headings of the scenes as a list."""
    scale, shape, box = look.style.type, look.shape, background.text
    title = main_title(title, MAX_TITLE_CHARS)
    name = paragraph(look, title, (64, 34), box.width, shape.px(160), "heading", "text", 2)
    by = paragraph(look, author, (34, 26), box.width, shape.px(52), "text", "muted", 1)
    top = [*name, space(look, 4), *by, *rule(look, 28, 30)]
    space_left = box.height - stack_height(top)
    row_units = space_left / max(len(headings), 1) / shape.unit / LIST_LEADING
    units = min(max(row_units, scale.list[1] * 0.7), scale.list[0] * 0.9)
    rows = [_list_row(look, number, heading, int(units), box.width) for number, heading in enumerate(headings, 1)]
    max_rows = max(int(space_left // max(rows[0][0], 1)), 1) if rows else 0
    return _compose(look, background, [*top, *rows[:max_rows]])


def draw_short_card(look: Look, background: Background, title: str, author: str) -> Shot:
    """Return the tall card of the short: the title at the top, the picture below, and space for the captions."""
    shape, box = look.shape, background.text
    line = rule(look, 26, 20)
    by = paragraph(look, author, (42, 28), box.width, shape.px(64), "text", "muted", 1)
    space_left = box.height - stack_height([*line, *by])
    short_title = main_title(title, MAX_TITLE_CHARS)
    name = paragraph(look, short_title, (116, 38), box.width, space_left, "heading", "text", 4)
    return _compose(look, background, [*name, *line, *by])


def draw_thumbnail(look: Look, background: Background, title: str, author: str) -> Image:
    """Return the thumbnail as RGB. It has few words, as large as they fit: it must be readable at 160 pixels."""
    shape, box = look.shape, background.text
    # Without captions below, the text may be lower than on a card.
    hugs = background.panel is not None and background.panel.hugs_text
    box = Box(box.left, shape.px(90), box.right, shape.height - shape.px(100 if hugs else 90))
    line = rule(look, 40, 30)
    by = paragraph(look, author, (60, 44), box.width, shape.px(90), "text", "mark", 1)
    space_left = box.height - stack_height([*line, *by])
    short_title = main_title(title, MAX_THUMBNAIL_TITLE_CHARS)
    name = paragraph(look, short_title, (224, 72), box.width, space_left, "thumbnail", "text", 5)
    return flatten(_compose(look, background, [*name, *line, *by], box=box, anchor=0.5 if not hugs else 1.0))


def flatten(shot: Shot) -> Image:
    """Return the first moment of a shot as a still picture, RGB, of the size of its picture."""
    from PIL import Image

    picture, view = shot.picture, shot.start
    box = (
        view.x * picture.width, view.y * picture.height,
        (view.x + view.width) * picture.width, (view.y + view.height) * picture.height,
    )
    still = picture.resize(picture.size, Image.Resampling.BICUBIC, box) if shot.start != shot.end else picture.copy()
    for overlay in shot.overlays:
        still.paste(overlay.image, (overlay.x, overlay.y), overlay.image)
    return still


def _compose(
    look: Look, background: Background, blocks: list[Block], head: list[Block] | None = None, box: Box | None = None,
    anchor: float | None = None,
) -> Shot:
    """Return the stack of blocks over its background, with the blocks of `head` at the top of the text area."""
    canvas = start_canvas(background, look)
    canvas.box = box or background.text
    anchor = background.anchor if anchor is None else anchor
    if head:
        outer = canvas.box
        _, below = draw_stack(canvas, head, 0)
        canvas.box = Box(outer.left, below + look.shape.px(24), outer.right, outer.bottom)
    total = stack_height(blocks)
    top = canvas.box.top + max((canvas.box.height - total) * anchor, 0)
    # Panel and darkening depend on the height of the text, so they come after its layout and before its drawing.
    paint_text_block(canvas, background, top, top + total)
    picture, clip = background.picture, background.clip
    if background.darken is not None:
        picture, clip = background.darken(Box(canvas.box.left, top, canvas.box.right, top + total))
    draw_stack(canvas, blocks, anchor)
    overlay = canvas.to_overlay()
    overlays = (*background.frame, overlay) if overlay else background.frame
    return Shot(picture, background.start, background.end, overlays, clip)


def _number_blocks(look: Look, number: int, total: int) -> list[Block]:
    """Return the number of the scene in the notation of the style."""
    kind, shape = look.style.layout.number, look.shape
    if kind == "none":
        return []
    text = {"dots": str(number), "figure": f"{number:02}", "roman": _roman_numeral(number)}[kind]
    setting = set_line(look, text, look.style.type.number, shape.width, "heading", 1.2)

    def draw(canvas: Canvas) -> None:
        middle = canvas.y + setting.line_height / 2
        canvas.draw_text(setting, text, canvas.inks.mark, "heading")
        if kind == "dots":
            _draw_progress_dots(canvas, number, total, middle, setting.size * 0.72 * len(text))

    return [(setting.line_height, draw), space(look, 14)]


def _draw_progress_dots(canvas: Canvas, number: int, total: int, middle: float, width: float) -> None:
    """Draw a dot per scene beside the number, which is `width` pixels wide, with those up to `number` highlighted."""
    look = canvas.look
    radius, distance = max(look.shape.unit * 7, 1), look.shape.px(30)
    for index in range(total):
        offset = width + look.shape.px(36) + index * distance
        x = canvas.box.right - offset if look.right_to_left else canvas.box.left + offset
        done = index < number
        colour = canvas.inks.mark if done else canvas.inks.muted
        draw_dot(canvas.layer, x, middle, radius if done else radius * 0.6, colour)


def _roman_numeral(number: int) -> str:
    """Return the Roman numeral up to 39, and Arabic digits beyond."""
    if not 0 < number < 40:
        return str(number)
    return "X" * (number // 10) + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[number % 10]


def _list_row(look: Look, number: int, heading: str, units: int, width: float) -> Block:
    """Return a row of the list on the end card, with its number unless rows are centred."""
    shape = look.shape
    if look.style.layout.align == "center":
        line = set_line(look, heading, units, width, "text", LIST_LEADING)
        return line.line_height, lambda canvas: canvas.draw_text(line, heading, canvas.inks.text, "text")
    indent = shape.px(units * 1.7)
    row = set_line(look, heading, units, width - indent, "text", LIST_LEADING)
    label = set_line(look, str(number), units, indent, "heading", LIST_LEADING)

    def draw(canvas: Canvas) -> None:
        outer, top = canvas.box, canvas.y
        canvas.draw_text(label, str(number), canvas.inks.mark, "heading")
        canvas.y = top
        left, right = (outer.left, outer.right - indent) if look.right_to_left else (outer.left + indent, outer.right)
        canvas.box = Box(left, outer.top, right, outer.bottom)
        canvas.draw_text(row, heading, canvas.inks.text, "text")
        canvas.box = outer

    return row.line_height, draw
