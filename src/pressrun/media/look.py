"""The look of one book: its style, fonts and colours, and the areas of text and picture on a card.

Measures are in units of 1/1080 of the shorter side. Text keeps 6 % from every edge and clear of the captions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from pressrun.errors import SettingsError
from pressrun.media.fonts import Fonts, is_right_to_left
from pressrun.media.geometry import Box, Shape
from pressrun.media.palette import Palette
from pressrun.media.style import Motif, Style, seed_of

MARGIN = 120
"""Units kept free at the left and right of a wide frame."""
TALL_MARGIN = 84
"""Units kept free at the left and right of a tall frame."""
TEXT_SPAN = (104, 800)
"""Top and bottom of the text on a wide card, in units from the top. The captions are below."""
TALL_TEXT_SPAN, TALL_ART_SPAN = (0.115, 0.318), (0.368, 0.636)
"""Top and bottom of the text, and of the ornament or cover, on a tall card, as shares of the height. The captions are
below. Phones put their own controls over the top 11 % and the bottom 20 %."""
TALL_PANEL_BOTTOM = 0.348
"""Bottom of the panel of a tall card, as a share of the height."""
ART_GAP = 0.07
"""Space between text and ornament, as a share of the width between the margins."""
PANEL_PADDING, ART_PADDING = 72, 90
"""Units from the text to the edge of its panel, and from there to an ornament."""


@dataclass(frozen=True)
class Area:
    """The areas of one card, in pixels."""

    text: Box
    art: Box
    """The area of an ornament or a cover. It does not touch the text."""
    panel: Box
    """The panel behind the text in the layout "split"."""
    visible: Box
    """The area of the picture beside that panel."""
    mirrored: bool
    """Whether the text is on the right."""


@dataclass(frozen=True)
class Look:
    """Shape, style, fonts and colours of the frames of one book."""

    shape: Shape
    style: Style
    fonts: Fonts
    palette: Palette
    motif: Motif
    seed: int
    right_to_left: bool

    @property
    def margin(self) -> int:
        """Return the pixels kept free at the left and right."""
        return self.shape.px(TALL_MARGIN if self.shape.tall else MARGIN)

    def area(self, number: int, text_share: float | None = None) -> Area:
        """Return the areas of card `number`.

        `text_share` is the share of the width between the margins for text (default: that of the style).
        """
        layout = self.style.layout
        inset = self.shape.px(layout.inset)
        if self.shape.tall:
            return self._tall_area(inset)
        other_side = layout.side == "alternate" and number % 2 == 1
        return self._wide_area(text_share or layout.text_share, inset, mirrored=self.right_to_left != other_side)

    def _tall_area(self, inset: int) -> Area:
        shape, margin = self.shape, self.margin
        left, right, height = margin, shape.width - margin, shape.height
        edge = round(height * TALL_PANEL_BOTTOM / 2) * 2
        return Area(
            Box(left, height * TALL_TEXT_SPAN[0], right, height * TALL_TEXT_SPAN[1]),
            Box(left, height * TALL_ART_SPAN[0], right, height * TALL_ART_SPAN[1]),
            Box(0, 0, shape.width, edge),
            Box(inset, edge, shape.width - inset, height - inset),
            mirrored=False,
        )

    def _wide_area(self, text_share: float, inset: int, *, mirrored: bool) -> Area:
        shape, margin = self.shape, self.margin
        top, bottom = shape.px(TEXT_SPAN[0]), shape.px(TEXT_SPAN[1])
        inner = shape.width - 2 * margin
        text = Box(margin, top, margin + inner * text_share, bottom)
        edge = round((text.right + shape.px(PANEL_PADDING)) / 2) * 2
        if self.style.layout.align == "center":
            text = Box(shape.px(PANEL_PADDING), top, edge - shape.px(PANEL_PADDING), bottom)
        art = Box(text.right + inner * ART_GAP, top, shape.width - margin, bottom)
        if self.style.layout.drawn == "split":
            pad = shape.px(ART_PADDING)
            art = Box(edge + pad, top + shape.px(20), shape.width - pad, bottom)
        panel = Box(0, 0, edge, shape.height)
        visible = Box(edge, inset, shape.width - inset, shape.height - inset)
        if mirrored:
            text, art, panel, visible = (box.mirror(shape.width) for box in (text, art, panel, visible))
        return Area(text, art, panel, visible, mirrored)


def make_look(shape: Shape, style: Style, fonts: Fonts, book_title: str, right_to_left: bool) -> Look:
    """Return the look of a book. Raises `SettingsError` if a font of the style is missing."""
    for key in ("heading_font", "text_font", "thumbnail_font"):
        family = getattr(style.type, key)
        if not fonts.has_family(family):
            known = ", ".join(sorted({face.family for face in fonts.faces}))
            raise SettingsError(
                f'Style {style.name}, type.{key}: unknown font "{family}"',
                remedy=f"Put the font into a folder and set font_dir to that folder, or use one of: {known}.",
            )
    seed = seed_of(book_title)
    return Look(shape, style, fonts, style.palette_for(seed), style.motif_for(seed), seed, right_to_left)


class ShapingOptions(TypedDict, total=False):
    """Keyword arguments for Pillow's text functions."""

    direction: Literal["ltr", "rtl"]


def shaping_options(text: str, right_to_left: bool) -> ShapingOptions:
    """Return the direction of the paragraph, or nothing if this Pillow was built without Raqm and would reject it."""
    from PIL import features

    if not features.check("raqm"):
        return {}
    return {"direction": "rtl" if is_right_to_left(text, right_to_left) else "ltr"}
