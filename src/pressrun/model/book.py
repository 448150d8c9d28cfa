"""A book: one line of the list."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

MAX_TITLE = 300
"""Characters a title or an author may have. The longest book titles in library catalogues stay below it."""


def fold(text: str) -> str:
    """`text` as it is compared: Unicode NFKC, casefolded, white space folded to single blanks."""
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


@dataclass(frozen=True)
class Book:
    """A title and, where known, its author; `line` is where the list names it, counted from 1."""

    title: str
    author: str | None = None
    line: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Equal for two lines that mean the same book; an absent author is the empty string."""
        return fold(self.title), fold(self.author or "")

    def __str__(self) -> str:
        return f"{self.title} | {self.author}" if self.author else self.title
