"""The cards of a video: title, scenes, end; those of the short; the thumbnail. Each is a `Shot`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pressrun.media.backdrop import Box
from pressrun.media.excerpts import main_title
from pressrun.media.grounds import Ground, begin, hug
from pressrun.media.look import Look as Look
from pressrun.media.look import make_look as make_look
from pressrun.media.look import shaping as shaping
from pressrun.media.page import Page, Part, draw_stack, overlay_of, paragraph, rule, running, single, space, strip
from pressrun.media.shapes import dot
from pressrun.media.shot import Shot

if TYPE_CHECKING:
    from PIL.Image import Image

THUMBNAIL_TITLE, NAME = 24, 56
"""Characters up to which a title stands whole on the thumbnail, and on all other pictures but the title card."""
THUMBNAIL_SHARE = 0.6
"""Of the width of a thumbnail that its title takes."""


@dataclass(frozen=True)
class SceneText:
    """What is written on the card of scene `number` (from 1) of `total`; `running` names book and author."""

    number: int
    total: int
    heading: str
    key_line: str
    running: str


def title_card(look: Look, ground: Ground, title: str, author: str) -> Shot:
    scale, box, shape = look.style.type, ground.text, look.shape
    below = rule(look, 36, 30)
    by = paragraph(look, author, scale.author, box.width, shape.px(120), "text", "muted", 2)
    room = box.height - _height(below) - _height(by)
    name = paragraph(look, title, scale.title, box.width, min(room, shape.px(520)), "heading", "text")
    return _shot(look, ground, [*name, *below, *by])


def scene_card(look: Look, ground: Ground, text: SceneText) -> Shot:
    """On a picture the heading and the lower third; else the heading with a sentence under it."""
    scale, shape, box = look.style.type, look.shape, ground.text
    label = _number(look, text.number, text.total)
    if ground.pictured and look.style.layout.picture != "split":
        plain = look.style.layout.picture == "overlay"
        foot = [space(look, 34), *(strip if plain else running)(look, text.running, box.width)]
        room = min(box.height - _height(label) - _height(foot), shape.px(330))
        head = paragraph(look, text.heading, scale.heading, box.width, room, "heading", "text")
        return _shot(look, ground, [*label, *head, *foot])
    quote: list[Part] = []
    if text.key_line:
        width = box.width * (0.94 if not shape.tall else 1)
        quote = paragraph(look, text.key_line, scale.key_line, width, shape.px(240), "text", "muted")
        quote = [*rule(look, 38, 28), *quote]
    top = running(look, text.running, box.width)
    room = min(box.height - _height([*label, *quote, *top]) - shape.px(60), shape.px(330))
    head = paragraph(look, text.heading, scale.heading, box.width, room, "heading", "text")
    return _shot(look, ground, [*label, *head, *quote], top)


def end_card(look: Look, ground: Ground, title: str, author: str, headings: tuple[str, ...]) -> Shot:
    """The title once more, and what the video was about as a list."""
    scale, shape, box = look.style.type, look.shape, ground.text
    title = main_title(title, NAME)
    name = paragraph(look, title, (64, 34), box.width, shape.px(160), "heading", "text", 2)
    by = paragraph(look, author, (34, 26), box.width, shape.px(52), "text", "muted", 1)
    top = [*name, space(look, 4), *by, *rule(look, 28, 30)]
    room = box.height - _height(top)
    units = min(max(room / max(len(headings), 1) / shape.unit / 1.42, scale.list[1] * 0.7), scale.list[0] * 0.9)
    rows = [_row(look, number, heading, int(units), box.width) for number, heading in enumerate(headings, 1)]
    fitting = max(int(room // max(rows[0][0], 1)), 1) if rows else 0
    return _shot(look, ground, [*top, *rows[:fitting]])


def short_card(look: Look, ground: Ground, title: str, author: str) -> Shot:
    """The tall card: title above, picture in the middle, and the lower middle left to the captions."""
    shape, box = look.shape, ground.text
    below = rule(look, 26, 20)
    by = paragraph(look, author, (42, 28), box.width, shape.px(64), "text", "muted", 1)
    room = box.height - _height([*below, *by])
    name = paragraph(look, main_title(title, NAME), (116, 38), box.width, room, "heading", "text", 4)
    return _shot(look, ground, [*name, *below, *by])


def thumbnail_picture(look: Look, ground: Ground, title: str, author: str) -> Image:
    """Readable at 160 pixels: few words, as large as they go."""
    shape, box = look.shape, ground.text
    # No captions come below: the text may stand lower than on a card.
    hugging = ground.panel is not None and ground.panel.hugs
    box = Box(box.left, shape.px(90), box.right, shape.height - shape.px(100 if hugging else 90))
    below = rule(look, 40, 30)
    by = paragraph(look, author, (60, 44), box.width, shape.px(90), "text", "mark", 1)
    room = box.height - _height([*below, *by])
    name = paragraph(look, main_title(title, THUMBNAIL_TITLE), (224, 72), box.width, room, "thumbnail", "text", 5)
    return flattened(_shot(look, ground, [*name, *below, *by], box=box, anchor=0.5 if not hugging else 1.0))


def flattened(shot: Shot) -> Image:
    """What is seen when the shot begins, as RGB of the frame's size, for still pictures."""
    from PIL import Image

    picture, view = shot.picture, shot.start
    box = (
        view.x * picture.width, view.y * picture.height,
        (view.x + view.width) * picture.width, (view.y + view.height) * picture.height,
    )
    seen = picture.resize(picture.size, Image.Resampling.BICUBIC, box) if shot.start != shot.end else picture.copy()
    for overlay in shot.overlays:
        seen.paste(overlay.image, (overlay.x, overlay.y), overlay.image)
    return seen


