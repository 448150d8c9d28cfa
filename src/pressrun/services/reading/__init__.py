"""Read a text the way a person would: for each written word, the words that are spoken.

"In 1984, Dr. Smith paid $5." becomes "In nineteen eighty-four, Doctor Smith paid five dollars."; the captions show what
was written. A language without rules is left to the voice.
"""

from __future__ import annotations

from pressrun.services.reading.english import ENGLISH
from pressrun.services.reading.german import GERMAN
from pressrun.services.reading.hindi import HINDI
from pressrun.services.reading.romance import FRENCH, ITALIAN, PORTUGUESE, SPANISH
from pressrun.services.reading.rules import LanguageRules
from pressrun.services.reading.tokens import ReadWord
from pressrun.services.reading.words import Reader

RULES: dict[str, LanguageRules] = {
    rules.code: rules for rules in (ENGLISH, SPANISH, FRENCH, GERMAN, ITALIAN, PORTUGUESE, HINDI)
}
"""Language code -> its rules."""

__all__ = ["RULES", "ReadWord", "read_text", "spoken_text"]


def read_text(text: str, language: str) -> tuple[ReadWord, ...]:
    """Return the words of `text` between its spaces, each with what is spoken for it, which may be nothing."""
    rules = RULES.get(language.lower().replace("_", "-").split("-")[0])
    tokens = text.split()
    if rules is None:
        return tuple(ReadWord(token, token) for token in tokens)
    return Reader(tokens, rules).read()


def spoken_text(text: str, language: str) -> str:
    """Return what is spoken for `text`."""
    return " ".join(word.spoken for word in read_text(text, language) if word.spoken)
