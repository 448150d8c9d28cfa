"""A value that cannot be used, and values as messages repeat them."""

from __future__ import annotations

from dataclasses import dataclass

from pressrun.services.foreign_text import HIDDEN

MAX_SHOWN = 60
"""Characters of a value that a message repeats."""


@dataclass(frozen=True)
class Problem:
    """A field or cell that cannot be used: its name, what it holds, and what is expected."""

    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.column}: found {self.found}; expected {self.expected}"


def shown(value: object) -> str:
    """Return `value` for a message: in one line, shortened, and safe to print."""
    if not isinstance(value, str):
        return _shown_plain(value)
    text = value[: MAX_SHOWN * 8].translate(HIDDEN).encode("utf-8", "backslashreplace").decode()
    line = " ".join(text.split())
    cut = line if len(line) <= MAX_SHOWN else f"{line[: MAX_SHOWN - 1]}…"
    return f'"{cut}"' if cut else "nothing"


def _shown_plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**15 else "a very large number"
    if isinstance(value, float):
        return f"{value:.15g}"
    kinds = {list: "a list", tuple: "a list", dict: "an object", type(None): "nothing"}
    return kinds.get(type(value), "a value that is not text")
