"""Fonts: which is taken, what is missing, and what is left out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pressrun.errors import MissingGlyphsError, RenderError, SettingsError
from pressrun.media.fonts import SHIPPED, Fonts, load_fonts


def test_the_fonts_that_come_along_have_latin_cyrillic_greek_and_arabic(fonts: Fonts) -> None:
    fonts.require(["Straße naïve", "Война и мир", "Ὀδύσσεια", "كليلة ودمنة", "עברית"])


def test_the_weight_asked_for_is_taken(fonts: Fonts) -> None:
    assert fonts.pick("Walden", bold=True).bold
    assert not fonts.pick("Walden").bold


def test_missing_letters_are_named_with_the_remedy(fonts: Fonts) -> None:
    with pytest.raises(MissingGlyphsError, match="中 国 東") as caught:
        fonts.require(["plain", "中国", "東中"])
    assert "font_dir" in caught.value.remedy


def test_pictures_and_symbols_are_left_out_of_drawn_text(fonts: Fonts) -> None:
    assert fonts.pick("Hi \U0001f642 you").drawable("Hi \U0001f642 you \u20bf\ufe0f") == "Hi you"
    assert fonts.undrawable(["Hi \U0001f642", "plain"]) == "\U0001f642"


def test_fonts_of_a_folder_come_first(tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    shutil.copy(SHIPPED / "DejaVuSans.ttf", tmp_path / "fonts" / "Mine.ttf")
    fonts = load_fonts("fonts", tmp_path)
    assert fonts.pick("Walden", bold=True).path == tmp_path / "fonts" / "Mine.ttf"
    assert fonts.outside == (tmp_path / "fonts" / "Mine.ttf",)


def test_a_folder_that_is_not_there_or_empty_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no folder"):
        load_fonts("nowhere", tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingsError, match="has no font"):
        load_fonts("empty", tmp_path)


def test_a_file_that_is_no_font_is_named(tmp_path: Path) -> None:
    (tmp_path / "Bad.ttf").write_bytes(b"not a font at all")
    with pytest.raises(RenderError, match=r"Bad\.ttf cannot be read"):
        load_fonts(str(tmp_path), tmp_path)


def test_scripts_that_need_shaping_are_refused_where_it_is_not_there(
    fonts: Fonts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("PIL.features.check", lambda name: False)
    assert fonts.pick("Latin without shaping")
    with pytest.raises(RenderError, match="cannot shape"):
        fonts.pick("حكاية بلا تشكيل")


def test_the_licence_stands_beside_the_fonts() -> None:
    text = (SHIPPED / "LICENSE-DejaVu.txt").read_text("utf-8")
    assert "Bitstream" in text
    assert "Tavmjong Bah" in text
