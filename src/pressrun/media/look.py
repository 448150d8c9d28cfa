"""What all pictures of one book share, and where text and picture stand in them.

Every measure is in units of 1/1080 of the shorter side. Text keeps 6 % from every edge, and the band of the captions
stays empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from pressrun.errors import SettingsError
from pressrun.media.backdrop import Box
from pressrun.media.fonts import Fonts, is_right_to_left
from pressrun.media.palette import Palette
from pressrun.media.resolution import Shape
from pressrun.media.style import Motif, Style, seed_of

MARGIN = 120
"""Units kept free at the left and right of a wide picture."""
TALL_MARGIN = 84
CONTENT = (104, 800)
"""Units from the top between which a wide card has its text; captions begin below."""
TALL_TEXT, TALL_ART = (0.115, 0.318), (0.368, 0.636)
"""The same of a tall card, and of its ornament or cover, as shares of the height: phones lay their own buttons over
the top 11 % and the bottom 20 %. Captions stand below."""
TALL_PANEL = 0.348
"""Share of the height at which the panel of a tall card ends."""
GAP = 0.07
"""Of the width between the margins that stays free between text and ornament."""
PANEL_PAD, SPLIT_PAD = 72, 90
"""Units from the text to the edge of its panel, and from there to an ornament."""


@dataclass(frozen=True)
class Area:
    """Where things are on one card, in pixels."""

    text: Box
    art: Box
    """Of an ornament, which touches nothing."""
    cover: Box
    panel: Box
    """Behind the text, where the layout is "split"."""
    visible: Box
    """What is left to the picture beside that panel."""
    mirrored: bool
    """Whether the text stands at the right."""


@dataclass(frozen=True)
class Look:
    """Shape, style, fonts and colours of one book."""

    shape: Shape
    style: Style
    fonts: Fonts
    palette: Palette
    motif: Motif
    seed: int
    right_to_left: bool

    @property
    def margin(self) -> int:
        return self.shape.px(TALL_MARGIN if self.shape.tall else MARGIN)

    def area(self, number: int, share: float | None = None) -> Area:
        """Of card `number`; `share` of the width between the margins for text, else that of the style."""
        layout = self.style.layout
        turned = layout.side == "alternate" and number % 2 == 1 and not self.shape.tall
        inset = self.shape.px(layout.inset)
        if self.shape.tall:
            return self._tall_area(inset)
        return self._wide_area(share or layout.text_share, inset, self.right_to_left != turned)

    def _tall_area(self, inset: int) -> Area:
        shape, margin = self.shape, self.margin
        left, right, height = margin, shape.width - margin, shape.height
        edge = round(height * TALL_PANEL / 2) * 2
        return Area(
            Box(left, height * TALL_TEXT[0], right, height * TALL_TEXT[1]),
            Box(left, height * TALL_ART[0], right, height * TALL_ART[1]),
            Box(left, height * TALL_ART[0], right, height * TALL_ART[1]),
            Box(0, 0, shape.width, edge),
            Box(inset, edge, shape.width - inset, height - inset),
            False,
        )

    def _wide_area(self, share: float, inset: int, mirrored: bool) -> Area:
        shape, margin = self.shape, self.margin
        top, bottom = shape.px(CONTENT[0]), shape.px(CONTENT[1])
        inner = shape.width - 2 * margin
        width, gap = inner * share, inner * GAP
        text = Box(margin, top, margin + width, bottom)
        edge = round((text.right + shape.px(PANEL_PAD)) / 2) * 2
        if self.style.layout.align == "center":
            text = Box(shape.px(PANEL_PAD), top, edge - shape.px(PANEL_PAD), bottom)
        art = Box(text.right + gap, top, shape.width - margin, bottom)
        if self.style.layout.drawn == "split":
            pad = shape.px(SPLIT_PAD)
            art = Box(edge + pad, top + shape.px(20), shape.width - pad, bottom)
        panel = Box(0, 0, edge, shape.height)
        visible = Box(edge, inset, shape.width - inset, shape.height - inset)
        boxes = (text, art, art, panel, visible)
        if mirrored:
            boxes = tuple(  # type: ignore[assignment]
                Box(shape.width - box.right, box.top, shape.width - box.left, box.bottom) for box in boxes
            )
        return Area(*boxes, mirrored)


def make_look(shape: Shape, style: Style, fonts: Fonts, book_title: str, right_to_left: bool) -> Look:
    """Raises `SettingsError` when the style asks for a font that is not there."""
    for key in ("heading_font", "text_font", "thumbnail_font"):
        family = getattr(style.type, key)
        if not fonts.has_family(family):
            known = ", ".join(sorted({face.family for face in fonts.faces}))
            raise SettingsError(
                f'Style {style.name}, type.{key}: there is no font "{family}"',
                remedy=f"Put it into a folder, name that folder in font_dir, or use one of: {known}.",
            )
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
