"""Find the words of a text among words that a voice reported or that were recognized, which may be split otherwise."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class HeardWord:
    """A word as reported or recognized, and its start in seconds."""

    text: str
    start: float


def match_starts(texts: Sequence[str], heard: Sequence[HeardWord]) -> list[float | None]:
    """Return the start of each text, or None if it is not among the heard words.

    Letters and digits are compared, not words: "twenty-one" may be heard as two words, and "can not" as one. A text
    that begins inside a heard word has no start of its own.
    """
    letters, owners = _letters(texts)
    heard_letters, heard_owners = _letters([word.text for word in heard])
    starts: list[float | None] = [None] * len(texts)
    for block in SequenceMatcher(None, letters, heard_letters, autojunk=False).get_matching_blocks():
        for offset in range(block.size):
            at, heard_at = block.a + offset, block.b + offset
            begins = at == 0 or owners[at - 1] != owners[at]
            heard_begins = heard_at == 0 or heard_owners[heard_at - 1] != heard_owners[heard_at]
            if begins and heard_begins:
                starts[owners[at]] = heard[heard_owners[heard_at]].start
    return starts


def _letters(texts: Sequence[str]) -> tuple[str, list[int]]:
    """Return the letters and digits of all texts in lower case, and which text each belongs to."""
    letters: list[str] = []
    owners: list[int] = []
    for index, text in enumerate(texts):
        found = [each for each in unicodedata.normalize("NFKC", text).lower() if each.isalnum()]
        letters += found
        owners += [index] * len(found)
    return "".join(letters), owners
