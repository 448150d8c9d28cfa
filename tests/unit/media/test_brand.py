"""Any brand colours result in a readable palette in every style."""

from __future__ import annotations

import json
from dataclasses import asdict

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.size import examples

from pressrun.media.brand import brand_palette
from pressrun.media.palette import Colour, luminance
from pressrun.media.style import STYLES
from pressrun.media.style_files import load_style

_PARTS = st.sampled_from((0, 255)) | st.integers(0, 255)
_COLOURS = st.lists(st.tuples(_PARTS, _PARTS, _PARTS), min_size=1, max_size=5)


def to_hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


@settings(max_examples=examples(150), deadline=None)
@given(_COLOURS)
def test_every_style_accepts_the_palette_of_any_brand(colours: list[Colour]) -> None:
    for name in STYLES:
        made = brand_palette(load_style(name).palettes[0], colours)
        table = {"name": name, "palettes": [{part: to_hex(colour) for part, colour in asdict(made).items()}]}
        assert load_style(json.dumps(table)).palettes == (made,)


def test_readable_colours_do_not_change() -> None:
    blue, orange = (31, 75, 216), (255, 189, 74)
    made = brand_palette(load_style("minimal").palettes[0], [blue, orange])
    assert (made.mark, made.accent, made.second) == (blue, orange, orange)


def test_light_styles_stay_light_and_dark_styles_stay_dark() -> None:
    for name in STYLES:
        before = load_style(name).palettes[0]
        after = brand_palette(before, [(200, 30, 60)])
        assert (luminance(after.ground) > luminance(after.ink)) == (luminance(before.ground) > luminance(before.ink))
        assert abs(luminance(after.ground) - luminance(before.ground)) < 0.12
