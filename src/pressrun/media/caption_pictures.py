"""Captions as pictures: the band of a cue once, and for each of its words the small box in which it is lit."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pressrun.media.captions import Cue
from pressrun.media.cards import Look, shaping
from pressrun.media.fonts import Face, is_right_to_left
from pressrun.media.planes import Planes, planes_of
from pressrun.media.resolution import even
from pressrun.media.shapes import rounded
from pressrun.media.style import Colour
from pressrun.media.typeset import Measure

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

BAND = 948
"""Units from the top to the middle of the band, in a wide picture: its two lines end 5 % above the edge."""
TALL_BAND = 0.724
"""The same in a tall one, as a share of the height: its two lines end above the lowest fifth, where phones show title
and channel."""
TALL_RIGHT = 192
"""Units at the right edge of a tall picture that phones cover with their column of buttons (Google Ads Help, "About
video ad specs", safe area of vertical videos: 192 of 1080 pixels at the right and 48 at the left)."""
LINE = 1.42
"""Line height as a multiple of the size."""
PADDING = (34, 14)
"""Units around the text inside the band, across and down."""
LIT_CORNER = 0.55
"""Radius of the box of the spoken word by that of the band."""


@dataclass(frozen=True)
class WordPlace:
    """Where a word stands: its left edge and baseline, and its width, in pixels."""

    text: str
    x: float
    baseline: float
    width: float


@dataclass(frozen=True)
class CuePicture:
    """`band` with every word unlit; `lit` the box of each word, lit (None: it has nothing to draw)."""

    band: Planes
    lit: tuple[Planes | None, ...]


@dataclass(frozen=True)
class Lettering:
    """The face and size in which all captions of a video are set, and how wide a line may be."""

    look: Look
    size: int

    def face_for(self, word: str) -> Face:
        """Words of another script may have a face of their own."""
        return self.look.fonts.pick(word, bold=True)

    def drawable(self, word: str) -> str:
        return self.face_for(word).drawable(word)

    def font_for(self, word: str) -> FreeTypeFont:
        """The font of a word: smaller where the word alone would be wider than a line."""
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
        """Pixels from the left between which the band of a cue has room."""
        shape, margin = self.look.shape, self.look.margin
        if shape.tall:
            return margin, shape.width - shape.px(TALL_RIGHT)
        return margin * 1.35, shape.width - margin * 1.35

    @property
    def line_width(self) -> float:
        left, right = self.edges
        return right - left - 2 * self.look.shape.px(PADDING[0])

    @property
    def line_height(self) -> int:
        return round(self.size * LINE)


def lettering(look: Look) -> Lettering:
    scale = look.style.type
    size = look.shape.px(scale.tall_caption if look.shape.tall else scale.caption)
    return Lettering(look, max(size, 6))


def draw_cue(card: Image, cue: Cue, letters: Lettering) -> CuePicture:
    """The pictures of `cue` over `card`. Nothing reaches out of the frame."""
    from PIL import ImageDraw

    look, shape = letters.look, letters.look.shape
    places = place_words(cue, letters)
    left, top, right, bottom = _panel(places, len(cue.lines), letters)
    band = card.crop((left, top, right, bottom))
    kind = look.style.captions
    box = 0, 0, right - left, bottom - top
    rounded(band, box, shape.px(kind.corner), getattr(look.palette, kind.panel), kind.opacity)
    draw = ImageDraw.Draw(band)
    for place in places:
        _draw_word(draw, place, letters, (left, top), getattr(look.palette, kind.text))
    lit = tuple(_lit_word(band, places, index, letters, (left, top)) for index in range(len(places)))
    return CuePicture(planes_of(band, left, top), lit)


def place_words(cue: Cue, letters: Lettering) -> list[WordPlace]:
    """The words of a cue in their order, set in centred lines; in right-to-left scripts from the right."""
    shape, measure = letters.look.shape, letters.measure
    middle = shape.height * TALL_BAND if shape.tall else shape.px(BAND)
    blank, centre = measure(" "), sum(letters.edges) / 2
    places: list[WordPlace] = []
    for number, (line, blanks) in enumerate(zip(cue.lines, cue.blanks, strict=True)):
        widths = [measure(word.text) for word in line]
        gaps = [blank if gap and at else 0.0 for at, gap in enumerate(blanks)]
        top = middle - letters.line_height * (len(cue.lines) / 2 - number)
        baseline = top + letters.line_height / 2 + letters.size * 0.36
        total = sum(widths) + sum(gaps)
        texts = [word.text for word in line]
        lefts = _lefts(texts, widths, gaps, centre - total / 2, letters.look.right_to_left)
        for word, x, width in zip(line, lefts, widths, strict=True):
            places.append(WordPlace(letters.drawable(word.text), x, baseline, width))
    return places


def _lefts(texts: list[str], widths: list[float], gaps: list[float], start: float, right_to_left: bool) -> list[float]:
    """The left edge of each word. Words of the other direction keep their own order inside a right-to-left line."""
    order = list(range(len(texts)))
    if right_to_left:
        order = _visual_order(texts)
    lefts = [0.0] * len(texts)
    x = start
    for position, index in enumerate(order):
        if position:
            # The gap belongs to whichever of the two neighbours comes later in the text.
            x += gaps[max(index, order[position - 1])]
        lefts[index] = x
        x += widths[index]
    return lefts


def _visual_order(texts: list[str]) -> list[int]:
    """Indexes from left to right: the line reversed, with each run of left-to-right words turned back."""
    runs: list[tuple[bool, list[int]]] = []
    for index, text in enumerate(texts):
        leftward = not is_right_to_left(text, True)
        if not any(unicodedata.bidirectional(each) in ("L", "R", "AL") for each in text):
            leftward = False
        if runs and runs[-1][0] == leftward:
            runs[-1][1].append(index)
        else:
            runs.append((leftward, [index]))
    order: list[int] = []
    for leftward, indexes in reversed(runs):
        order += indexes if leftward else indexes[::-1]
    return order


def _panel(places: list[WordPlace], lines: int, letters: Lettering) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the band, all even and inside the frame."""
    shape = letters.look.shape
    across, down = shape.px(PADDING[0]), shape.px(PADDING[1])
    middle = shape.height * TALL_BAND if shape.tall else shape.px(BAND)
    half = letters.line_height * lines / 2 + down
    left = min((place.x for place in places), default=0) - across
    right = max((place.x + place.width for place in places), default=shape.width) + across
    return (
        max(even(left - 1), 0), max(even(middle - half), 0),
        min(even(right + 1), shape.width), min(even(middle + half), shape.height),
    )


def _draw_word(
    draw: ImageDraw, place: WordPlace, letters: Lettering, origin: tuple[int, int], colour: Colour
) -> None:
    draw.text(
        (place.x - origin[0], place.baseline - origin[1]), place.text,
        font=letters.font_for(place.text), fill=colour, anchor="ls",
        **shaping(place.text, letters.look.right_to_left),
    )


def _lit_word(
    band: Image, places: list[WordPlace], index: int, letters: Lettering, origin: tuple[int, int]
) -> Planes | None:
    """The box of one word with its lit background, cut out of the band; neighbours that reach into it stay."""
    from PIL import ImageDraw

    place = places[index]
    if not place.text:
        return None
    look = letters.look
    kind = look.style.captions
    reach, radius = look.shape.px(9), look.shape.px(kind.corner * LIT_CORNER)
    top, bottom = place.baseline - letters.size * 0.98, place.baseline + letters.size * 0.32
    box = (place.x - reach - origin[0], top - origin[1], place.x + place.width + reach - origin[0], bottom - origin[1])
    left, upper = max(2 * int((box[0] - 2) / 2), 0), max(2 * int((box[1] - 2) / 2), 0)
    right, lower = min(even(box[2] + 3), band.width), min(even(box[3] + 3), band.height)
    cell = band.crop((left, upper, right, lower))
    lit, ink = getattr(look.palette, kind.lit), getattr(look.palette, kind.lit_text)
    rounded(cell, (box[0] - left, box[1] - upper, box[2] - left, box[3] - upper), radius, lit)
    _draw_word(ImageDraw.Draw(cell), place, letters, (origin[0] + left, origin[1] + upper), ink)
    return planes_of(cell, origin[0] + left, origin[1] + upper)
