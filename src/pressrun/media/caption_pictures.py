"""Draw captions: the band of a cue once, and for each of its words the small box in which it is highlighted.

A highlight only changes the box of its word, so showing the next word copies a few thousand pixels.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pressrun.media.canvas import draw_rounded_box
from pressrun.media.captions import Cue
from pressrun.media.fonts import Face, is_right_to_left
from pressrun.media.geometry import nearest_even
from pressrun.media.look import Look, shaping_options
from pressrun.media.palette import Colour
from pressrun.media.planes import Planes, planes_of
from pressrun.media.typeset import Measure

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

BAND_MIDDLE = 948
"""Units from the top to the middle of the band in a wide frame. Two lines end 5 % above the edge."""
TALL_BAND_MIDDLE = 0.724
"""Middle of the band in a tall frame, as a share of the height. Two lines end above the lowest fifth, where phones show
title and channel."""
TALL_RIGHT_MARGIN = 192
"""Units at the right of a tall frame that phones cover with their column of buttons (Google Ads Help, "About video ad
specs", safe area of vertical videos: 192 of 1080 pixels at the right and 48 at the left)."""
LEADING = 1.42
"""Line height as a multiple of the size."""
PADDING = (34, 14)
"""Units around the text inside the band, horizontally and vertically."""
HIGHLIGHT_CORNER = 0.55
"""Corner radius of a highlight, as a multiple of that of the band."""


@dataclass(frozen=True)
class WordPlace:
    """Position of a word: left edge, baseline and width in pixels."""

    text: str
    x: float
    baseline: float
    width: float


@dataclass(frozen=True)
class CuePicture:
    """`band` without highlights, and the highlighted box of each word (None if the word has nothing to draw)."""

    band: Planes
    highlights: tuple[Planes | None, ...]


@dataclass(frozen=True)
class CaptionFonts:
    """The size of all captions of a video in pixels, the font of each word, and the width of a line."""

    look: Look
    size: int

    def face_for(self, word: str) -> Face:
        """Return the face for a word. Words in another script may have another face."""
        return self.look.fonts.pick(word, bold=True)

    def drawable(self, word: str) -> str:
        return self.face_for(word).drawable(word)

    def font_for(self, word: str) -> FreeTypeFont:
        """Return the font for a word, smaller if the word is wider than a line."""
        face, text = self.face_for(word), self.drawable(word)
        font = face.at(self.size, bold=True)
        length = font.getlength(text) if text.strip() else 0.0
        if length <= self.line_width:
            return font
        return face.at(max(int(self.size * self.line_width / length), 1), bold=True)

    @property
    def measure(self) -> Measure:
        return lambda text: self.font_for(text).getlength(self.drawable(text) if text.strip() else text)

    @property
    def edges(self) -> tuple[float, float]:
        """Left and right limit of the band in pixels."""
        shape, margin = self.look.shape, self.look.margin
        if shape.tall:
            return margin, shape.width - shape.px(TALL_RIGHT_MARGIN)
        return margin * 1.35, shape.width - margin * 1.35

    @property
    def line_width(self) -> float:
        left, right = self.edges
        return right - left - 2 * self.look.shape.px(PADDING[0])

    @property
    def line_height(self) -> int:
        return round(self.size * LEADING)


def make_caption_fonts(look: Look) -> CaptionFonts:
    """Return the caption fonts of a style for its frame."""
    scale = look.style.type
    size = look.shape.px(scale.tall_caption if look.shape.tall else scale.caption)
    return CaptionFonts(look, max(size, 6))


def draw_cue(card: Image, cue: Cue, fonts: CaptionFonts) -> CuePicture:
    """Return the pictures of `cue` over `card`, an RGB picture or an empty RGBA layer of the size of the frame."""
    from PIL import ImageDraw

    look, shape = fonts.look, fonts.look.shape
    places = place_words(cue, fonts)
    left, top, right, bottom = _band_box(places, len(cue.lines), fonts)
    band = card.crop((left, top, right, bottom))
    style = look.style.captions
    box = 0, 0, right - left, bottom - top
    draw_rounded_box(band, box, shape.px(style.corner), getattr(look.palette, style.panel), style.opacity)
    draw = ImageDraw.Draw(band)
    for place in places:
        _draw_word(draw, place, fonts, (left, top), getattr(look.palette, style.text))
    highlights = tuple(_draw_highlight(band, place, fonts, (left, top)) for place in places)
    return CuePicture(planes_of(band, left, top), highlights)


def place_words(cue: Cue, fonts: CaptionFonts) -> list[WordPlace]:
    """Return the positions of the words of a cue in centred lines, from the right in right-to-left scripts."""
    measure, middle = fonts.measure, _band_middle(fonts)
    blank, centre = measure(" "), sum(fonts.edges) / 2
    places: list[WordPlace] = []
    for number, (line, blanks) in enumerate(zip(cue.lines, cue.blanks, strict=True)):
        widths = [measure(word.text) for word in line]
        gaps = [blank if has_blank and at else 0.0 for at, has_blank in enumerate(blanks)]
        top = middle - fonts.line_height * (len(cue.lines) / 2 - number)
        baseline = top + fonts.line_height / 2 + fonts.size * 0.36
        total = sum(widths) + sum(gaps)
        texts = [word.text for word in line]
        lefts = _left_edges(texts, widths, gaps, centre - total / 2, fonts.look.right_to_left)
        for word, x, width in zip(line, lefts, widths, strict=True):
            places.append(WordPlace(fonts.drawable(word.text), x, baseline, width))
    return places


def _band_middle(fonts: CaptionFonts) -> float:
    shape = fonts.look.shape
    return shape.height * TALL_BAND_MIDDLE if shape.tall else shape.px(BAND_MIDDLE)


def _left_edges(
    texts: list[str], widths: list[float], gaps: list[float], start: float, right_to_left: bool
) -> list[float]:
    """Return the left edge of each word of a line that begins at `start`."""
    order = _visual_order(texts) if right_to_left else list(range(len(texts)))
    lefts = [0.0] * len(texts)
    x = start
    for position, index in enumerate(order):
        if position:
            # A gap belongs to the later word of two neighbours in the text, which may be the one on the left.
            x += gaps[max(index, order[position - 1])]
        lefts[index] = x
        x += widths[index]
    return lefts


def _visual_order(texts: list[str]) -> list[int]:
    """Return the indexes of the words of a right-to-left line from left to right.

    Runs of left-to-right words keep their own order. This is the Unicode bidirectional algorithm for whole words:
    Pillow applies it only to the text it draws, and words are drawn one by one.
    """
    runs: list[tuple[bool, list[int]]] = []
    for index, text in enumerate(texts):
        has_direction = any(unicodedata.bidirectional(each) in ("L", "R", "AL") for each in text)
        left_to_right = has_direction and not is_right_to_left(text, True)
        if runs and runs[-1][0] == left_to_right:
            runs[-1][1].append(index)
        else:
            runs.append((left_to_right, [index]))
    order: list[int] = []
    for left_to_right, indexes in reversed(runs):
        order += indexes if left_to_right else indexes[::-1]
    return order


def _band_box(places: list[WordPlace], lines: int, fonts: CaptionFonts) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of the band, all even and inside the frame."""
    shape = fonts.look.shape
    across, down = shape.px(PADDING[0]), shape.px(PADDING[1])
    middle, half = _band_middle(fonts), fonts.line_height * lines / 2 + down
    left = min((place.x for place in places), default=0) - across
    right = max((place.x + place.width for place in places), default=shape.width) + across
    return (
        max(nearest_even(left - 1), 0), max(nearest_even(middle - half), 0),
        min(nearest_even(right + 1), shape.width), min(nearest_even(middle + half), shape.height),
    )


def _draw_word(
    draw: ImageDraw, place: WordPlace, fonts: CaptionFonts, origin: tuple[int, int], colour: Colour
) -> None:
    draw.text(
        (place.x - origin[0], place.baseline - origin[1]), place.text,
        font=fonts.font_for(place.text), fill=colour, anchor="ls",
        **shaping_options(place.text, fonts.look.right_to_left),
    )


def _draw_highlight(
    band: Image, place: WordPlace, fonts: CaptionFonts, origin: tuple[int, int]
) -> Planes | None:
    """Return the box of a highlighted word, cut out of the band so that parts of its neighbours in the box remain."""
    from PIL import ImageDraw

    if not place.text:
        return None
    look = fonts.look
    style = look.style.captions
    reach, radius = look.shape.px(9), look.shape.px(style.corner * HIGHLIGHT_CORNER)
    top, bottom = place.baseline - fonts.size * 0.98, place.baseline + fonts.size * 0.32
    box = (place.x - reach - origin[0], top - origin[1], place.x + place.width + reach - origin[0], bottom - origin[1])
    # The box with a margin for its smooth edges, on even pixels and inside the band.
    left, upper = max(2 * int((box[0] - 2) / 2), 0), max(2 * int((box[1] - 2) / 2), 0)
    right, lower = min(nearest_even(box[2] + 3), band.width), min(nearest_even(box[3] + 3), band.height)
    cell = band.crop((left, upper, right, lower))
    colour, ink = getattr(look.palette, style.lit), getattr(look.palette, style.lit_text)
    draw_rounded_box(cell, (box[0] - left, box[1] - upper, box[2] - left, box[3] - upper), radius, colour)
    _draw_word(ImageDraw.Draw(cell), place, fonts, (origin[0] + left, origin[1] + upper), ink)
    return planes_of(cell, origin[0] + left, origin[1] + upper)
