"""What is wrong with a value that somebody sent, and values as messages repeat them."""

from __future__ import annotations

from dataclasses import dataclass

from pressrun.services.foreign_text import HIDDEN

SHOWN = 60
"""Characters of a value that a message repeats."""


@dataclass(frozen=True)
class Problem:
    """One cell that cannot be used: its column, what stands there, and what is expected."""

    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.column}: found {self.found}; expected {self.expected}"


def shown(value: object) -> str:
    """`value` as a message repeats it: in one line, short, and such that it can be printed everywhere."""
    if not isinstance(value, str):
        return _shown_plain(value)
    text = value[:SHOWN * 8].translate(HIDDEN).encode("utf-8", "backslashreplace").decode()
    line = " ".join(text.split())
    cut = line if len(line) <= SHOWN else f"{line[:SHOWN - 1]}…"
    return f'"{cut}"' if cut else "nothing"


def _shown_plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**15 else "a very large number"
    if isinstance(value, float):
        return f"{value:.15g}"
    kinds = {list: "a list", tuple: "a list", dict: "an object", type(None): "nothing"}
    return kinds.get(type(value), "something that is no text")
