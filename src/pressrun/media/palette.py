"""Colours that go together, and how well one reads on another."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    """The colours of a book: some for the style's own ground, some for what lies over pictures and dark panels."""

    ground: Colour
    """The background of the style where there is no picture, and of light panels."""
    light: Colour
    """Where that background is brightest."""
    ink: Colour
    """Text on the ground."""
    faded: Colour
    """Lesser text on the ground."""
    mark: Colour
    """What stands out on the ground: numbers, rules, ornaments."""
    deep: Colour
    """Darkens pictures under text, and fills dark panels."""
    text: Colour
    """Text on `deep`, and of the captions."""
    muted: Colour
    """Lesser text on `deep`."""
    accent: Colour
    """What stands out on `deep`: the progress line, the spoken word."""
    on_accent: Colour
    """Text on `accent`."""
    second: Colour
    """Beside `mark` and `accent` in ornaments."""
    third: Colour


@dataclass(frozen=True)
class Inks:
    """The colours of text in one place, and the ground they were chosen for."""

    text: Colour
    muted: Colour
    mark: Colour
    ground: Colour


READABLE = (
    ("ink", "ground", 4.5), ("ink", "light", 4.5), ("faded", "ground", 4.5), ("faded", "light", 4.5),
    ("mark", "ground", 3.0), ("mark", "light", 3.0),
    ("text", "deep", 7.0), ("muted", "deep", 4.5), ("accent", "deep", 3.0), ("on_accent", "accent", 4.5),
)
"""Pairs of colours and the contrast they need: WCAG 2.2 asks for 4.5 in text and for 3 in large text and shapes."""


def on_ground(palette: Palette) -> Inks:
    return Inks(palette.ink, palette.faded, palette.mark, palette.ground)


def on_deep(palette: Palette) -> Inks:
    return Inks(palette.text, palette.muted, palette.accent, palette.deep)


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def luminance(colour: Colour) -> float:
    """0 (black) to 1 (white): relative luminance as WCAG 2.2 defines it."""
    red, green, blue = (_linear(each / 255) for each in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: Colour, second: Colour) -> float:
    """1 (none) to 21: contrast ratio as WCAG 2.2 defines it."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
