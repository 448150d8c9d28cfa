"""Rows of cells, numbered as the user's sheet numbers them, from CSV text or from lists and objects."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pressrun.errors import RowsError
from pressrun.kinds.ideas.rows.fields import field_named
from pressrun.kinds.problems import quote

MOST_ROWS = 10_000
MOST_COLUMNS = 256
LARGEST_CELL = 100_000
"""Bytes of a cell in UTF-8: a script of some three hours."""
LARGEST_TEXT = 32 * 1024 * 1024
"""Characters of a whole CSV."""
DELIMITERS = (",", ";", "\t")
_LOOKED_AT = 20
"""Rows that are looked at to find out what separates the cells."""

Cells = Sequence[Any]
"""Of one row: text from a CSV; text, numbers, true, false, null and lists from JSON or a sheet."""


@dataclass(frozen=True)
class Line:
    """A row of the sheet that is not blank. `number` counts from 1 and counts blank rows too."""

    number: int
    cells: tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """`header` is None where it is not known yet whether the first line is one."""

    lines: tuple[Line, ...]
    header: Line | None = None


def table_of_cells(rows: Iterable[Cells]) -> Table:
    """The rows of a sheet, top down. Raises `RowsError` where there are too many, or none that says anything."""
    lines: list[Line] = []
    for number, cells in enumerate(rows, 1):
        if len(lines) > MOST_ROWS + 1:
            raise too_many()
        kept = _without_blank_end(cells)
        if len(kept) > MOST_COLUMNS:
            raise RowsError(
                f"Row {number} has {len(kept)} columns, {MOST_COLUMNS} are allowed", remedy="Remove those not needed."
            )
        if kept:
            lines.append(Line(number, kept))
    return Table(tuple(lines))


def too_many() -> RowsError:
    return RowsError(f"There are more than {MOST_ROWS} rows", remedy=f"Send them in parts of at most {MOST_ROWS} rows.")


def is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip()) or cell == []


def _without_blank_end(cells: Cells) -> tuple[Any, ...]:
    kept = list(cells)
    while kept and is_blank(kept[-1]):
        kept.pop()
    return tuple(kept)


def table_of_csv(text: str, delimiter: str | None = None) -> Table:
    """The rows of a CSV (RFC 4180, also with semicolons or tabs; blank rows count).

    Raises `RowsError` with the number of the row that is not well formed.
    """
    if len(text) > LARGEST_TEXT:
        raise RowsError(f"The CSV has more than {LARGEST_TEXT} characters", remedy="Send it in parts.")
    body = text.removeprefix("\ufeff")
    first, end, rest = body.partition("\n")
    if (named := _named_delimiter(first)) and end:
        body, delimiter = rest, delimiter or named
    return table_of_cells(_records(body, delimiter or _sniffed(body)))


def _named_delimiter(line: str) -> str | None:
    """Of `sep=;`, the line that some programs put before the sheet and show to nobody."""
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
            f"Row {done + 1} of the CSV cannot be read: {_in_words(str(error))}",
            remedy='Put a cell that holds a quotation mark into quotation marks and double it inside: "say ""yes""".',
        ) from None


def _in_words(error: str) -> str:
    if "unexpected end" in error:
        return "a quotation mark is opened and never closed"
    if "expected after" in error:
        return "text stands behind a closing quotation mark"
    if "field limit" in error:
        return f"a cell is larger than {LARGEST_CELL} bytes, or a quotation mark is never closed"
    return "it is not well formed"


def _sniffed(text: str) -> str:
    """What separates the cells: what makes the most names of columns, else even rows; in doubt a comma."""
    return max(DELIMITERS, key=lambda each: _fit(text, each))


def _fit(text: str, delimiter: str) -> tuple[int, bool]:
    """How many names of columns the first row holds, and whether all have as many cells, more than one."""
    try:
        records = [record for record in islice(_records(text, delimiter), _LOOKED_AT) if any(record)]
    except RowsError:
        return 0, False
    widths = {len(record) for record in records}
    names = sum(1 for cell in records[0] if field_named(cell)) if records else 0
    return names, len(widths) == 1 and widths != {1}


def table_of_list(rows: Sequence[Any]) -> Table:
    """The rows of a request: all lists, or all objects, whose row 1 is the first object.

    Raises `RowsError` with the number of the first row that is neither, or unlike those before it.
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
    return table_of_cells(rows) if kind == "lists" else _table_of_objects(rows)


def _table_of_objects(rows: Sequence[Mapping[str, Any]]) -> Table:
    if len(rows) > MOST_ROWS:
        raise too_many()
    names = list(dict.fromkeys(str(name) for row in rows for name in row))
    if len(names) > MOST_COLUMNS:
        raise RowsError(
            f"The rows have {len(names)} different columns, {MOST_COLUMNS} are allowed",
            remedy="Remove those not needed.",
        )
    table = table_of_cells([row.get(name) for name in names] for row in rows)
    return Table(table.lines, Line(0, tuple(names)))
