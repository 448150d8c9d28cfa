"""Divide a written word into the word itself and the punctuation around it."""

from __future__ import annotations

from dataclasses import dataclass

_OPENING = "\"'“‘([{«¿¡*_—–„‚‹"
_CLOSING = ".,;:!?…\"'”’)]}»*_—–।›"


@dataclass(frozen=True)
class ReadWord:
    """A word as written, and what is spoken for it; empty for nothing."""

    text: str
    spoken: str


@dataclass(frozen=True)
class Token:
    """A written word: the punctuation before it, its core, and the punctuation after it."""

    lead: str
    core: str
    trail: str

    @property
    def text(self) -> str:
        """Return the word as written."""
        return self.lead + self.core + self.trail


def split_token(text: str) -> Token:
    """Return a written word divided into punctuation and core. A word of punctuation has no core."""
    start, end = 0, len(text)
    while start < end and text[start] in _OPENING:
        start += 1
    while end > start and text[end - 1] in _CLOSING:
        end -= 1
    return Token(text[:start], text[start:end], text[end:])
