"""Styles as data. The built-in ones are files in `styles/`, and a workspace may have more in its own `styles/`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Le

from pressrun.media.fonts import DEFAULT_FAMILY
from pressrun.media.palette import Colour as Colour
from pressrun.media.palette import Palette

STYLES = ("classic", "corporate", "minimal", "modern")
"""The built-in styles."""

Units = Annotated[int, Ge(12), Le(400)]
Sizes = tuple[Units, Units]
"""Largest and smallest size. A text has the largest size at which it fits."""
Motif = Literal[
    "tiles", "orbits", "hills", "rosette", "engraving", "arches", "disc", "horizon", "stems", "bars", "slopes",
    "network",
]
Tone = Literal[
    "ground", "light", "ink", "faded", "mark", "deep", "text", "muted", "accent", "on_accent", "second", "third"
]
"""A colour of a palette."""
Move = Literal["zoom-in", "zoom-out", "pan"]


@dataclass(frozen=True)
class TypeScale:
    """Fonts by family, and sizes in units: 1 unit is 1/1080 of the shorter side of the picture."""

    heading_font: str = DEFAULT_FAMILY
    heading_bold: bool = True
    text_font: str = DEFAULT_FAMILY
    thumbnail_font: str = DEFAULT_FAMILY
    """For the title on the thumbnail, always bold: thin letters disappear at 160 pixels."""
    title: Sizes = (124, 40)
    heading: Sizes = (92, 36)
    key_line: Sizes = (42, 30)
    author: Sizes = (46, 28)
    number: Units = 40
    running: Units = 28
    list: Sizes = (44, 24)
    caption: Units = 52
    tall_caption: Units = 84
    leading: Annotated[float, Ge(0.9), Le(2)] = 1.18
    """Line height as a multiple of the size."""
    text_leading: Annotated[float, Ge(0.9), Le(2)] = 1.38


@dataclass(frozen=True)
class Layout:
    """The arrangement of text and picture."""

    picture: Literal["overlay", "split", "block"] = "overlay"
    """For scenes with a picture: text over it, beside it, or in a block that covers a corner of it."""
    drawn: Literal["open", "split"] = "open"
    """For scenes without a picture: text beside the ornament, or on its own panel."""
    panel: Literal["ground", "deep"] = "deep"
    """The colour of panels and blocks."""
    align: Literal["start", "center"] = "start"
    side: Literal["start", "alternate"] = "start"
    """Side of the text: where lines start, or alternating between both sides."""
    text_share: Annotated[float, Ge(0.3), Le(0.7)] = 0.545
    """Width of the text as a share of the width between the margins."""
    inset: Annotated[int, Ge(0), Le(140)] = 0
    """Units of background around the picture in the layout "split"."""
    rule: Literal["bar", "hairline", "double", "none"] = "bar"
    number: Literal["dots", "figure", "roman", "none"] = "dots"
    border: bool = False
    """Whether panels and covers have a fine double line around them."""


@dataclass(frozen=True)
class Captions:
    """The band of the captions. Its colours are names of colours in the palette."""

    panel: Tone = "deep"
    opacity: Annotated[float, Ge(0.5), Le(1)] = 0.74
    """Opacity of the band."""
    text: Tone = "text"
    lit: Tone = "accent"
    """The highlight behind the spoken word."""
    lit_text: Tone = "on_accent"
    corner: Annotated[int, Ge(0), Le(40)] = 22
    """Radius of the corners in units."""


@dataclass(frozen=True)
class Motion:
    """Motion of pictures, as shares of their width in ten seconds. 0 is no motion."""

    moves: tuple[Move, ...] = ("zoom-in", "zoom-out", "pan")
    picture: Annotated[float, Ge(0), Le(0.2)] = 0.07
    drawn: Annotated[float, Ge(0), Le(0.1)] = 0.03
    most: Annotated[float, Ge(0), Le(0.25)] = 0.12
    """Limit of the motion of a scene, as a share of the width."""


@dataclass(frozen=True)
class Style:
    """A style, which the user chooses by name."""

    name: str
    palettes: tuple[Palette, ...]
    motifs: tuple[Motif, ...] = ("tiles",)
    """Ornaments. A book always has the same one."""
    type: TypeScale = TypeScale()
    layout: Layout = Layout()
    captions: Captions = Captions()
    motion: Motion = Motion()
    files: tuple[Path, ...] = ()
    """The user's own files from which the style was read."""

    def palette_for(self, seed: int) -> Palette:
        return self.palettes[seed % len(self.palettes)]

    def motif_for(self, seed: int) -> Motif:
        return self.motifs[seed // len(self.palettes) % len(self.motifs)]


def seed_of(text: str) -> int:
    """Return a number from a text that is the same on every machine and in every run."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:6], "big")
