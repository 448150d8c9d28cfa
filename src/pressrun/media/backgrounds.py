"""The background of a card: a photograph, a clip or a drawn background, with the area that is left for text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pressrun.media.backdrop import Backdrop, draw_glow
from pressrun.media.canvas import Canvas, draw_rounded_box
from pressrun.media.geometry import Box
from pressrun.media.look import Area, Look
from pressrun.media.motion import choose_views
from pressrun.media.ornaments import draw_ornament
from pressrun.media.palette import Colour, Inks, Tones, mix
from pressrun.media.photos import Scrim, choose_scrim, place_photo, scale_down
from pressrun.media.shots import WHOLE, Overlay, View

if TYPE_CHECKING:
    from PIL.Image import Image

    from pressrun.media.clips import Footage

CLIP_SAMPLES = (0.1, 0.35, 0.6, 0.85)
"""Moments of a clip at which its brightness is measured, as shares of its length."""
OVERLAY_TEXT_TOP = 290
"""Units from the top at which text over a wide picture may begin."""
TALL_PICTURE_BOTTOM = 0.636
"""Bottom of a whole picture on a tall card, as a share of the height. The captions are below."""
BLOCK_PADDING = 46
"""Units between the text and the top and bottom of its block."""
COVER_SHADOW = 0.3
"""Opacity of the shadow of a cover."""


@dataclass(frozen=True)
class Panel:
    """A plain area behind the text: all of `box`, or only as high as the text if `hugs_text`."""

    box: Box
    colour: Colour
    hugs_text: bool = False


@dataclass(frozen=True)
class Background:
    """The picture under the text of a card, its motion, and where and in which colours text goes."""

    picture: Image
    text: Box
    """The area of the text."""
    inks: Inks
    anchor: float
    """Position of the text in its area, from 0 (top) to 1 (bottom)."""
    has_picture: bool
    """Whether it is a photograph or a clip."""
    panel: Panel | None = None
    frame: tuple[Overlay, ...] = ()
    """Plain areas around the picture."""
    start: View = WHOLE
    end: View = WHOLE
    clip: Callable[[float], Image] | None = None
    darken: Callable[[Box], tuple[Image, Callable[[float], Image] | None]] | None = None
    """Returns picture and clip, darkened so that light text is readable in a box. None if text is on a panel."""


@dataclass(frozen=True)
class CardSlot:
    """Position of a card in the video."""

    number: int
    """From 0."""
    progress: float
    """From 0 at the first card to 1 at the last."""
    seconds: float
    """How long the card is shown."""
    text_share: float | None = None
    """Share of the width for text, if not that of the style."""
    always_crop: bool = False
    """Whether pictures are cropped to their area, however much is lost."""


def make_drawn_background(look: Look, slot: CardSlot, cover: Image | None = None) -> Background:
    """Return a background of the style with its ornament, or with `cover` in the place of the ornament."""
    layout, area = look.style.layout, look.area(slot.number, slot.text_share)
    split = layout.drawn == "split"
    # A light panel contrasts with a deep background, and the other way round.
    tones = Tones.on_deep(look.palette) if split and layout.panel == "ground" else Tones.on_ground(look.palette)
    backdrop = Backdrop(look.shape, tones, look.motif, look.seed, area.art, slot.progress, slot.number)
    picture = draw_glow(backdrop)
    if cover is None:
        draw_ornament(picture, backdrop)
    else:
        _draw_cover(picture, cover, area.art, tones, look)
    start, end = choose_views(look, slot.number, slot.seconds, area.art.middle, drawn=True)
    inks = Inks.on_deep(look.palette) if split and layout.panel == "deep" else Inks.on_ground(look.palette)
    panel = Panel(area.panel, inks.ground) if split else None
    return Background(picture, area.text, inks, 0.5, False, panel, (), start, end)


def make_photo_background(look: Look, slot: CardSlot, photo: Image) -> Background:
    """Return a photograph in the layout of the style, with its motion."""
    area = look.area(slot.number, slot.text_share)
    picture = _place_photo(look, area, photo, slot)
    visible = area.visible if look.style.layout.picture == "split" else _whole_frame(look)
    start, end = choose_views(look, slot.number, slot.seconds, visible.middle, drawn=False)

    def darken(text: Box) -> tuple[Image, None]:
        return _choose_scrim(look, [picture], text).darken(picture), None

    return replace(_lay_out(look, area, picture, darken), start=start, end=end)


def make_clip_background(look: Look, slot: CardSlot, footage: Footage) -> Background:
    """Return a clip in the layout of the style. It plays from its start."""
    area = look.area(slot.number, slot.text_share)

    def clip(time: float) -> Image:
        return _place_photo(look, area, footage.at(time), slot)

    def darken(text: Box) -> tuple[Image, Callable[[float], Image]]:
        scrim = _choose_scrim(look, [clip(share * footage.duration) for share in CLIP_SAMPLES], text)
        return scrim.darken(first), lambda time: scrim.darken(clip(time))

    first = clip(0.0)
    return replace(_lay_out(look, area, first, darken), clip=clip)


def start_canvas(background: Background, look: Look) -> Canvas:
    """Return an empty canvas for the text on `background`, with its panel unless that depends on the text."""
    from PIL import Image

    layer = Image.new("RGBA", (look.shape.width, look.shape.height), (0, 0, 0, 0))
    canvas = Canvas(look, layer, background.text, background.inks)
    if background.panel is not None and not background.panel.hugs_text:
        _draw_panel(canvas, background.panel, background.panel.box)
    return canvas


def paint_text_block(canvas: Canvas, background: Background, top: float, bottom: float) -> None:
    """Draw the block behind text between `top` and `bottom`, if the layout has one. Call it before drawing the text."""
    if background.panel is not None and background.panel.hugs_text:
        pad = canvas.look.shape.px(BLOCK_PADDING)
        box = Box(background.panel.box.left, top - pad, background.panel.box.right, bottom + pad)
        _draw_panel(canvas, background.panel, box)
        mark = canvas.look.shape.px(16)
        # The mark is at the edge that faces the picture.
        edge = box.right - mark if box.left > 0 else box.left
        draw_rounded_box(canvas.layer, (edge, box.top, edge + mark, box.bottom), 0, background.inks.mark)


def _draw_panel(canvas: Canvas, panel: Panel, box: Box) -> None:
    look = canvas.look
    draw_rounded_box(canvas.layer, (box.left, box.top, box.right, box.bottom), 0, panel.colour)
    if not look.style.layout.border or panel.hugs_text:
        return
    from PIL import ImageDraw

    draw = ImageDraw.Draw(canvas.layer)
    line = (*mix(panel.colour, canvas.inks.mark, 0.75), 255)
    for units, width in ((30, 4), (42, 2)):
        off, thick = look.shape.px(units), max(look.shape.px(width), 1)
        inner = (box.left + off, box.top + off, box.right - off - 1, box.bottom - off - 1)
        if inner[2] > inner[0] and inner[3] > inner[1]:
            draw.rectangle(inner, outline=line, width=thick)


def _whole_frame(look: Look) -> Box:
    return Box(0, 0, look.shape.width, look.shape.height)


def _place_photo(look: Look, area: Area, photo: Image, slot: CardSlot) -> Image:
    shape = look.shape
    if look.style.layout.picture == "split":
        box, free = area.visible, area.visible
    else:
        box, free = _whole_frame(look), area.art
        if shape.tall:
            free = Box(0, area.text.bottom, shape.width, shape.height * TALL_PICTURE_BOTTOM)
    return place_photo(photo, box, None if slot.always_crop else free, (shape.width, shape.height), look.palette.deep)


def _choose_scrim(look: Look, pictures: list[Image], text: Box) -> Scrim:
    # The muted colour is the one with less contrast.
    return choose_scrim(pictures, text, look.palette.muted, look.palette.deep, look.shape.tall)


def _lay_out(look: Look, area: Area, picture: Image, darken: Callable[[Box], Any]) -> Background:
    layout, anchor = look.style.layout, 0 if look.shape.tall else 1
    if layout.picture == "overlay":
        text = area.text
        if not look.shape.tall:
            # The upper part of a wide picture stays free.
            text = replace(text, top=max(text.top, look.shape.px(OVERLAY_TEXT_TOP)))
        return Background(picture, text, Inks.on_deep(look.palette), anchor, True, darken=darken)
    inks = Inks.on_deep(look.palette) if layout.panel == "deep" else Inks.on_ground(look.palette)
    if layout.picture == "split":
        panel, frame = Panel(area.panel, inks.ground), _frame_overlays(look, area, inks.ground)
        return Background(picture, area.text, inks, 0.5, True, panel, frame)
    text, box = _block_boxes(look, area)
    return Background(picture, text, inks, anchor, True, Panel(box, inks.ground, hugs_text=True))


def _block_boxes(look: Look, area: Area) -> tuple[Box, Box]:
    """Return the area of the text in a block, and the block, which begins at an edge of the frame."""
    shape, pad = look.shape, look.shape.px(BLOCK_PADDING)
    text = Box(area.text.left, area.text.top + pad, area.text.right, area.text.bottom - pad)
    side = shape.px(64)
    if shape.tall:
        text = Box(text.left, text.top, text.right - side, text.bottom)
    if area.mirrored or (shape.tall and look.right_to_left):
        if shape.tall:
            text = Box(text.left + side, text.top, text.right + side, text.bottom)
        return text, Box(text.left - side, 0, shape.width, 0)
    return text, Box(0, 0, text.right + side, 0)


def _frame_overlays(look: Look, area: Area, colour: Colour) -> tuple[Overlay, ...]:
    """Return plain areas between the picture and the edges of the frame."""
    from PIL import Image

    width, height = look.shape.width, look.shape.height
    visible = area.visible
    left, right = round(visible.left / 2) * 2, round(visible.right / 2) * 2
    top, bottom = round(visible.top / 2) * 2, round(visible.bottom / 2) * 2
    if look.shape.tall:
        boxes = [(0, top, left, height), (right, top, width, height), (left, bottom, right, height)]
    else:
        start, end = (0, right) if area.mirrored else (left, width)
        boxes = [(start, 0, end, top), (start, bottom, end, height)]
        boxes.append((0, top, left, bottom) if area.mirrored else (right, top, width, bottom))
    return tuple(
        Overlay(Image.new("RGBA", (x2 - x1, y2 - y1), (*colour, 255)), x1, y1)
        for x1, y1, x2, y2 in boxes if x2 > x1 and y2 > y1
    )


def _draw_cover(picture: Image, cover: Image, art: Box, tones: Tones, look: Look) -> None:
    """Draw the cover as an object, as large as its area allows, with a soft shadow, a spine and pages."""
    from PIL import Image, ImageFilter

    max_size = (max(round(art.width * 0.92), 1), max(round(art.height * (1 if look.shape.tall else 0.94)), 1))
    small = scale_down(cover, max_size)
    x, y = round(art.middle[0] - small.width / 2), round(art.middle[1] - small.height / 2)
    unit = look.shape.unit
    blur = max(26 * unit, 1)
    shadow = Image.new("L", picture.size, 0)
    shift = round(16 * unit)
    shadow.paste(255, (x + shift // 2, y + shift, x + small.width + shift // 2, y + small.height + shift))
    levels = [round(level * COVER_SHADOW) for level in range(256)]
    shadow = shadow.filter(ImageFilter.GaussianBlur(blur)).point(levels)
    picture.paste(mix(tones.base, (0, 0, 0), 0.85), (0, 0, *picture.size), shadow)
    pages = max(round(5 * unit), 1)
    paper = mix((255, 255, 255), tones.base, 0.12)
    picture.paste(paper, (x + pages, y + pages, x + small.width + pages, y + small.height))
    picture.paste(small, (x, y))
    spine = max(round(small.width * 0.045), 2)
    for offset in range(spine):
        share = abs(offset - spine * 0.7) / spine
        column = picture.crop((x + offset, y, x + offset + 1, y + small.height))
        toned = Image.blend(column, Image.new("RGB", column.size, (0, 0, 0)), 0.22 * max(1 - share * 1.6, 0))
        picture.paste(toned, (x + offset, y))
