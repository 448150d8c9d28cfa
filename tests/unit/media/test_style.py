"""Looks as data: what comes along, what a user may write, and what is said when it is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pressrun.errors import SettingsError
from pressrun.media.fonts import Fonts
from pressrun.media.look import make_look
from pressrun.media.palette import contrast, luminance, mixed
from pressrun.media.resolution import Shape
from pressrun.media.style import STYLES, seed_of, style_named

OWN = """
like = "classic"
motifs = ["disc"]

[type]
title = [90, 30]

[motion]
picture = 0

[[palettes]]
mark = "#103080"
"""


def workspace_with(folder: Path, text: str, name: str = "mine") -> Path:
    (folder / "styles").mkdir(exist_ok=True)
    (folder / "styles" / f"{name}.toml").write_text(text, "utf-8")
    return folder


def test_every_style_that_comes_along_differs_from_the_others() -> None:
    styles = [style_named(name) for name in STYLES]
    assert len({style.layout for style in styles}) == len({style.type for style in styles}) == len(STYLES) == 4
    motifs = [motif for style in styles for motif in style.motifs]
    assert len(motifs) == len(set(motifs))
    assert all(len(style.palettes) >= 4 and not style.files for style in styles)


@pytest.mark.parametrize("name", STYLES)
def test_captions_are_read_on_every_palette_over_every_picture(name: str) -> None:
    style = style_named(name)
    for palette in style.palettes:
        panel, text = getattr(palette, style.captions.panel), getattr(palette, style.captions.text)
        for picture in ((0, 0, 0), (255, 255, 255), (128, 128, 128)):
            seen = mixed(picture, panel, style.captions.opacity)
            assert contrast(text, seen) >= 4.5
        lit = getattr(palette, style.captions.lit)
        assert contrast(getattr(palette, style.captions.lit_text), lit) >= 4.5
        assert contrast(lit, panel) >= 3.0


def test_light_styles_have_light_captions_and_dark_ones_dark(tmp_path: Path) -> None:
    panels = {name: style_named(name).captions.panel for name in STYLES}
    assert panels == {"classic": "light", "minimal": "light", "corporate": "deep", "modern": "deep"}
    table = "panel = 'deep'\ntext = 'text'\nlit = 'accent'\nlit_text = 'on_accent'"
    own = workspace_with(tmp_path, f"like = 'minimal'\n[captions]\n{table}")
    assert style_named("mine", own).captions.panel == "deep"


def test_an_unknown_style_names_those_there_are(tmp_path: Path) -> None:
    workspace_with(tmp_path, "")
    with pytest.raises(SettingsError, match='"baroque"') as caught:
        style_named("baroque", tmp_path)
    assert all(name in caught.value.remedy for name in (*STYLES, "mine"))
    with pytest.raises(SettingsError, match="no style"):
        style_named("../../etc/passwd", tmp_path)


def test_a_style_of_ones_own_changes_what_it_says_and_keeps_the_rest(tmp_path: Path) -> None:
    mine, classic = style_named("mine", workspace_with(tmp_path, OWN)), style_named("classic")
    assert (mine.name, mine.motifs, mine.type.title, mine.motion.picture) == ("mine", ("disc",), (90, 30), 0)
    assert mine.palettes[0].mark == (0x10, 0x30, 0x80)
    assert mine.palettes[0].ink == classic.palettes[0].ink
    assert (mine.layout, mine.type.heading_font) == (classic.layout, "DejaVu Serif")
    assert mine.files == (tmp_path / "styles" / "mine.toml",)


def test_a_style_like_one_of_ones_own_depends_on_both_files(tmp_path: Path) -> None:
    workspace_with(tmp_path, 'like = "mine"\n', "second")
    style = style_named("second", workspace_with(tmp_path, OWN))
    assert [path.stem for path in style.files] == ["mine", "second"]
    assert style.motifs == ("disc",)


def test_a_copy_of_a_style_file_that_comes_along_is_a_style(tmp_path: Path) -> None:
    from pressrun.media.style_files import SHIPPED

    text = (SHIPPED / "corporate.toml").read_text("utf-8")
    copy, original = style_named("mine", workspace_with(tmp_path, text)), style_named("corporate")
    assert (copy.palettes, copy.layout, copy.type) == (original.palettes, original.layout, original.type)


def test_a_table_in_the_settings_changes_a_style(tmp_path: Path) -> None:
    style = style_named(json.dumps({"name": "minimal", "layout": {"align": "center"}}), tmp_path)
    assert (style.layout.align, style.layout.inset) == ("center", style_named("minimal").layout.inset)


@pytest.mark.parametrize(
    ("text", "key", "remedy"),
    [
        ("motion = 3", "motion: found 3", "[motion]"),
        ("[motoin]\n", "motoin: there is no such key", '"motion"'),
        ("[motion]\nspeed = 1", "motion.speed: there is no such key", "moves, picture"),
        ("[motion]\npicture = 2", "motion.picture: found 2", "0 to 0.2"),
        ("[motion]\nmoves = ['spin']", "motion.moves: found 'spin'", "zoom-in, zoom-out, pan"),
        ("[layout]\nborder = 1", "layout.border: found 1", "true or false"),
        ("[layout]\nalign = 'left'", "layout.align: found 'left'", "start, center"),
        ("[type]\ntitle = [90]", "type.title: found [90]", "square brackets"),
        ("[type]\nnumber = true", "type.number: found True", "whole number"),
        ("motifs = []", "motifs: found []", "square brackets"),
        ("like = 3", "like: found 3", "modern"),
        ("palettes = 3", "palettes: it is a list", "[[palettes]]"),
        ("[[palettes]]\nink = 'red'", "palettes, number 1, ink: found 'red'", "#1f4bd8"),
        ("[[palettes]]\ninkk = '#000000'", "number 1, inkk: there is no such key", '"ink"'),
        ("[[palettes]]\nink = '#10162c'", "ink on ground has a contrast of 1.0", "brightness"),
        ("[captions]\npanel = 'green'", "captions.panel: found 'green'", "ground, light, ink"),
        ("[captions]\nopacity = 0.2", "captions.opacity: found 0.2", "0.5 to 1"),
        ("[captions]\ntext = 'faded'\nopacity = 0.5", "captions: text (faded) on panel (deep)", "opacity"),
        ("[captions]\nlit_text = 'accent'", "captions: lit_text (accent) on lit (accent)", "more"),
        ("like = 'mine'", "like: the styles stand on each other", "comes along"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(tmp_path: Path, text: str, key: str, remedy: str) -> None:
    with pytest.raises(SettingsError) as caught:
        style_named("mine", workspace_with(tmp_path, text))
    assert f"mine.toml, {key}" in str(caught.value) or key in str(caught.value)
    assert "mine.toml" in str(caught.value)
    assert remedy in caught.value.remedy


def test_a_file_that_is_no_toml_or_takes_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"mine\.toml cannot be read"):
        style_named("mine", workspace_with(tmp_path, "= ="))
    with pytest.raises(SettingsError, match=r"modern\.toml has the name"):
        style_named("modern", workspace_with(tmp_path, "", "modern"))
    with pytest.raises(SettingsError, match=r"pressrun\.toml, \[style\], layuot"):
        style_named('{"layuot": {}}')


def test_a_font_that_is_not_there_is_named(fonts: Fonts, tmp_path: Path) -> None:
    style = style_named("mine", workspace_with(tmp_path, '[type]\nheading_font = "Garamond"'))
    with pytest.raises(SettingsError, match='heading_font: there is no font "Garamond"') as caught:
        make_look(Shape(320, 180), style, fonts, "Walden", False)
    assert "DejaVu Serif" in caught.value.remedy


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((0x77, 0x77, 0x77), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)
    assert luminance((255, 0, 0)) == pytest.approx(0.2126)


def test_a_seed_is_the_same_on_every_machine() -> None:
    assert seed_of("Walden") == 0x3B24_38D1_4416
    assert seed_of("Walden") != seed_of("walden")
