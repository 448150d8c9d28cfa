"""Turn the units of a text into phonemes with eSpeak NG, so that every phoneme belongs to one unit.

eSpeak NG reads a whole clause, because the sound of a word depends on its neighbors. It may join two words ("of the")
or read one as several ("1845"), so its phonemes are aligned with those of each unit on its own.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

from pressrun.services.voices.espeak_library import Engine, exclusive_engine
from pressrun.services.voices.text_units import Unit, has_letters

CLAUSE_END = frozenset(",;:.!?…—–、。！？；：،؛؟۔।")
"""Marks after which a clause ends. A full stop inside a sentence belongs to an abbreviation."""
_LANGUAGE_SWITCH = re.compile(r"\(\^?[a-z][a-z^0-9-]*\)")
"""Where eSpeak NG reads a foreign word in its own language, e.g. "(en)"."""
_ATTACHED = frozenset("ːˑ^ʰʲʷˠ˞")
"""Signs that belong to the sound before them, besides combining ones."""
SNAP_DISTANCE = 3
"""Phonemes around the estimated border of two units in which a space is taken for it."""


_INNER_MARK = re.compile(r"(?<=[—–…])(?=\w)|(?<=\.\.\.)(?=\w)")


def split_at_dashes(units: Sequence[Unit]) -> tuple[tuple[Unit, ...], tuple[int, ...]]:
    """Return units divided after a dash within a word, e.g. "house—in", and for each the index of its original."""
    made: list[Unit] = []
    owners: list[int] = []
    for index, unit in enumerate(units):
        for number, piece in enumerate(_INNER_MARK.split(unit.spoken)):
            made.append(Unit(piece, piece, " " if number else unit.gap))
            owners.append(index)
    return tuple(made), tuple(owners)


def marks_around(text: str, known: Container[str]) -> tuple[str, str]:
    """Return the `known` punctuation before and after the letters of `text`; all of it after, if there are none."""
    letters = [at for at, each in enumerate(text) if has_letters(each)]
    before, after = (text[: letters[0]], text[letters[-1] + 1 :]) if letters else ("", text)
    return "".join(each for each in before if each in known), "".join(each for each in after if each in known)


@lru_cache(maxsize=4096)
def unit_phonemes(units: tuple[Unit, ...], voice: str) -> tuple[str, ...]:
    """Return the phonemes of each unit in IPA, in the language `voice` of eSpeak NG; empty for one without letters.

    A unit read as several words has spaces between them, and a sound of several letters has "^" between them. Raises
    `VoiceError` for an unknown language.
    """
    with exclusive_engine() as engine:
        engine.choose(voice, voice)
        found: list[str] = []
        for clause in _clauses(units):
            found += _clause_phonemes(clause, engine)
    return tuple(found)


def _clauses(units: Sequence[Unit]) -> list[list[Unit]]:
    clauses: list[list[Unit]] = [[]]
    for unit in units:
        clauses[-1].append(unit)
        end = unit.spoken.rstrip("\"'”’»」』)")[-1:]
        if end in CLAUSE_END and end != ".":
            clauses.append([])
    return [clause for clause in clauses if clause]


def _clause_phonemes(units: Sequence[Unit], engine: Engine) -> list[str]:
    spoken = [unit for unit in units if has_letters(unit.spoken)]
    text = "".join((unit.gap if number else "") + unit.spoken for number, unit in enumerate(spoken))
    whole = _phonemes(text, engine)
    words = whole.split()
    plain = all(any(map(str.isalpha, unit.spoken)) and not any(map(str.isdigit, unit.spoken)) for unit in spoken)
    if len(words) == len(spoken) and plain:
        pieces = words
    else:
        pieces = _divide(whole, [_phonemes(unit.spoken, engine) for unit in spoken])
    remaining = iter(pieces)
    return [next(remaining) if has_letters(unit.spoken) else "" for unit in units]


def _phonemes(text: str, engine: Engine) -> str:
    return " ".join(_LANGUAGE_SWITCH.sub("", engine.phonemes(text)).replace("-", "").split())


def _divide(whole: str, single: Sequence[str]) -> list[str]:
    """Divide the phonemes of a clause into those of its units, given the phonemes of each unit on its own."""
    joined = "".join(single)
    blocks = SequenceMatcher(None, joined, whole, autojunk=False).get_matching_blocks()
    borders, total = [0], 0
    for piece in single[:-1]:
        total += len(piece)
        within = next((b for b in blocks if b.size and b.a <= total <= b.a + b.size), None)
        if within is not None:
            border = _out_of_sound(whole, within.b + total - within.a)
        else:
            # The clause has other sounds here, e.g. an unstressed word: take the space that is nearest.
            border = _nearest_space(whole, next((b.b for b in blocks if b.a >= total), len(whole)))
        borders.append(max(border, borders[-1]))
    borders.append(len(whole))
    return [whole[a:b].strip() for a, b in pairwise(borders)]


def _nearest_space(whole: str, at: int) -> int:
    near = [
        place for place in range(max(at - SNAP_DISTANCE, 0), min(at + SNAP_DISTANCE + 1, len(whole)))
        if whole[place] == " "
    ]
    return min(near, key=lambda place: abs(place - at)) if near else _out_of_sound(whole, at)


def _out_of_sound(whole: str, at: int) -> int:
    """Move a border to the end of the sound it is in; a stress mark belongs to the sound after it."""
    while 0 < at < len(whole) and (_attaches(whole[at]) or whole[at - 1] == "^"):
        at += 1
    return at - 1 if at and whole[at - 1] in "ˈˌ" else at


def _attaches(sign: str) -> bool:
    return sign in _ATTACHED or "\u0300" <= sign <= "\u036f"
