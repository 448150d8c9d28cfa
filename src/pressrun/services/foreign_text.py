"""Remove invisible control characters from untrusted text, e.g. video titles or the reply of a model."""

from __future__ import annotations

_CONTROLS = dict.fromkeys(code for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r")
_DIRECTION_MARKS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Marks that change the direction of text. Marks that only join or separate letters stay: some scripts need them."""
HIDDEN: dict[int, str | None] = {**_CONTROLS, **_DIRECTION_MARKS, **dict.fromkeys(map(ord, "\v\f\x85"), " ")}
"""Table for `str.translate`; spaces and line breaks stay."""


def to_one_line(text: str) -> str:
    """Return `text` on one line, without control characters and direction marks."""
    return " ".join(text.translate(HIDDEN).split())
