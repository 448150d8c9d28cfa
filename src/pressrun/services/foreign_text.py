"""Remove invisible control characters from untrusted text, e.g. video titles or the reply of a model."""

from __future__ import annotations

_CONTROLS = dict.fromkeys(code for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r")
_DIRECTION_MARKS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Marks that turn the direction of what follows; those that only join or part letters are needed by some scripts."""
HIDDEN: dict[int, str | None] = {**_CONTROLS, **_DIRECTION_MARKS, **dict.fromkeys(map(ord, "\v\f\x85"), " ")}
"""For `str.translate`; blanks and ends of lines stay."""


def to_one_line(text: str) -> str:
    """`text` in one line, without control characters and marks of direction."""
    return " ".join(text.translate(HIDDEN).split())
