"""Phonemes in the symbols of kokoro."""

from __future__ import annotations

import pytest

from pressrun.services.voices.kokoro.symbols import SYMBOLS, encode, to_symbols
from pressrun.services.voices.text_units import Unit, split_units


def test_the_vocabulary_has_114_different_symbols() -> None:
    assert len(SYMBOLS) == len(set(SYMBOLS.values())) == 114
    assert max(SYMBOLS.values()) == 177
    assert all(len(symbol) == 1 for symbol in SYMBOLS)


@pytest.mark.parametrize(
    ("accent", "phonemes", "expected"),
    [
        ("en-us", "bᵻsˌa^ɪd", "bᵻsˌId"), ("en-us", "nˈo^ʊbɑːdi", "nˈObɑdi"), ("en-us", "lˈɪɾə^l", "lˈɪTᵊl"),
        ("en-us", "bˈʌʔn\u0329", "bˈʌtᵊn"), ("en-us", "wˈɔːɾɚ", "wˈɔTəɹ"), ("en-us", "bˈɜːd", "bˈɜɹd"),
        ("en-gb", "nˈə^ʊbɒdi", "nˈQbɒdi"), ("en-gb", "bˈɜːd", "bˈɜːd"), ("en-gb", "nˌi^ə", "nˌɪə"),
        ("es", "ot^ʃoθjˈentos", "oʧoθjˈentos"), ("it", "raɡˈat^sːo", "raɡˈaʦːo"), ("fr", "vˈɛ\u0303", "vˈɛ\u0303"),
        ("en-us", "\u2603", ""),
    ],
)
def test_sounds_become_symbols(accent: str, phonemes: str, expected: str) -> None:
    assert to_symbols(phonemes, accent) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("word", ("", "")), ("“Yes!”", ("“", "!”")), ("(so", ("(", "")), ("end...", ("", "…")), ("—", ("", "—")),
     ("«oui»", ("“", "”")), ("¿Qué?", ("", "?")), ("है।", ("", "."))],
)
def test_punctuation_is_kept(text: str, expected: tuple[str, str]) -> None:
    encoded = encode([Unit(text, text)], ["a" * any(map(str.isalpha, text))], [0], "es")
    names = {number: symbol for symbol, number in SYMBOLS.items()}
    before, _, after = "".join(names[token] for token in encoded.tokens).rpartition("a")
    assert (before, after) == expected


def test_every_token_belongs_to_its_unit_and_an_abbreviation_makes_no_pause() -> None:
    units = [*split_units("Mr. Smith, no."), Unit("—", "—")]
    encoded = encode(units, ["mˈɪstəɹ", "smˈɪθ", "nˈO", ""], range(4), "en-us")
    names = {number: symbol for symbol, number in SYMBOLS.items()}
    assert "".join(names[token] for token in encoded.tokens) == "mˈɪstəɹ smˈɪθ, nˈO—"
    assert [owner for owner in dict.fromkeys(encoded.owners) if owner is not None] == [0, 1, 2]
