"""Convert Japanese for a voice that reads only kana: kanji become their readings, and the text is split into phrases.

eSpeak NG says "Chinese letter" for every kanji. The readings come from pykakasi, an optional dependency (`pip install
"pressrun[japanese]"`): a dictionary with its own licence that most users never need.
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
"""Particles that are pronounced differently from how they are written if they are a word of their own."""
_SCRIPT_RUNS = re.compile(
    r"[\u3041-\u309f]+|[\u30a1-\u30fa\u30fc-\u30ff]+|[^\W\u3041-\u30ff]+|[^\w\s]|\s+|.", re.DOTALL
)


def split_japanese(text: str) -> list[Unit]:
    """Return the phrases (a content word with its particles) and their readings in kana.

    Raises `VoiceError` if the text has kanji and pykakasi is not installed.
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
    """Return pairs of written and read text, in order; the written parts together are `text`."""
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
            remedy='Install them with: pip install "pressrun[japanese]", or write the text in kana.',
        ) from error
    return pykakasi.kakasi()
