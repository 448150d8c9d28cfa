"""Phonemes of eSpeak NG, each for the word it belongs to."""

from __future__ import annotations

import pytest

from pressrun.errors import VoiceError
from pressrun.services.voices.phonemes import split_at_dashes, unit_phonemes
from pressrun.services.voices.text_units import split_units


def phonemes(text: str, voice: str) -> list[str]:
    return list(unit_phonemes(tuple(split_units(text)), voice))


@pytest.mark.parametrize(
    ("voice", "text", "expected"),
    [
        ("en-us", "The hut of the pond", ["ðə", "hˈʌt", "ʌv", "ðə", "pˈɑːnd"]),
        ("en-gb", "out of the air", ["ˌa^ʊt", "əv", "ðɪ", "ˈe^ə"]),
        ("fr", "Les amis ont", ["lez", "amˈi", "ˈɔ\u0303"]),
        ("es", "El niño", ["el", "nˈiɲo"]),
    ],
)
def test_words_that_espeak_joins_are_divided(voice: str, text: str, expected: list[str]) -> None:
    assert phonemes(text, voice) == expected


def test_a_number_has_all_its_words() -> None:
    before, number, after = phonemes("in 1845, here", "en-us")
    assert (before, after) == ("ɪn", "hˈɪ^ɹ")
    assert number.split()[0] == "wˈʌn"
    assert len(number.split()) == 5


def test_an_abbreviation_is_read_in_full() -> None:
    assert phonemes("Mr. Smith", "en-us")[0] == "mˈɪstɚ"


def test_units_without_letters_have_no_phonemes() -> None:
    assert phonemes("Yes — no … !", "en-us")[1] == ""
    assert phonemes("—", "en-us") == [""]


def test_a_foreign_word_is_read_without_the_name_of_its_language() -> None:
    assert all("(" not in each for each in phonemes("Le livre Walden est là.", "fr"))


def test_a_dash_inside_a_word_divides_it() -> None:
    units, owners = split_at_dashes(split_units("the house—in spring"))
    assert [unit.spoken for unit in units] == ["the", "house—", "in", "spring"]
    assert owners == (0, 1, 1, 2)


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(VoiceError):
        phonemes("word", "xx")
