"""Japanese: phrases, their readings, and honesty where these are not installed."""

from __future__ import annotations

import sys

import pytest

from pressrun.errors import VoiceError
from pressrun.services.voices import japanese


def test_phrases_keep_their_particles_and_have_readings() -> None:
    made = japanese.split_japanese("東京は日本の首都です。")
    assert [unit.text for unit in made] == ["東京は", "日本の", "首都です。"]
    assert [unit.spoken for unit in made] == ["とうきょうわ", "にっぽんの", "しゅとです。"]


def test_brackets_stay_with_what_they_enclose() -> None:
    made = japanese.split_japanese("彼は『坊っちゃん』を読んだ。")
    assert made[1].text.startswith("『坊っちゃん』")


def test_text_in_kana_only_needs_no_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pykakasi", None)
    japanese._reader.cache_clear()
    text = "これはカタカナのテストです。ありがとう"
    assert "".join(unit.text for unit in japanese.split_japanese(text)) == text


def test_kanji_without_the_readings_name_the_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pykakasi", None)
    japanese._reader.cache_clear()
    with pytest.raises(VoiceError, match="kanji") as caught:
        japanese.split_japanese("東京")
    assert "pressrun[japanese]" in caught.value.remedy
