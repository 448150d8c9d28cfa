"""Looks as data: colours and the type scale. A new look is a new entry of `STYLES`, not new code."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pressrun.errors import SettingsError

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    """Colours that go together. `accent` stands out on `deep`, and `on_accent` reads well on `accent`."""

    deep: Colour
    """The dark end of the background."""
    glow: Colour
    """Its light end."""
    accent: Colour
    second: Colour
    """Beside the accent in ornaments."""
    third: Colour
    text: Colour = (250, 248, 243)
    muted: Colour = (186, 190, 202)
    on_accent: Colour = (20, 20, 26)


@dataclass(frozen=True)
class TypeScale:
    """Sizes in units: 1 unit is 1/1080 of the shorter side of the picture."""

    title: tuple[int, int] = (124, 40)
    """Largest and smallest; a text takes the largest at which it fits."""
    heading: tuple[int, int] = (92, 36)
    key_line: tuple[int, int] = (42, 30)
    author: tuple[int, int] = (46, 28)
    number: int = 40
    running: int = 28
    list: tuple[int, int] = (44, 24)
    caption: int = 52
    tall_caption: int = 84
    leading: float = 1.18
    """Line height as a multiple of the size."""
    text_leading: float = 1.38


@dataclass(frozen=True)
class Style:
    name: str
    palettes: tuple[Palette, ...]
    type: TypeScale
    motifs: tuple[str, ...]
    """Ornaments; a book keeps one."""

    def palette_for(self, seed: int) -> Palette:
        return self.palettes[seed % len(self.palettes)]

    def motif_for(self, seed: int) -> str:
        return self.motifs[seed // len(self.palettes) % len(self.motifs)]


MODERN = Style(
    "modern",
    palettes=(
        Palette((16, 22, 44), (44, 62, 122), (255, 196, 84), (238, 108, 96), (108, 156, 240)),
        Palette((12, 36, 38), (24, 92, 90), (255, 178, 102), (242, 228, 196), (92, 190, 160)),
        Palette((40, 16, 40), (112, 44, 92), (255, 190, 118), (240, 104, 128), (150, 128, 240)),
        Palette((18, 20, 24), (62, 70, 84), (120, 224, 196), (250, 208, 120), (122, 150, 190)),
        Palette((44, 20, 18), (128, 56, 42), (255, 210, 128), (246, 138, 96), (232, 190, 170)),
        Palette((14, 30, 56), (30, 96, 138), (250, 220, 120), (120, 214, 226), (240, 130, 110)),
    ),
    type=TypeScale(),
    motifs=("tiles", "orbits", "hills"),
)

STYLES: dict[str, Style] = {each.name: each for each in (MODERN,)}


def style_named(name: str) -> Style:
    """Raises `SettingsError` naming the styles there are."""
    if name not in STYLES:
        known = ", ".join(sorted(STYLES))
        raise SettingsError(f'style: there is no style "{name}"', remedy=f"Set style to one of: {known}.")
    return STYLES[name]


def seed_of(text: str) -> int:
    """A number that is the same for the same text on every machine and in every run."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:6], "big")
