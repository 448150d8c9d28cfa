"""The colours of a brand, whatever they are, make a palette that can be read in every style."""

from __future__ import annotations

import json
from dataclasses import asdict

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.size import examples

from pressrun.media.brand import branded
from pressrun.media.palette import Colour, luminance
from pressrun.media.style import STYLES, style_named

_PARTS = st.sampled_from((0, 255)) | st.integers(0, 255)
_COLOURS = st.lists(st.tuples(_PARTS, _PARTS, _PARTS), min_size=1, max_size=5)


def hexadecimal(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


@settings(max_examples=examples(150), deadline=None)
@given(_COLOURS)
def test_every_style_takes_the_palette_of_any_brand(colours: list[Colour]) -> None:
    for name in STYLES:
        made = branded(style_named(name).palettes[0], colours)
        table = {"name": name, "palettes": [{part: hexadecimal(colour) for part, colour in asdict(made).items()}]}
        assert style_named(json.dumps(table)).palettes == (made,)


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    blue, orange = (31, 75, 216), (255, 189, 74)
    made = branded(style_named("minimal").palettes[0], [blue, orange])
    assert (made.mark, made.accent, made.second) == (blue, orange, orange)


def test_a_style_stays_as_light_or_as_dark_as_it_was() -> None:
    for name in STYLES:
        before = style_named(name).palettes[0]
        after = branded(before, [(200, 30, 60)])
        assert (luminance(after.ground) > luminance(after.ink)) == (luminance(before.ground) > luminance(before.ink))
        assert abs(luminance(after.ground) - luminance(before.ground)) < 0.12
