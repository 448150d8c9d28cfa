"""Built-in styles are complete and readable. Style files of the user are validated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pressrun.errors import SettingsError
from pressrun.media.fonts import Fonts
from pressrun.media.geometry import Shape
from pressrun.media.look import make_look
from pressrun.media.palette import contrast, luminance, mix
from pressrun.media.style import STYLES, seed_of
from pressrun.media.style_files import BUILT_IN_FOLDER, load_style

OWN_STYLE = """
like = "classic"
motifs = ["disc"]

[type]
title = [90, 30]

[motion]
picture = 0

[[palettes]]
mark = "#103080"
"""


def save_style(folder: Path, text: str, name: str = "mine") -> Path:
    """Save a style file in a workspace, and return the workspace."""
    (folder / "styles").mkdir(exist_ok=True)
    (folder / "styles" / f"{name}.toml").write_text(text, "utf-8")
    return folder


def test_every_built_in_style_differs_from_the_others() -> None:
    styles = [load_style(name) for name in STYLES]
    assert len({style.layout for style in styles}) == len({style.type for style in styles}) == len(STYLES) == 4
    motifs = [motif for style in styles for motif in style.motifs]
    assert len(motifs) == len(set(motifs))
    assert all(len(style.palettes) >= 4 and not style.files for style in styles)


@pytest.mark.parametrize("name", STYLES)
def test_captions_are_readable_in_every_palette_over_any_picture(name: str) -> None:
    style = load_style(name)
    for palette in style.palettes:
        panel, text = getattr(palette, style.captions.panel), getattr(palette, style.captions.text)
        for picture in ((0, 0, 0), (255, 255, 255), (128, 128, 128)):
            seen = mix(picture, panel, style.captions.opacity)
            assert contrast(text, seen) >= 4.5
        lit = getattr(palette, style.captions.lit)
        assert contrast(getattr(palette, style.captions.lit_text), lit) >= 4.5
        assert contrast(lit, panel) >= 3.0


def test_light_styles_have_light_captions_and_dark_ones_dark(tmp_path: Path) -> None:
    panels = {name: load_style(name).captions.panel for name in STYLES}
    assert panels == {"classic": "light", "minimal": "light", "corporate": "deep", "modern": "deep"}
    table = "panel = 'deep'\ntext = 'text'\nlit = 'accent'\nlit_text = 'on_accent'"
    own = save_style(tmp_path, f"like = 'minimal'\n[captions]\n{table}")
    assert load_style("mine", own).captions.panel == "deep"


def test_an_unknown_style_is_reported_with_the_known_ones(tmp_path: Path) -> None:
    save_style(tmp_path, "")
    with pytest.raises(SettingsError, match='"baroque"') as caught:
        load_style("baroque", tmp_path)
    assert all(name in caught.value.remedy for name in (*STYLES, "mine"))
    with pytest.raises(SettingsError, match="unknown style"):
        load_style("../../etc/passwd", tmp_path)


def test_an_own_style_changes_only_what_it_contains(tmp_path: Path) -> None:
    mine, classic = load_style("mine", save_style(tmp_path, OWN_STYLE)), load_style("classic")
    assert (mine.name, mine.motifs, mine.type.title, mine.motion.picture) == ("mine", ("disc",), (90, 30), 0)
    assert mine.palettes[0].mark == (0x10, 0x30, 0x80)
    assert mine.palettes[0].ink == classic.palettes[0].ink
    assert (mine.layout, mine.type.heading_font) == (classic.layout, "DejaVu Serif")
    assert mine.files == (tmp_path / "styles" / "mine.toml",)


def test_a_style_that_extends_an_own_style_depends_on_both_files(tmp_path: Path) -> None:
    save_style(tmp_path, 'like = "mine"\n', "second")
    style = load_style("second", save_style(tmp_path, OWN_STYLE))
    assert [path.stem for path in style.files] == ["mine", "second"]
    assert style.motifs == ("disc",)


def test_a_copy_of_a_built_in_style_file_is_a_style(tmp_path: Path) -> None:
    text = (BUILT_IN_FOLDER / "corporate.toml").read_text("utf-8")
    copy, original = load_style("mine", save_style(tmp_path, text)), load_style("corporate")
    assert (copy.palettes, copy.layout, copy.type) == (original.palettes, original.layout, original.type)


def test_a_table_in_the_settings_changes_a_style(tmp_path: Path) -> None:
    style = load_style(json.dumps({"name": "minimal", "layout": {"align": "center"}}), tmp_path)
    assert (style.layout.align, style.layout.inset) == ("center", load_style("minimal").layout.inset)


@pytest.mark.parametrize(
    ("text", "key", "remedy"),
    [
        ("motion = 3", "motion: found 3", "[motion]"),
        ("[motoin]\n", "motoin: unknown key", '"motion"'),
        ("[motion]\nspeed = 1", "motion.speed: unknown key", "moves, picture"),
        ("[motion]\npicture = 2", "motion.picture: found 2", "0 to 0.2"),
        ("[motion]\nmoves = ['spin']", "motion.moves: found 'spin'", "zoom-in, zoom-out, pan"),
        ("[layout]\nborder = 1", "layout.border: found 1", "true or false"),
        ("[layout]\nalign = 'left'", "layout.align: found 'left'", "start, center"),
        ("[type]\ntitle = [90]", "type.title: found [90]", "square brackets"),
        ("[type]\nnumber = true", "type.number: found True", "whole number"),
        ("motifs = []", "motifs: found []", "square brackets"),
        ("like = 3", "like: found 3", "modern"),
        ("palettes = 3", "palettes: expected a list", "[[palettes]]"),
        ("[[palettes]]\nink = 'red'", "palettes, number 1, ink: found 'red'", "#1f4bd8"),
        ("[[palettes]]\ninkk = '#000000'", "number 1, inkk: unknown key", '"ink"'),
        ("[[palettes]]\nink = '#10162c'", "ink on ground has a contrast of 1.0", "brightness"),
        ("[captions]\npanel = 'green'", "captions.panel: found 'green'", "ground, light, ink"),
        ("[captions]\nopacity = 0.2", "captions.opacity: found 0.2", "0.5 to 1"),
        ("[captions]\ntext = 'faded'\nopacity = 0.5", "captions: text (faded) on panel (deep)", "opacity"),
        ("[captions]\nlit_text = 'accent'", "captions: lit_text (accent) on lit (accent)", "more"),
        ("like = 'mine'", "like: the styles extend each other in a cycle", "built-in"),
    ],
)
def test_errors_name_the_file_and_the_key(tmp_path: Path, text: str, key: str, remedy: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_style("mine", save_style(tmp_path, text))
    assert f"mine.toml, {key}" in str(caught.value) or key in str(caught.value)
    assert "mine.toml" in str(caught.value)
    assert remedy in caught.value.remedy


def test_broken_files_and_names_of_built_in_styles_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"mine\.toml cannot be read"):
        load_style("mine", save_style(tmp_path, "= ="))
    with pytest.raises(SettingsError, match=r"modern\.toml has the name"):
        load_style("modern", save_style(tmp_path, "", "modern"))
    with pytest.raises(SettingsError, match=r"pressrun\.toml, \[style\], layuot"):
        load_style('{"layuot": {}}')


def test_a_missing_font_is_reported_with_the_known_ones(fonts: Fonts, tmp_path: Path) -> None:
    style = load_style("mine", save_style(tmp_path, '[type]\nheading_font = "Garamond"'))
    with pytest.raises(SettingsError, match='heading_font: unknown font "Garamond"') as caught:
        make_look(Shape(320, 180), style, fonts, "Walden", False)
    assert "DejaVu Serif" in caught.value.remedy


def test_contrast_and_luminance_follow_wcag() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((0x77, 0x77, 0x77), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)
    assert luminance((255, 0, 0)) == pytest.approx(0.2126)


def test_a_seed_is_the_same_on_every_machine() -> None:
    assert seed_of("Walden") == 0x3B24_38D1_4416
    assert seed_of("Walden") != seed_of("walden")
