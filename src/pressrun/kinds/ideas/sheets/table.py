"""What all kinds of sheets have in common: their rows, and the columns with the results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from typing import Any, Protocol

from pressrun.kinds.ideas.rows.fields import normalize_name
from pressrun.kinds.ideas.rows.tables import Line, Table

MIN_BANNER_COLUMNS = 3
"""Columns from which a single merged cell in a row is a banner above the table and no data."""


@dataclass(frozen=True)
class ResultCells:
    """The result columns of one row."""

    status: str = ""
    url: str = ""
    error: str = ""
    cost: float | str = ""
    """US dollars."""
    time: float | str = ""
    """Seconds that the video took."""
    id: str = ""

    def values(self) -> tuple[Any, ...]:
        """Return the cells in the order of `RESULT_COLUMNS`."""
        return astuple(self)


RESULT_COLUMNS = ("Video status", "Video URL", "Video error", "Video cost", "Video time", "Pressrun ID")
ID_COLUMN = RESULT_COLUMNS[-1]
_RESULT_NAMES = {normalize_name(name): name for name in RESULT_COLUMNS}


@dataclass(frozen=True)
class Merge:
    """A merged cell. Bounds are zero-based, ends are excluded."""

    first_row: int
    end_row: int
    first_column: int
    end_column: int


@dataclass(frozen=True)
class SheetTable:
    """The rows of a sheet at one moment."""

    table: Table
    """Rows with data and the header, without the result columns and without hidden rows."""
    columns: Mapping[str, int] = field(default_factory=dict)
    """Result column -> zero-based index, for those that the header has."""
    results: Mapping[int, ResultCells] = field(default_factory=dict)
    """Number of a row -> its result cells now."""
    end_column: int = 0
    """Index of the first column to the right of all cells."""
    warnings: tuple[str, ...] = ()


class Sheet(Protocol):
    """A sheet whose rows can be read and whose results can be written."""

    @property
    def name(self) -> str:
        """Name for messages."""

    @property
    def key(self) -> str:
        """Identifies the sheet in a workspace, whatever its name is today."""

    @property
    def results_place(self) -> str:
        """Return where results are written, for messages."""

    @property
    def can_write(self) -> bool: ...

    def read(self, *, fresh: bool = True) -> SheetTable:
        """Return the rows now. Without `fresh`, sizes and hidden rows may be those of the last call.

        Raises `RowsError` for a range without rows, and the errors of the network and of missing access.
        """

    def store(self, table: SheetTable, header: int, cells: Mapping[int, ResultCells]) -> bool:
        """Write the result cells that differ from those in `table`. Return False if none do.

        `header` is the number of the row with the names of the columns. Rows that are not in `cells` stay unchanged.
        """


def make_sheet_table(
    rows: Mapping[int, list[Any]],
    *,
    header: Line | None,
    hidden: frozenset[int] = frozenset(),
    merges: tuple[Merge, ...] = (),
    columns: tuple[int, int | None] = (0, None),
) -> SheetTable:
    """Return the table of the rows by their numbers, each from column A on. Only `columns`, start and end, have data.

    `header` is a row above the range with the names of the columns.
    """
    rows, notes = _fill_merged(dict(rows), merges)
    names = header or next((Line(number, tuple(row)) for number, row in sorted(rows.items()) if _has_text(row)), None)
    places = _result_columns(names.cells if names else ())
    first, end = columns
    lines, results = [], {}
    for number, row in sorted(rows.items()):
        cells = [None if index in places.values() else cell for index, cell in enumerate(row)]
        data = _strip_blank_end(cells[first:end])
        if number - 1 in hidden and names and number != names.number:
            continue
        if data:
            lines.append(Line(number, data))
        if not (places and names and number == names.number):
            results[number] = _result_cells(row, places)
    left_out = sorted(index + 1 for index in hidden if _has_text(rows.get(index + 1, [])))
    if left_out:
        notes.append(f"{_name_rows(left_out)} hidden and left out; show hidden rows to include them")
    width = max((len(row) for row in rows.values()), default=0)
    above = None
    if header:
        kept = [None if index in places.values() else cell for index, cell in enumerate(header.cells)]
        above = Line(header.number, tuple(kept[first:end]))
        width = max(width, len(header.cells))
    return SheetTable(Table(tuple(lines), above), places, results, width, tuple(notes))


def _result_columns(header: tuple[Any, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, cell in enumerate(header):
        name = _RESULT_NAMES.get(normalize_name(cell)) if isinstance(cell, str) else None
        if name:
            found.setdefault(name, index)
    return found


def _result_cells(row: list[Any], places: Mapping[str, int]) -> ResultCells:
    def value(name: str) -> Any:
        index = places.get(name, len(row))
        cell = row[index] if index < len(row) else ""
        return "" if cell is None else cell

    return ResultCells(*map(value, RESULT_COLUMNS))


def _fill_merged(rows: dict[int, list[Any]], merges: tuple[Merge, ...]) -> tuple[dict[int, list[Any]], list[str]]:
    """Give all rows of a merged cell its value, and drop banners: rows that are one merged cell over many columns."""
    notes: list[str] = []
    for merge in merges:
        row = rows.get(merge.first_row + 1, [])
        value = row[merge.first_column] if merge.first_column < len(row) else None
        if value is None or value == "":
            continue
        others = [cell for index, cell in enumerate(row) if index != merge.first_column and cell not in (None, "")]
        if merge.end_column - merge.first_column >= MIN_BANNER_COLUMNS and not others:
            rows[merge.first_row + 1] = []
            notes.append(f"Row {merge.first_row + 1} is one merged cell and was read as a heading")
            continue
        for index in range(merge.first_row + 1, merge.end_row):
            cells = rows.get(index + 1)
            if cells is not None and any(cell not in (None, "") for cell in cells):
                cells += [None] * (merge.first_column + 1 - len(cells))
                cells[merge.first_column] = value
    return rows, notes


def _strip_blank_end(cells: list[Any]) -> tuple[Any, ...]:
    while cells and (cells[-1] is None or (isinstance(cells[-1], str) and not cells[-1].strip())):
        cells.pop()
    return tuple(cells)


def _has_text(row: list[Any]) -> bool:
    return any(cell is not None and str(cell).strip() for cell in row)


def _name_rows(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:10])) + (" and more" if len(numbers) > 10 else "")
    return f"Row{'s' * (len(numbers) > 1)} {shown} {'are' if len(numbers) > 1 else 'is'}"
