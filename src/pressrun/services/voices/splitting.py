"""Split a text into the parts that a voice speaks at once: one sentence each, long ones in pieces.

A part consists of whole units, so that the words of the captions match the audio.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pressrun.services.languages import split_sentences
from pressrun.services.pace import sentence_pause
from pressrun.services.voices.text_units import Unit, has_letters, split_units

Ending = Literal["sentence", "clause", "word"]

CLAUSE_MARKS = ",;:，、；：،؛—–"
NATURAL_RATE = 165
"""Words per minute of a voice at its own pace."""
CLAUSE_PAUSE = 0.16
"""Seconds between two clauses of one sentence, at the voice's own pace."""
WORD_CUT_COST = 0.5
"""Distance from the middle, as a share of the whole, at which a cut after a clause still beats one between words."""


@dataclass(frozen=True)
class TextPart:
    """`units` with the texts of captions, `spoken` as sent to the voice, and what ends after it."""

    units: tuple[Unit, ...]
    spoken: str
    ending: Ending

    @property
    def texts(self) -> tuple[str, ...]:
        """Return the texts as shown in captions."""
        return tuple(unit.text for unit in self.units)


Measure = Callable[[Sequence[Unit]], int]
"""Returns the length of units, in whatever a voice limits."""


def count_characters(units: Sequence[Unit]) -> int:
    """Return the number of characters that are spoken."""
    return len(join_spoken(units))


def split_text(
    text: str, language: str, longest: int, measure: Measure = count_characters
) -> list[TextPart]:
    """Return the parts of `text` in order, each of at most the length `longest` unless a single word is longer.

    Each part has something to say if `text` has. `measure` returns a length, by default in characters.
    """
    parts: list[TextPart] = []
    for sentence in _merge_silent_groups(_split_sentences(text, language)):
        pieces = _split_sentence(sentence, longest, measure)
        for piece, ending in pieces[:-1]:
            parts.append(TextPart(tuple(piece), join_spoken(piece), ending))
        last = pieces[-1][0]
        parts.append(TextPart(tuple(last), join_spoken(last), "sentence"))
    return parts


def pause_after(ending: Ending, rate: int) -> float:
    """Return the seconds of silence after a part at `rate` words per minute."""
    if ending == "sentence":
        return sentence_pause(rate)
    return CLAUSE_PAUSE * NATURAL_RATE / rate if ending == "clause" else 0.0


def _split_sentences(text: str, language: str) -> list[list[Unit]]:
    """Return the units of each sentence. A unit that contains the end of a sentence belongs to that sentence."""
    ends, total = [], 0
    for sentence in split_sentences(text, language):
        total += len("".join(sentence.split()))
        ends.append(total)
    made: list[list[Unit]] = []
    current: list[Unit] = []
    done = 0
    for unit in split_units(text):
        current.append(unit)
        done += len(unit.text)
        if ends and done >= ends[0]:
            made.append(current)
            current = []
            while ends and done >= ends[0]:
                ends.pop(0)
    return [*made, current] if current else made


def _merge_silent_groups(groups: Sequence[list[Unit]]) -> list[list[Unit]]:
    """Append groups with nothing to say to the previous group, or to the next one at the beginning."""
    made: list[list[Unit]] = []
    waiting: list[Unit] = []
    for group in groups:
        if has_letters(join_spoken(group)):
            made.append([*waiting, *group])
            waiting = []
        elif made:
            made[-1] = [*made[-1], *group]
        else:
            waiting = [*waiting, *group]
    return made or ([waiting] if waiting else [])


def _split_sentence(group: list[Unit], longest: int, measure: Measure) -> list[tuple[list[Unit], Ending]]:
    """Halve `group` until each piece is short enough, preferably after a clause that ends near the middle."""
    if measure(group) <= longest:
        return [(group, "sentence")]
    places = [
        at for at in range(1, len(group))
        if has_letters(join_spoken(group[:at])) and has_letters(join_spoken(group[at:]))
    ]
    if not places:
        return [(group, "sentence")]
    lengths = [len(join_spoken(group[:at])) for at in range(len(group) + 1)]
    total = lengths[-1]

    def cost(at: int) -> tuple[float, int]:
        off = abs(2 * lengths[at] - total) / total
        return off + (0.0 if _ends_clause(group[at - 1]) else WORD_CUT_COST), at

    at = min(places, key=cost)
    left, right = _split_sentence(group[:at], longest, measure), _split_sentence(group[at:], longest, measure)
    left[-1] = (left[-1][0], "clause" if _ends_clause(group[at - 1]) else "word")
    return [*left, *right]


def _ends_clause(unit: Unit) -> bool:
    return unit.text.rstrip("\"'”’»」』)")[-1:] in tuple(CLAUSE_MARKS)


def join_spoken(group: Sequence[Unit]) -> str:
    """Return what the voice reads for units."""
    spoken = "".join((unit.gap if number else "") + unit.spoken for number, unit in enumerate(group))
    return " ".join(spoken.split())
