"""A palette made of the few colours of a brand, in which everything can still be read."""

from __future__ import annotations

from collections.abc import Sequence

from pressrun.media.palette import Colour, Palette, contrast, luminance, mixed

_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_TINT, _DARK_TINT = 0.08, 0.7
"""Share of the brand in the ground of a light and of a dark style."""
_DEEPEST = 0.025
"""Luminance of dark panels: white captions on them can be read over whatever lies under the panel."""
_BRIGHTEST = 0.06
"""Luminance of a dark style where its ground is brightest; white on it has a contrast of 9."""
_STEPS = 64


def branded(palette: Palette, colours: Sequence[Colour]) -> Palette:
    """`palette` in the colours of a brand, the main one first; as light or as dark as it was.

    A colour that could not be read where it would stand is made lighter or darker until it can.
    """
    main = colours[0]
    second = colours[1] if len(colours) > 1 else mixed(main, palette.ground, 0.4)
    third = colours[2] if len(colours) > 2 else mixed(second, palette.ground, 0.4)
    deep = _as_dark(main, _DEEPEST)
    if luminance(palette.ground) > luminance(palette.ink):
        ground, light = mixed(palette.ground, main, _TINT), mixed(palette.light, main, _TINT)
    else:
        ground = mixed(palette.ground, deep, _DARK_TINT)
        light = mixed(_as_dark(palette.light, _BRIGHTEST), _as_dark(main, _BRIGHTEST), _DARK_TINT)
    liked = (*colours[1:2], main, *colours[2:])
    accent = next((each for each in liked if contrast(each, deep) >= 4.5), _readable(liked[0], (deep,), 4.5))
    return Palette(
        ground=ground,
        light=light,
        ink=_readable(palette.ink, (ground, light), 7.5),
        faded=_readable(palette.faded, (ground, light), 4.7),
        mark=_readable(main, (ground, light), 4.7),
        deep=deep,
        text=_readable(palette.text, (deep,), 12.0),
        muted=_readable(palette.muted, (deep,), 5.0),
        accent=accent,
        on_accent=max(_BLACK, _WHITE, key=lambda each: contrast(each, accent)),
        second=second,
        third=third,
    )


def _as_dark(colour: Colour, most: float) -> Colour:
    """`colour`, darkened until its luminance is `most`."""
    for step in range(_STEPS + 1):
        darker = mixed(colour, _BLACK, step / _STEPS)
        if luminance(darker) <= most:
            return darker
    return _BLACK


def _readable(colour: Colour, grounds: Sequence[Colour], least: float) -> Colour:
    """`colour`, or the nearest to it on the way to white or black that has the contrast; else the end of that way."""
    end = max(_WHITE, _BLACK, key=lambda each: min(contrast(each, ground) for ground in grounds))
    for step in range(_STEPS + 1):
        nearer = mixed(colour, end, step / _STEPS)
        if min(contrast(nearer, ground) for ground in grounds) >= least:
            return nearer
    return end
