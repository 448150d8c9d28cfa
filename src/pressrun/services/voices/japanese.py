"""Japanese for a voice that reads kana only: kanji become their readings, and the text falls into phrases.

eSpeak NG says "Chinese letter" for every kanji. The readings come from pykakasi, which is an extra of this package
(`pip install "pressrun[japanese]"`): a dictionary with a licence of its own that most users never need.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from typing import Any

from pressrun.errors import VoiceError
from pressrun.services.voices.text_units import HAN, Unit, attaches_forward, has_letters, to_speakable

MAX_PHRASE_LETTERS = 12
"""Characters after which a phrase ends even within hiragana."""

_PARTICLES = {"は": "わ", "へ": "え"}
"""Written one way, said another when they stand alone."""
_SCRIPT_RUNS = re.compile(
    r"[\u3041-\u309f]+|[\u30a1-\u30fa\u30fc-\u30ff]+|[^\W\u3041-\u30ff]+|[^\w\s]|\s+|.", re.DOTALL
)


def split_japanese(text: str) -> list[Unit]:
    """Phrases (a content word with the particles after it) and their readings in kana.

    Raises `VoiceError` when the text has kanji and pykakasi is not installed.
    """
    made: list[Unit] = []
    opening, blank = "", True
    for surface, reading in _tokens(text):
        if surface.isspace():
            blank = True
            continue
        if attaches_forward(surface):
            opening += surface
            continue
        if made and not opening and not blank and not _starts_phrase(made[-1].text, surface):
            last = made.pop()
            made.append(Unit(last.text + surface, last.spoken + reading, last.gap))
        else:
            made.append(Unit(opening + surface, reading))
            opening, blank = "", False
    if opening:
        made.append(Unit(opening, ""))
    return made


def _starts_phrase(before: str, token: str) -> bool:
    if not has_letters(token):
        return False
    if not has_letters(before[-1]) and before[-1] not in "ー」』）)":
        return True
    return (_is_hiragana(before[-1]) and not _is_hiragana(token[0])) or len(before) + len(token) > MAX_PHRASE_LETTERS


def _is_hiragana(character: str) -> bool:
    return "\u3041" <= character <= "\u309f"


def _tokens(text: str) -> list[tuple[str, str]]:
    """(as written, as read) in order; together the written parts are `text`."""
    if not HAN.search(text):
        return [(run, _PARTICLES.get(run, to_speakable(run))) for run in _SCRIPT_RUNS.findall(text)]
    pairs: list[tuple[str, str]] = []
    for token in _reader().convert(text):
        written = token["orig"]
        if HAN.search(written):
            pairs.append((written, to_speakable(token["hira"])))
        else:
            pairs += [(run, _PARTICLES.get(run, to_speakable(run))) for run in _SCRIPT_RUNS.findall(written)]
    return pairs


@cache
def _reader() -> Any:
    try:
        pykakasi = import_module("pykakasi")
    except ImportError as error:
        raise VoiceError(
            "The Japanese text has kanji, whose readings the espeak voice does not know",
            remedy='Install the readings with: pip install "pressrun[japanese]", or write the text in kana.',
        ) from error
    return pykakasi.kakasi()
