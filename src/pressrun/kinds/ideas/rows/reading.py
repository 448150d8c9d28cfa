"""Read the rows of a CSV, a request or a sheet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pressrun.errors import RowsError
from pressrun.kinds.ideas.rows.columns import Columns, check_complete, split_header
from pressrun.kinds.ideas.rows.fields import SheetFormat, ValidationLevel
from pressrun.kinds.ideas.rows.model import Correction, RejectedRow, Row, Rows
from pressrun.kinds.ideas.rows.tables import (
    MAX_ROWS,
    Cells,
    Line,
    Table,
    is_blank,
    make_table,
    parse_csv,
    parse_list,
    too_many_rows_error,
)
from pressrun.kinds.ideas.rows.validation import drop_duplicates, validate_row
from pressrun.media.style import STYLES


@dataclass(frozen=True)
class Reading:
    """Options for reading rows."""

    format: SheetFormat = SheetFormat.STANDARD
    validation: ValidationLevel = ValidationLevel.MODERATE
    columns: Mapping[str, str] = field(default_factory=dict)
    """For the format custom: header or letter of a column -> field."""
    header: bool | None = None
    """Whether row 1 has the column names; None detects it."""
    styles: Collection[str] = STYLES
    """Styles that a row may name."""


def read_csv(text: str, reading: Reading = Reading(), delimiter: str | None = None) -> Rows:
    """Return the rows of a CSV. Raises `RowsError` if the CSV as a whole cannot be read."""
    return _read(parse_csv(text, delimiter), reading)


def read_list(rows: Sequence[Any], reading: Reading = Reading()) -> Rows:
    """Return the rows of a request: objects keyed by column names, or lists of cells. Raises `RowsError`.

    The number of an object is its position in the list, from 1.
    """
    return _read(parse_list(rows), reading)


def read_cells(rows: Iterable[Cells], reading: Reading = Reading()) -> Rows:
    """Return the rows of a sheet, from top to bottom, including blank ones. Raises `RowsError`."""
    return _read(make_table(rows), reading)


def read_table(table: Table, reading: Reading = Reading()) -> Rows:
    """Return the rows of a table whose lines have the numbers of a sheet. Raises `RowsError`."""
    if table.header is None and len(table.lines) > MAX_ROWS + 1:
        raise too_many_rows_error()
    return _read(table, reading)


def _read(table: Table, reading: Reading) -> Rows:
    columns, lines = split_header(table, reading.format, reading.columns, reading.header)
    if len(lines) > MAX_ROWS:
        raise too_many_rows_error()
    if not lines:
        raise RowsError(
            "There are no rows below the header", remedy="Send at least one row with a title or a script."
        )
    check_complete(columns, reading.validation)
    good: list[Row] = []
    bad: list[RejectedRow] = []
    fixes: list[Correction] = []
    warnings = list(columns.warnings)
    for line in lines:
        check, row = validate_row(line, columns, reading.validation, reading.styles)
        warnings += check.warnings
        if row:
            good.append(row)
            fixes += check.fixes
        else:
            bad.append(RejectedRow(line.number, tuple(check.problems)))
    good, doubles, notes = drop_duplicates(good, reading.validation)
    rejected = sorted([*bad, *doubles], key=lambda each: each.number)
    made = {row.number for row in good}
    kept_fixes = tuple(fix for fix in fixes if fix.number in made)
    header = table.header or (table.lines[0] if len(lines) < len(table.lines) else None)
    return Rows(
        tuple(good), tuple(rejected), kept_fixes, (*warnings, *notes), header.number if header else None,
        {line.number: row_digest(line, columns) for line in lines},
    )


def row_digest(line: Line, columns: Columns) -> str:
    """Return a digest of 64 hexadecimal digits of the cells that shape the video, whatever the order of the columns."""
    content = {
        name: _plain_text(line.cells[index])
        for index, name in columns.fields.items()
        if index < len(line.cells) and name != "priority" and not is_blank(line.cells[index])
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _plain_text(cell: Any) -> str:
    """Return a cell in a form that does not depend on how a program stores numbers and line ends."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "\n".join(line.rstrip() for line in str(cell).strip().splitlines())
