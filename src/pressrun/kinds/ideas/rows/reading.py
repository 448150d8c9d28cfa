"""The one reader of rows, whatever they come from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pressrun.errors import RowsError
from pressrun.kinds.ideas.rows.columns import check_complete, split_header
from pressrun.kinds.ideas.rows.fields import SheetFormat, ValidationLevel
from pressrun.kinds.ideas.rows.model import Fixed, Rejected, Row, Rows
from pressrun.kinds.ideas.rows.tables import (
    MOST_ROWS,
    Cells,
    Table,
    table_of_cells,
    table_of_csv,
    table_of_list,
    too_many,
)
from pressrun.kinds.ideas.rows.validation import judge, sort_out_doubles
from pressrun.media.style import STYLES


@dataclass(frozen=True)
class Reading:
    """How rows are read."""

    format: SheetFormat = SheetFormat.STANDARD
    validation: ValidationLevel = ValidationLevel.MODERATE
    columns: Mapping[str, str] = field(default_factory=dict)
    """Of the format custom: the header, or the letter, of a column -> its field."""
    header: bool | None = None
    """Whether row 1 names the columns; None looks whether it does."""
    styles: Collection[str] = STYLES
    """Those that a row may ask for."""


def read_csv(text: str, reading: Reading = Reading(), delimiter: str | None = None) -> Rows:
    """The rows of a CSV. Raises `RowsError` where it cannot be read as a whole, with the number of the row."""
    return _read(table_of_csv(text, delimiter), reading)


def read_list(rows: Sequence[Any], reading: Reading = Reading()) -> Rows:
    """The rows of a request: objects by the names of columns, or lists of cells. Raises `RowsError`.

    The number of an object is its place in the list, from 1.
    """
    return _read(table_of_list(rows), reading)


def read_cells(rows: Iterable[Cells], reading: Reading = Reading()) -> Rows:
    """The rows of a sheet, top down, blank ones among them. Raises `RowsError`."""
    return _read(table_of_cells(rows), reading)


def _read(table: Table, reading: Reading) -> Rows:
    columns, lines = split_header(table, reading.format, reading.columns, reading.header)
    if len(lines) > MOST_ROWS:
        raise too_many()
    if not lines:
        raise RowsError(
            "There are no rows below the header", remedy="Send at least one row with a title or a script."
        )
    check_complete(columns, reading.validation)
    good: list[Row] = []
    bad: list[Rejected] = []
    fixes: list[Fixed] = []
    warnings = list(columns.warnings)
    for line in lines:
        verdict, row = judge(line, columns, reading.validation, reading.styles)
        warnings += verdict.warnings
        if row:
            good.append(row)
            fixes += verdict.fixes
        else:
            bad.append(Rejected(line.number, tuple(verdict.problems)))
    good, doubles, notes = sort_out_doubles(good, reading.validation)
    rejected = sorted([*bad, *doubles], key=lambda each: each.number)
    made = {row.number for row in good}
    kept_fixes = tuple(fix for fix in fixes if fix.number in made)
    return Rows(tuple(good), tuple(rejected), kept_fixes, (*warnings, *notes))
