"""Build a readable palette from the few colours of a brand."""

from __future__ import annotations

from collections.abc import Sequence

from pressrun.media.palette import Colour, Palette, contrast, luminance, mix

_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_LIGHT_TINT, _DARK_TINT = 0.08, 0.7
"""Share of the brand colour in the background of a light and of a dark style."""
_MAX_DEEP_LUMINANCE = 0.025
"""Of dark panels: white captions on them can be read, whatever is under the panel."""
_MAX_GLOW_LUMINANCE = 0.06
"""Of the brightest part of a dark background: white on it has a contrast of 9."""
_STEPS = 64


def brand_palette(palette: Palette, colours: Sequence[Colour]) -> Palette:
    """Return `palette` in the colours of a brand, main colour first. Light palettes stay light, dark ones dark.

    A colour that could not be read in its place is made lighter or darker until it can.
    """
    main = colours[0]
    second = colours[1] if len(colours) > 1 else mix(main, palette.ground, 0.4)
    third = colours[2] if len(colours) > 2 else mix(second, palette.ground, 0.4)
    deep = _darken(main, _MAX_DEEP_LUMINANCE)
    if luminance(palette.ground) > luminance(palette.ink):
        ground, light = mix(palette.ground, main, _LIGHT_TINT), mix(palette.light, main, _LIGHT_TINT)
    else:
        ground = mix(palette.ground, deep, _DARK_TINT)
        light = mix(_darken(palette.light, _MAX_GLOW_LUMINANCE), _darken(main, _MAX_GLOW_LUMINANCE), _DARK_TINT)
    # The second colour first: the main one is already the colour of panels.
    accents = (*colours[1:2], main, *colours[2:])
    readable = (colour for colour in accents if contrast(colour, deep) >= 4.5)
    accent = next(readable, _ensure_contrast(accents[0], (deep,), 4.5))
    return Palette(
        ground=ground,
        light=light,
        ink=_ensure_contrast(palette.ink, (ground, light), 7.5),
        faded=_ensure_contrast(palette.faded, (ground, light), 4.7),
        mark=_ensure_contrast(main, (ground, light), 4.7),
        deep=deep,
        text=_ensure_contrast(palette.text, (deep,), 12.0),
        muted=_ensure_contrast(palette.muted, (deep,), 5.0),
        accent=accent,
        on_accent=max(_BLACK, _WHITE, key=lambda colour: contrast(colour, accent)),
        second=second,
        third=third,
    )


def _darken(colour: Colour, max_luminance: float) -> Colour:
    for step in range(_STEPS + 1):
        darker = mix(colour, _BLACK, step / _STEPS)
        if luminance(darker) <= max_luminance:
            return darker
    return _BLACK


def _ensure_contrast(colour: Colour, grounds: Sequence[Colour], min_contrast: float) -> Colour:
    """Return `colour`, moved towards white or black only as far as the contrast on all `grounds` requires."""
    end = max(_WHITE, _BLACK, key=lambda each: min(contrast(each, ground) for ground in grounds))
    for step in range(_STEPS + 1):
        candidate = mix(colour, end, step / _STEPS)
        if min(contrast(candidate, ground) for ground in grounds) >= min_contrast:
            return candidate
    return end
