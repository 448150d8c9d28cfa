"""Turn CSV text, lists and objects into rows of cells, numbered as in the user's sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pressrun.errors import RowsError
from pressrun.kinds.ideas.rows.fields import find_field
from pressrun.kinds.problems import quote

MAX_ROWS = 10_000
MAX_COLUMNS = 256
MAX_CELL_BYTES = 100_000
"""Bytes of a cell in UTF-8: enough for a script of three hours."""
MAX_CSV_LENGTH = 32 * 1024 * 1024
"""Characters of a whole CSV."""
DELIMITERS = (",", ";", "\t")
_ROWS_EXAMINED = 20
"""Rows that are examined to detect the delimiter."""

Cells = Sequence[Any]
"""The cells of a row: text from a CSV; text, numbers, booleans, None and lists from JSON or a sheet."""


@dataclass(frozen=True)
class Line:
    """A row of the sheet that is not blank. `number` counts all rows from 1, including blank ones."""

    number: int
    cells: tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """Rows of cells. `header` is None if it is not known yet whether the first line is one."""

    lines: tuple[Line, ...]
    header: Line | None = None


def make_table(rows: Iterable[Cells]) -> Table:
    """Return the rows of a sheet without blank ones. Raises `RowsError` if there are too many rows or columns."""
    lines: list[Line] = []
    for number, cells in enumerate(rows, 1):
        if len(lines) > MAX_ROWS + 1:
            raise too_many_rows_error()
        kept = _without_blank_end(cells)
        if len(kept) > MAX_COLUMNS:
            raise RowsError(
                f"Row {number} has {len(kept)} columns; the limit is {MAX_COLUMNS}", remedy="Remove unneeded columns."
            )
        if kept:
            lines.append(Line(number, kept))
    return Table(tuple(lines))


def too_many_rows_error() -> RowsError:
    return RowsError(f"There are more than {MAX_ROWS} rows", remedy=f"Send them in parts of at most {MAX_ROWS} rows.")


def is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip()) or cell == []


def _without_blank_end(cells: Cells) -> tuple[Any, ...]:
    kept = list(cells)
    while kept and is_blank(kept[-1]):
        kept.pop()
    return tuple(kept)


def parse_csv(text: str, delimiter: str | None = None) -> Table:
    """Return the rows of a CSV: RFC 4180, also with semicolons or tabs.

    Raises `RowsError` with the number of the row that is malformed.
    """
    if len(text) > MAX_CSV_LENGTH:
        raise RowsError(f"The CSV has more than {MAX_CSV_LENGTH} characters", remedy="Send it in parts.")
    body = text.removeprefix("\ufeff")
    first, end, rest = body.partition("\n")
    if (named := _declared_delimiter(first)) and end:
        body, delimiter = rest, delimiter or named
    return make_table(_records(body, delimiter or detect_delimiter(body)))


def _declared_delimiter(line: str) -> str | None:
    """Return the delimiter of the line `sep=;`, which some programs write before the sheet and hide from the user."""
    word = line.strip("\r\n ").lower()
    named = line.rstrip("\r\n")[4:5]
    return named if word.startswith("sep=") and len(word) <= 5 and named in DELIMITERS else None


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    done = 0
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield record
            done += 1
    except csv.Error as error:
        raise RowsError(
            f"Row {done + 1} of the CSV cannot be read: {_explain(str(error))}",
            remedy='Enclose a cell that contains a quotation mark in quotation marks, and double it: "say ""yes""".',
        ) from None


def _explain(error: str) -> str:
    if "unexpected end" in error:
        return "a quotation mark is never closed"
    if "expected after" in error:
        return "there is text after a closing quotation mark"
    if "field limit" in error:
        return f"a cell is larger than {MAX_CELL_BYTES} bytes, or a quotation mark is never closed"
    return "it is malformed"


def detect_delimiter(text: str) -> str:
    """Return the delimiter that yields the most known column names, else rows of equal width; a comma by default."""
    return max(DELIMITERS, key=lambda each: _fit(text, each))


def _fit(text: str, delimiter: str) -> tuple[int, bool]:
    """Return the number of known names in the first row, and whether all rows have the same width above one."""
    try:
        records = [record for record in islice(_records(text, delimiter), _ROWS_EXAMINED) if any(record)]
    except RowsError:
        return 0, False
    widths = {len(record) for record in records}
    names = sum(1 for cell in records[0] if find_field(cell)) if records else 0
    return names, len(widths) == 1 and widths != {1}


def parse_list(rows: Sequence[Any]) -> Table:
    """Return the rows of a request, which are all lists or all objects. Row 1 is the first object.

    Raises `RowsError` with the number of the first row that is neither, or differs from those before it.
    """
    kind = "lists" if rows and isinstance(rows[0], list | tuple) else "objects"
    wanted = (list, tuple) if kind == "lists" else (Mapping,)
    for number, row in enumerate(rows, 1):
        if not isinstance(row, wanted):
            also = f" like row 1, a row of {kind}" if number > 1 else ""
            raise RowsError(
                f"Row {number} is {quote(row)}, neither a list of cells nor an object{also}",
                remedy="Send all rows as objects with the names of the columns, or all as lists.",
            )
    return make_table(rows) if kind == "lists" else _table_of_objects(rows)


def _table_of_objects(rows: Sequence[Mapping[str, Any]]) -> Table:
    if len(rows) > MAX_ROWS:
        raise too_many_rows_error()
    names = list(dict.fromkeys(str(name) for row in rows for name in row))
    if len(names) > MAX_COLUMNS:
        raise RowsError(
            f"The rows have {len(names)} different columns; the limit is {MAX_COLUMNS}",
            remedy="Remove unneeded columns.",
        )
    table = make_table([row.get(name) for name in names] for row in rows)
    return Table(table.lines, Line(0, tuple(names)))
