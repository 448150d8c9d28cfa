"""Priorities: words and numbers, of which 1 goes first."""

from __future__ import annotations

from enum import StrEnum

FIRST, LAST = 1, 10
NUMBERS = {"high": 1, "normal": 5, "low": 9}
SAME = {"urgent": "high"}
"""Other words for those of `NUMBERS`."""
EXPECTED = f"low, normal, high or a whole number from {FIRST} (first) to {LAST}"


def parse_priority(value: object) -> str | int:
    """A word of `NUMBERS`, or a number from 1 to 10. Raises `ValueError`, which says what is expected."""
    if isinstance(value, str):
        word = value.strip().casefold()
        word = SAME.get(word, word)
        if word in NUMBERS:
            return word
        value = float(word) if word.replace(".", "", 1).isdecimal() and len(word) < 9 else None
    whole = isinstance(value, int | float) and not isinstance(value, bool) and FIRST <= value <= LAST
    if not whole or int(value) != value:  # type: ignore[call-overload]
        raise ValueError(EXPECTED)
    return int(value)  # type: ignore[call-overload, no-any-return]


def priority_number(value: str | int) -> int:
    """1 (first) to 10, of what `parse_priority` gives."""
    return NUMBERS[value] if isinstance(value, str) else value


class JobPriority(StrEnum):
    """How soon a job is taken, in the words of the Python door."""

    URGENT = "urgent"
    NORMAL = "normal"
    LOW = "low"

    @classmethod
    def of(cls, number: int) -> JobPriority:
        """The word for a number from 1 to 10."""
        return min(cls, key=lambda word: abs(priority_number(parse_priority(word)) - number))
