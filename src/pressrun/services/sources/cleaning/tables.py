"""Drop tables: rows with `|` around a rule of dashes, boxes drawn with `+--`, and rows of cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pressrun.services.sources.cleaning.left_out import Tally

MIN_ROWS = 3
"""Lines with equally many cells that are a table without a rule."""

_RULE = re.compile(r"[ \t]*[|+]?[ \t]*:?-{2,}:?[ \t]*(?:[|+][ \t]*:?-{2,}:?[ \t]*)*[|+]?[ \t]*$")


def drop_tables(text: str, tally: Tally) -> str:
    """Return the text without tables, with or without pipes at the ends of their rows."""
    if "|" not in text and "+--" not in text:
        return text
    lines = text.split("\n")
    dropped = _ruled_rows(lines, tally)
    dropped |= _runs(lines, dropped, 2, _is_boxed, tally)
    dropped |= _runs(lines, dropped, MIN_ROWS, lambda line: line.count(" | "), tally)
    return "\n".join(line for number, line in enumerate(lines) if number not in dropped) if dropped else text


def _ruled_rows(lines: Sequence[str], tally: Tally) -> set[int]:
    """Return the numbers of the lines of tables that have a rule below their first row."""
    rows: set[int] = set()
    for number in range(1, len(lines)):
        line = lines[number]
        if number in rows or "-" not in line or "|" not in lines[number - 1] or not _RULE.match(line):
            continue
        tally.add("tables")
        end = number + 1
        while end < len(lines) and "|" in lines[end]:
            end += 1
        rows |= set(range(number - 1, end))
    return rows


def _is_boxed(line: str) -> int:
    clean = line.strip()
    return len(clean) > 2 and clean[0] in "|+" and clean[-1] in "|+"


def _runs(lines: Sequence[str], known: set[int], least: int, cells: Callable[[str], int], tally: Tally) -> set[int]:
    """Return the numbers of at least `least` lines in a row that have equally many cells."""
    rows: set[int] = set()
    number = 0
    while number < len(lines):
        end, wanted = number, cells(lines[number])
        while wanted and end < len(lines) and end not in known and cells(lines[end]) == wanted:
            end += 1
        if end - number >= least:
            tally.add("tables")
            rows |= set(range(number, end))
        number = max(end, number + 1)
    return rows
