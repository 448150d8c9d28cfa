"""What a card stands on, by style: a photograph, a clip or a drawn background, with the place that is left to text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pressrun.media.backdrop import Box, Scenery, Tones, backdrop, deep_tones, glow, ground_tones
from pressrun.media.look import Area, Look
from pressrun.media.motion import views
from pressrun.media.page import Page
from pressrun.media.palette import Colour, Inks, mixed, on_deep, on_ground
from pressrun.media.placing import Scrim, placed, scrim_for
from pressrun.media.shapes import rounded
from pressrun.media.shot import WHOLE, Overlay, View

if TYPE_CHECKING:
    from PIL.Image import Image

    from pressrun.media.clips import Footage

SAMPLES = (0.1, 0.35, 0.6, 0.85)
"""Where in a clip its brightness is measured, as shares of its length."""
OVER_TOP = 290
"""Units from the top at which text over a wide picture begins."""
TALL_FREE = 0.636
"""Share of the height of a tall card down to which a whole picture may stand: captions come below."""
SHADOW = 0.3
"""How dark the shadow of a cover is."""


@dataclass(frozen=True)
class Panel:
    """A plain field behind the text. `hugs`: only as high as the text; else all of `box`."""

    box: Box
    colour: Colour
    hugs: bool = False


@dataclass(frozen=True)
class Ground:
    """`picture` under the text, the views between which it moves, and where and in which colours text may stand."""

    picture: Image
    text: Box
    inks: Inks
    anchor: float
    """Where in `text` a stack stands: 0 at its top, 1 at its foot."""
    pictured: bool
    """Whether it is a photograph or a clip."""
    panel: Panel | None = None
    frame: tuple[Overlay, ...] = ()
    """Plain fields around the picture."""
    start: View = WHOLE
    end: View = WHOLE
    clip: Callable[[float], Image] | None = None
    darken: Callable[[Box], tuple[Image, Callable[[float], Image] | None]] | None = None
    """Picture and clip, darkened so that light text reads in a box; None where text stands on plain colour."""


@dataclass(frozen=True)
class Slot:
    """Which card it is: its number from 0, how far the video is (0 to 1), and how many seconds it stands."""

    number: int
    step: float
    seconds: float
    share: float | None = None
    """Of the width that text takes, where not that of the style."""
    cuts: bool = False
    """Whether a picture may be cut to its place whatever it loses."""


def drawn_ground(look: Look, slot: Slot, cover: Image | None = None) -> Ground:
    """A background of the style with its ornament, or with the cover of the book in its place."""
    layout, area = look.style.layout, look.area(slot.number, slot.share)
    split = layout.drawn == "split"
    # Beside a light panel the ornament stands on the deep colour, and the other way round.
    tones = deep_tones(look.palette) if split and layout.panel == "ground" else ground_tones(look.palette)
    art = area.art if cover is None else area.cover
    scenery = Scenery(look.shape, tones, look.motif, look.seed, art, slot.step, slot.number)
    if cover is None:
        picture = backdrop(scenery)
    else:
        picture = glow(scenery)
        _put_cover(picture, cover, art, tones, look)
    start, end = views(look, slot.number, slot.seconds, art.middle, drawn=True)
    inks = on_deep(look.palette) if split and layout.panel == "deep" else on_ground(look.palette)
    panel = Panel(area.panel, inks.ground) if split else None
    return Ground(picture, area.text, inks, 0.5, False, panel, (), start, end)


def photo_ground(look: Look, slot: Slot, photo: Image) -> Ground:
    area = look.area(slot.number, slot.share)
    picture = _dressed(look, area, photo, slot)
    seen = area.visible if look.style.layout.picture == "split" else _whole(look)
    start, end = views(look, slot.number, slot.seconds, seen.middle, drawn=False)

    def darken(text: Box) -> tuple[Image, None]:
        return _scrim(look, [picture], text).over(picture), None

    return replace(_pictured(look, area, picture, darken), start=start, end=end)


def clip_ground(look: Look, slot: Slot, footage: Footage) -> Ground:
    area = look.area(slot.number, slot.share)

    def at(time: float) -> Image:
        return _dressed(look, area, footage.at(time), slot)

    def darken(text: Box) -> tuple[Image, Callable[[float], Image]]:
        scrim = _scrim(look, [at(share * footage.duration) for share in SAMPLES], text)
        return scrim.over(first), lambda time: scrim.over(at(time))

    first = at(0.0)
    return replace(_pictured(look, area, first, darken), clip=at)


def begin(ground: Ground, look: Look) -> Page:
    """An empty page over `ground`."""
    from PIL import Image

    layer = Image.new("RGBA", (look.shape.width, look.shape.height), (0, 0, 0, 0))
    page = Page(look, layer, ground.text, ground.inks)
    if ground.panel is not None and not ground.panel.hugs:
        _paint_panel(page, ground.panel, ground.panel.box)
    return page


def hug(page: Page, ground: Ground, top: float, bottom: float) -> None:
    """The block behind a stack from `top` to `bottom`, to be painted before it."""
    if ground.panel is not None and ground.panel.hugs:
        pad = page.look.shape.px(46)
        box = Box(ground.panel.box.left, top - pad, ground.panel.box.right, bottom + pad)
        _paint_panel(page, ground.panel, box)
        mark = page.look.shape.px(16)
        edge = box.right - mark if box.left > 0 else box.left
        rounded(page.layer, (edge, box.top, edge + mark, box.bottom), 0, ground.inks.mark)


def _paint_panel(page: Page, panel: Panel, box: Box) -> None:
    look = page.look
    rounded(page.layer, (box.left, box.top, box.right, box.bottom), 0, panel.colour)
    if not look.style.layout.border or panel.hugs:
        return
    from PIL import ImageDraw

    draw = ImageDraw.Draw(page.layer)
    line = (*mixed(panel.colour, page.inks.mark, 0.75), 255)
    for units, width in ((30, 4), (42, 2)):
        off, thick = look.shape.px(units), max(look.shape.px(width), 1)
        inner = (box.left + off, box.top + off, box.right - off - 1, box.bottom - off - 1)
        if inner[2] > inner[0] and inner[3] > inner[1]:
            draw.rectangle(inner, outline=line, width=thick)


def _whole(look: Look) -> Box:
    return Box(0, 0, look.shape.width, look.shape.height)


def _dressed(look: Look, area: Area, photo: Image, slot: Slot) -> Image:
    """A photo in its place in the frame."""
    shape = look.shape
    if look.style.layout.picture == "split":
        place, free = area.visible, area.visible
    else:
        place, free = _whole(look), area.art
        if shape.tall:
            free = Box(0, area.text.bottom, shape.width, shape.height * TALL_FREE)
    return placed(photo, place, None if slot.cuts else free, (shape.width, shape.height), look.palette.deep)


def _scrim(look: Look, pictures: list[Image], text: Box) -> Scrim:
    return scrim_for(pictures, text, look.palette.muted, look.palette.deep, look.shape.tall)


def _pictured(look: Look, area: Area, picture: Image, darken: Callable[[Box], Any]) -> Ground:
    layout, anchor = look.style.layout, 0 if look.shape.tall else 1
    if layout.picture == "overlay":
        return Ground(picture, _low(look, area.text), on_deep(look.palette), anchor, True, darken=darken)
    inks = on_deep(look.palette) if layout.panel == "deep" else on_ground(look.palette)
    if layout.picture == "split":
        panel, frame = Panel(area.panel, inks.ground), _frame(look, area, inks.ground)
        return Ground(picture, area.text, inks, 0.5, True, panel, frame)
    text, box = _block(look, area)
    return Ground(picture, text, inks, anchor, True, Panel(box, inks.ground, hugs=True))


def _low(look: Look, text: Box) -> Box:
    """Text over a picture leaves its upper part free, where there is the room."""
    return text if look.shape.tall else Box(text.left, max(text.top, look.shape.px(OVER_TOP)), text.right, text.bottom)


def _block(look: Look, area: Area) -> tuple[Box, Box]:
    """Where the text of a block stands, and the block, which begins at the edge of the frame."""
    shape, pad = look.shape, look.shape.px(46)
    text = Box(area.text.left, area.text.top + pad, area.text.right, area.text.bottom - pad)
    side = shape.px(64)
    if shape.tall:
        text = Box(text.left, text.top, text.right - side, text.bottom)
    if area.mirrored or (shape.tall and look.right_to_left):
        if shape.tall:
            text = Box(text.left + side, text.top, text.right + side, text.bottom)
        return text, Box(text.left - side, 0, shape.width, 0)
    return text, Box(0, 0, text.right + side, 0)


def _frame(look: Look, area: Area, colour: Colour) -> tuple[Overlay, ...]:
    """Plain fields between the picture and the edges of the frame."""
    from PIL import Image

    width, height = look.shape.width, look.shape.height
    seen = area.visible
    left, right = round(seen.left / 2) * 2, round(seen.right / 2) * 2
    top, bottom = round(seen.top / 2) * 2, round(seen.bottom / 2) * 2
    if look.shape.tall:
        start, fields = top, [(0, top, left, height), (right, top, width, height), (left, bottom, right, height)]
    else:
        start, end = (0, right) if area.mirrored else (left, width)
        fields = [(start, 0, end, top), (start, bottom, end, height)]
        fields.append((0, top, left, bottom) if area.mirrored else (right, top, width, bottom))
    return tuple(
        Overlay(Image.new("RGBA", (x2 - x1, y2 - y1), (*colour, 255)), x1, y1)
        for x1, y1, x2, y2 in fields if x2 > x1 and y2 > y1
    )


def _put_cover(picture: Image, cover: Image, art: Box, tones: Tones, look: Look) -> None:
    """The cover as an object: as large as its place allows, with a soft shadow, a spine and pages."""
    from PIL import Image, ImageFilter, ImageOps

    room = (max(round(art.width * 0.92), 1), max(round(art.height * (1 if look.shape.tall else 0.94)), 1))
    small = ImageOps.contain(cover, room, Image.Resampling.LANCZOS)
    x, y = round(art.middle[0] - small.width / 2), round(art.middle[1] - small.height / 2)
    unit = look.shape.unit
    blur = max(26 * unit, 1)
    shadow = Image.new("L", picture.size, 0)
    shift = round(16 * unit)
    shadow.paste(255, (x + shift // 2, y + shift, x + small.width + shift // 2, y + small.height + shift))
    shadow = shadow.filter(ImageFilter.GaussianBlur(blur)).point([round(each * SHADOW) for each in range(256)])
    picture.paste(mixed(tones.base, (0, 0, 0), 0.85), (0, 0, *picture.size), shadow)
    pages = max(round(5 * unit), 1)
    paper = mixed((255, 255, 255), tones.base, 0.12)
    picture.paste(paper, (x + pages, y + pages, x + small.width + pages, y + small.height))
    picture.paste(small, (x, y))
    spine = max(round(small.width * 0.045), 2)
    for offset in range(spine):
        share = abs(offset - spine * 0.7) / spine
        column = picture.crop((x + offset, y, x + offset + 1, y + small.height))
        toned = Image.blend(column, Image.new("RGB", column.size, (0, 0, 0)), 0.22 * max(1 - share * 1.6, 0))
        picture.paste(toned, (x + offset, y))