def _height(parts: list[Part]) -> float:
    return sum(height for height, _ in parts)


def _shot(
    look: Look, ground: Ground, parts: list[Part], head: list[Part] | None = None, box: Box | None = None,
    anchor: float | None = None,
) -> Shot:
    """The stack over its ground; `head` stands at the top of the text's place."""
    page = begin(ground, look)
    page.box = box or ground.text
    anchor = ground.anchor if anchor is None else anchor
    if head:
        outer = page.box
        _, below = draw_stack(page, head, 0)
        page.box = Box(outer.left, below + look.shape.px(24), outer.right, outer.bottom)
    total = _height(parts)
    top = page.box.top + max((page.box.height - total) * anchor, 0)
    hug(page, ground, top, top + total)
    picture, clip = ground.picture, ground.clip
    if ground.darken is not None:
        picture, clip = ground.darken(Box(page.box.left, top, page.box.right, top + total))
    draw_stack(page, parts, anchor)
    overlay = overlay_of(page.layer)
    overlays = (*ground.frame, overlay) if overlay else ground.frame
    return Shot(picture, ground.start, ground.end, overlays, clip)


def _number(look: Look, number: int, total: int) -> list[Part]:
    """The number of the scene in the way of the style."""
    kind, shape = look.style.layout.number, look.shape
    if kind == "none":
        return []
    text = {"dots": str(number), "figure": f"{number:02}", "roman": _roman(number)}[kind]
    setting = single(look, text, look.style.type.number, shape.width, "heading", 1.2)

    def draw(page: Page) -> None:
        middle = page.y + setting.line_height / 2
        page.lines(setting, text, page.inks.mark, "heading")
        if kind == "dots":
            _dots(page, number, total, middle, setting.size * 0.72 * len(text))

    return [(setting.line_height, draw), space(look, 14)]


def _dots(page: Page, number: int, total: int, middle: float, width: float) -> None:
    """A row of dots that says how far the video is."""
    look = page.look
    radius, distance = max(look.shape.unit * 7, 1), look.shape.px(30)
    for index in range(total):
        offset = width + look.shape.px(36) + index * distance
        x = page.box.right - offset if look.right_to_left else page.box.left + offset
        reached = index < number
        colour = page.inks.mark if reached else page.inks.muted
        dot(page.layer, x, middle, radius if reached else radius * 0.6, colour)


def _roman(number: int) -> str:
    """Up to 39, as a book counts its chapters."""
    if not 0 < number < 40:
        return str(number)
    return "X" * (number // 10) + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[number % 10]


def _row(look: Look, number: int, heading: str, units: int, width: float) -> Part:
    """A line of the list on the end card, with its number before it."""
    shape = look.shape
    if look.style.layout.align == "center":
        line = single(look, heading, units, width, "text", 1.42)
        return line.line_height, lambda page: page.lines(line, heading, page.inks.text, "text")
    indent = shape.px(units * 1.7)
    row = single(look, heading, units, width - indent, "text", 1.42)
    label = single(look, str(number), units, indent, "heading", 1.42)

    def draw(page: Page) -> None:
        outer, top = page.box, page.y
        page.lines(label, str(number), page.inks.mark, "heading")
        page.y = top
        left, right = (outer.left, outer.right - indent) if look.right_to_left else (outer.left + indent, outer.right)
        page.box = Box(left, outer.top, right, outer.bottom)
        page.lines(row, heading, page.inks.text, "text")
        page.box = outer

    return row.line_height, draw
