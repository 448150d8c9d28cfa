"""The colours of a book, and how well one can be read on another."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    """The colours of a book: some for the style's own background, some for text over pictures and dark panels."""

    ground: Colour
    """Background of drawn cards and of light panels."""
    light: Colour
    """The brightest part of that background."""
    ink: Colour
    """Text on the ground."""
    faded: Colour
    """Secondary text on the ground."""
    mark: Colour
    """Accents on the ground: numbers, rules, ornaments."""
    deep: Colour
    """Darkens pictures under text, and fills dark panels."""
    text: Colour
    """Text on `deep`, including captions."""
    muted: Colour
    """Secondary text on `deep`."""
    accent: Colour
    """Accents on `deep`: the progress line, the spoken word."""
    on_accent: Colour
    """Text on `accent`."""
    second: Colour
    """Used with `mark` and `accent` in ornaments."""
    third: Colour
    """Used with `mark` and `accent` in ornaments."""


@dataclass(frozen=True)
class Inks:
    """The colours of text in one place, and the background they were chosen for."""

    text: Colour
    muted: Colour
    mark: Colour
    ground: Colour

    @classmethod
    def on_ground(cls, palette: Palette) -> Inks:
        return cls(palette.ink, palette.faded, palette.mark, palette.ground)

    @classmethod
    def on_deep(cls, palette: Palette) -> Inks:
        return cls(palette.text, palette.muted, palette.accent, palette.deep)


@dataclass(frozen=True)
class Tones:
    """The colours of a drawn background: a glow from `base` to `light`, three for the ornament, and one for lines."""

    base: Colour
    light: Colour
    first: Colour
    second: Colour
    third: Colour
    line: Colour

    @classmethod
    def on_ground(cls, palette: Palette) -> Tones:
        return cls(palette.ground, palette.light, palette.mark, palette.second, palette.third, palette.ink)

    @classmethod
    def on_deep(cls, palette: Palette) -> Tones:
        light = mix(palette.deep, palette.third, 0.24)
        return cls(palette.deep, light, palette.accent, palette.second, palette.third, palette.text)


MIN_CONTRASTS = (
    ("ink", "ground", 4.5), ("ink", "light", 4.5), ("faded", "ground", 4.5), ("faded", "light", 4.5),
    ("mark", "ground", 3.0), ("mark", "light", 3.0),
    ("text", "deep", 7.0), ("muted", "deep", 4.5), ("accent", "deep", 3.0), ("on_accent", "accent", 4.5),
)
"""Pairs of colours and the contrast they need. WCAG 2.2 requires 4.5 for text and 3 for large text and shapes."""


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return the colour between two: the first at `share` 0, the second at 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def luminance(colour: Colour) -> float:
    """Return the relative luminance as WCAG 2.2 defines it, from 0 (black) to 1 (white)."""
    red, green, blue = (_linearize(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: Colour, second: Colour) -> float:
    """Return the contrast ratio as WCAG 2.2 defines it, from 1 (no contrast) to 21."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _linearize(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
