"""The voices of kokoro: those that ship, and the choice by language and gender."""

from __future__ import annotations

import hashlib
from pathlib import Path

import platformdirs
import pytest

from pressrun.errors import VoiceError
from pressrun.services.voices.kokoro import catalog


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: tmp_path)


SHIPPED = [name for name in catalog.VOICES if catalog.shipped_file(name).is_file()]


def test_at_least_twelve_voices_ship_with_their_licence() -> None:
    assert len(SHIPPED) >= 12
    files = {path.name for path in catalog.shipped_file(SHIPPED[0]).parent.iterdir()}
    assert files == {"LICENSE", "NOTICE", *(f"{name}.f16" for name in SHIPPED)}


def test_every_language_ships_a_female_and_a_male_voice_if_both_exist() -> None:
    for accent in {voice.accent for voice in catalog.VOICES.values()}:
        of_accent = [voice for voice in catalog.VOICES.values() if voice.accent == accent]
        genders = {voice.gender for voice in of_accent}
        assert {voice.gender for voice in of_accent if voice.name in SHIPPED} == genders, accent


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_voice_has_a_style_for_each_number_of_tokens(name: str) -> None:
    styles = catalog.load_style(name)
    assert styles.shape == catalog.STYLE_SHAPE
    assert 0.1 < abs(styles).max() < 10


@pytest.mark.parametrize(
    ("language", "gender", "wanted", "name"),
    [
        ("en", "neutral", "", "af_heart"), ("en", "male", "", "am_michael"),
        ("en", "neutral", "bm_george", "bm_george"),
        ("en-GB", "female", "bm_george", "af_heart"), ("fr", "neutral", "bm_george", "ff_siwis"),
        ("pt_BR", "male", "", "pm_alex"), ("hi", "female", "", "hf_alpha"), ("fr", "male", "", None),
        ("de", "neutral", "", None),
    ],
)
def test_a_voice_is_chosen_by_language_gender_and_name(
    language: str, gender: str, wanted: str, name: str | None
) -> None:
    found = catalog.choose(language, gender, wanted)
    assert (found and found.name) == name


def test_a_damaged_voice_is_named(tmp_path: Path) -> None:
    path = catalog.downloaded_file("af_sky")
    path.parent.mkdir()
    path.write_bytes(bytes(catalog.DOWNLOAD_BYTES))
    assert hashlib.sha256(path.read_bytes()).hexdigest() != catalog.VOICES["af_sky"].sha256
    with pytest.raises(VoiceError, match=r"af_sky\.bin is damaged") as caught:
        catalog.load_style("af_sky")
    assert "pressrun voices get af_sky" in caught.value.remedy
