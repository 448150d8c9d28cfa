"""Split a text into the units that captions highlight one by one, with what the voice reads for each.

In languages with spaces a unit is a word with its punctuation. Chinese, Japanese, Thai and similar scripts have no
spaces: there a unit is a few characters long and never splits a cluster, so captions stay readable and the highlight
still moves.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

CHINESE_UNIT = 4
"""Maximum characters of a Chinese unit: most words have two, set phrases four."""
SOUTH_EAST_ASIAN_UNIT = 6
"""Maximum clusters of a Thai, Lao, Khmer or Burmese unit; two to three syllables."""

_KANA = "\u3041-\u309f\u30a0-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_THAI_LIKE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
KANA = re.compile(f"[{_KANA}]")
HAN = re.compile(f"[{_HAN}]")
UNSPACED = re.compile(f"[{_KANA}{_HAN}{_THAI_LIKE}]")

_LEADING_VOWELS = frozenset("เแโใไເແໂໃໄ")
_STACKERS = frozenset("\u1039\u17d2")
_JOINERS = frozenset("\u200c\u200d")
_UNSPOKEN_MARKS = frozenset("*#_~^|\\`<>{}[]")
"""Remains of markup, which eSpeak would read out by name."""


@dataclass(frozen=True)
class Unit:
    """`text` as shown in captions, `spoken` as read by the voice, and `gap`, which precedes it in the spoken text."""

    text: str
    spoken: str
    gap: str = " "


def split_units(text: str) -> list[Unit]:
    """Return the units of `text` in order. Their texts joined without spaces are `text` without spaces."""
    made: list[Unit] = []
    for token in text.split():
        pieces = _pieces(token) if UNSPACED.search(token) else [token]
        for index, piece in enumerate(pieces):
            made.append(Unit(piece, to_speakable(piece), " " if index == 0 else ""))
    return made


def to_speakable(text: str) -> str:
    """Return `text` without characters that have no sound: emoji, controls, remains of markup. The length may change.
    """
    return "".join(each for each in text if _has_sound(each))


def has_letters(text: str) -> bool:
    """Return whether there is anything to say: a letter or a digit."""
    return any(unicodedata.category(each)[0] in "LN" for each in text)


def _has_sound(character: str) -> bool:
    if character in _JOINERS:
        return True
    category = unicodedata.category(character)
    return category[0] != "C" and category not in ("So", "Sk") and character not in _UNSPOKEN_MARKS


def _pieces(token: str) -> list[str]:
    """Split a stretch without spaces after punctuation, where the script changes, and into even, short pieces."""
    pieces: list[str] = []
    for stretch in _stretches(clusters(token)):
        kind = _kind(stretch[0])
        limit = {"han": CHINESE_UNIT, "other": len(stretch)}.get(kind, SOUTH_EAST_ASIAN_UNIT)
        count = -(-len(stretch) // limit)
        bounds = [round(index * len(stretch) / count) for index in range(count + 1)]
        pieces += ["".join(stretch[a:b]) for a, b in pairwise(bounds)]
    return _attach_punctuation(pieces)


def _stretches(parts: list[str]) -> list[list[str]]:
    made: list[list[str]] = []
    for part in parts:
        if made and _kind(part) == _kind(made[-1][-1]) != "mark":
            made[-1].append(part)
        else:
            made.append([part])
    return made


def _kind(cluster: str) -> str:
    if HAN.match(cluster):
        return "han"
    if UNSPACED.match(cluster):
        return "kana" if KANA.match(cluster) else "thai"
    return "other" if has_letters(cluster) else "mark"


def attaches_forward(piece: str) -> bool:
    """Return whether punctuation belongs to the following text: an opening bracket or quotation mark."""
    return bool(piece) and all(unicodedata.category(each) in ("Ps", "Pi") for each in piece)


def _attach_punctuation(pieces: list[str]) -> list[str]:
    made: list[str] = []
    opening = ""
    for piece in pieces:
        if attaches_forward(piece):
            opening += piece
        elif made and not opening and not has_letters(piece):
            made[-1] += piece
        else:
            made.append(opening + piece)
            opening = ""
    if opening and made:
        made[-1] += opening
    return made or ([opening] if opening else [])


def clusters(text: str) -> list[str]:
    """Split `text` into pieces that must stay together: a character with its combining marks and vowels."""
    made: list[str] = []
    for character in text:
        hangs = unicodedata.category(character)[0] == "M" or character in _JOINERS or character in "\u0e33\u0eb3"
        if made and (hangs or made[-1][-1] in _STACKERS or made[-1][-1] in _LEADING_VOWELS):
            made[-1] += character
        else:
            made.append(character)
    return made
