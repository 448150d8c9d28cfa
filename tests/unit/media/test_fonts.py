"""Fonts are chosen by letters, family and weight. Missing letters are errors, missing symbols are omitted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pressrun.errors import MissingGlyphsError, RenderError, SettingsError
from pressrun.media.fonts import BUNDLED_FOLDER, Fonts, load_fonts


def test_the_bundled_fonts_have_latin_cyrillic_greek_arabic_and_hebrew(fonts: Fonts) -> None:
    fonts.require(["Straße naïve", "Война и мир", "Ὀδύσσεια", "كليلة ودمنة", "עברית"])


def test_the_requested_weight_is_chosen(fonts: Fonts) -> None:
    assert fonts.pick("Walden", bold=True).bold
    assert not fonts.pick("Walden").bold


def test_missing_letters_are_listed_with_a_remedy(fonts: Fonts) -> None:
    with pytest.raises(MissingGlyphsError, match="中 国 東") as caught:
        fonts.require(["plain", "中国", "東中"])
    assert "font_dir" in caught.value.remedy


def test_emoji_and_symbols_without_a_glyph_are_omitted(fonts: Fonts) -> None:
    assert fonts.pick("Hi \U0001f642 you").drawable("Hi \U0001f642 you \u20bf\ufe0f") == "Hi you"
    assert fonts.undrawable(["Hi \U0001f642", "plain"]) == "\U0001f642"


def test_fonts_of_the_font_folder_are_preferred(tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    shutil.copy(BUNDLED_FOLDER / "DejaVuSans.ttf", tmp_path / "fonts" / "Mine.ttf")
    fonts = load_fonts("fonts", tmp_path)
    assert fonts.pick("Walden", bold=True).path == tmp_path / "fonts" / "Mine.ttf"
    assert fonts.custom_files == (tmp_path / "fonts" / "Mine.ttf",)


def test_a_missing_or_empty_font_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        load_fonts("nowhere", tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingsError, match="has no fonts"):
        load_fonts("empty", tmp_path)


def test_a_broken_font_file_is_reported_by_name(tmp_path: Path) -> None:
    (tmp_path / "Bad.ttf").write_bytes(b"not a font at all")
    with pytest.raises(RenderError, match=r"Bad\.ttf cannot be read"):
        load_fonts(str(tmp_path), tmp_path)


def test_scripts_that_need_shaping_are_rejected_if_pillow_cannot_shape(
    fonts: Fonts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("PIL.features.check", lambda name: False)
    assert fonts.pick("Latin without shaping")
    with pytest.raises(RenderError, match="cannot shape"):
        fonts.pick("حكاية بلا تشكيل")


def test_the_fonts_have_their_licence() -> None:
    text = (BUNDLED_FOLDER / "LICENSE-DejaVu.txt").read_text("utf-8")
    assert "Bitstream" in text
    assert "Tavmjong Bah" in text
