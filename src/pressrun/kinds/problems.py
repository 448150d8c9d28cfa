"""Invalid values, and their form in messages."""

from __future__ import annotations

from dataclasses import dataclass

from pressrun.services.untrusted_text import HIDDEN

MAX_SHOWN_LENGTH = 60
"""Characters of a value that a message shows."""


@dataclass(frozen=True)
class Problem:
    """An invalid field or cell: its name, the value found there, and the value expected."""

    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.column}: found {self.found}; expected {self.expected}"


def quote(value: object) -> str:
    """Return `value` for a message: text in quotation marks, on one line, shortened, and safe to print."""
    if not isinstance(value, str):
        return _format_other(value)
    text = value[: MAX_SHOWN_LENGTH * 8].translate(HIDDEN).encode("utf-8", "backslashreplace").decode()
    line = " ".join(text.split())
    short = line if len(line) <= MAX_SHOWN_LENGTH else f"{line[: MAX_SHOWN_LENGTH - 1]}…"
    return f'"{short}"' if short else "nothing"


def _format_other(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**15 else "a very large number"
    if isinstance(value, float):
        return f"{value:.15g}"
    kinds = {list: "a list", tuple: "a list", dict: "an object", type(None): "nothing"}
    return kinds.get(type(value), "a value that is not text")
