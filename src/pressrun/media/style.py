"""Looks as data. A style is a file: those of `styles/` come along, a workspace may have more in its own `styles/`."""

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
"""Those that come along."""

Units = Annotated[int, Ge(12), Le(400)]
Sizes = tuple[Units, Units]
"""Largest and smallest; a text takes the largest at which it fits."""
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
    """Of the title on the thumbnail, always bold: thin letters are lost at 160 pixels."""
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
    """Where text and picture stand."""

    picture: Literal["overlay", "split", "block"] = "overlay"
    """Scenes with a picture: text over it, beside it, or in a block that covers a corner of it."""
    drawn: Literal["open", "split"] = "open"
    """Scenes without one: text beside the ornament, or on a panel of its own."""
    panel: Literal["ground", "deep"] = "deep"
    """The colour of panels and blocks."""
    align: Literal["start", "center"] = "start"
    side: Literal["start", "alternate"] = "start"
    """Where the text stands: where lines begin, or there and on the other side in turn."""
    text_share: Annotated[float, Ge(0.3), Le(0.7)] = 0.545
    """Of the width between the margins."""
    inset: Annotated[int, Ge(0), Le(140)] = 0
    """Units of ground left around the picture where the layout is "split"."""
    rule: Literal["bar", "hairline", "double", "none"] = "bar"
    number: Literal["dots", "figure", "roman", "none"] = "dots"
    border: bool = False
    """A fine double line around panels and covers."""


@dataclass(frozen=True)
class Captions:
    """The band of the captions; its colours are those of the palette, by their names there."""

    panel: Tone = "deep"
    opacity: Annotated[float, Ge(0.5), Le(1)] = 0.74
    """How much the band hides of what lies under it."""
    text: Tone = "text"
    lit: Tone = "accent"
    """Behind the spoken word."""
    lit_text: Tone = "on_accent"
    corner: Annotated[int, Ge(0), Le(40)] = 22
    """Radius of its corners in units."""


@dataclass(frozen=True)
class Motion:
    """How pictures move, as shares of their width in ten seconds; 0 stands still."""

    moves: tuple[Move, ...] = ("zoom-in", "zoom-out", "pan")
    picture: Annotated[float, Ge(0), Le(0.2)] = 0.07
    drawn: Annotated[float, Ge(0), Le(0.1)] = 0.03
    most: Annotated[float, Ge(0), Le(0.25)] = 0.12
    """In all, however long the scene."""


@dataclass(frozen=True)
class Style:
    name: str
    palettes: tuple[Palette, ...]
    motifs: tuple[Motif, ...] = ("tiles",)
    """Ornaments; a book keeps one."""
    type: TypeScale = TypeScale()
    layout: Layout = Layout()
    captions: Captions = Captions()
    motion: Motion = Motion()
    files: tuple[Path, ...] = ()
    """What it was read from, without the files that come along."""

    def palette_for(self, seed: int) -> Palette:
        return self.palettes[seed % len(self.palettes)]

    def motif_for(self, seed: int) -> Motif:
        return self.motifs[seed // len(self.palettes) % len(self.motifs)]


def style_named(setting: str, workspace: Path | None = None) -> Style:
    """The style that the setting asks for: a name, or the `[style]` table of `pressrun.toml` as JSON.

    Raises `SettingsError` naming the styles there are, or the file and the key that is wrong.
    """
    from pressrun.media.style_files import read_style

    return read_style(setting, workspace)


def seed_of(text: str) -> int:
    """A number that is the same for the same text on every machine and in every run."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:6], "big")
