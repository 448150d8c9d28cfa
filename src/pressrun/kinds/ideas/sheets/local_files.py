"""Sheets in local files: .csv and .xlsx. The results go into a copy next to the file, e.g. `ideas.results.xlsx`."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from pressrun.errors import RowsError
from pressrun.kinds.ideas.rows.csv_file import read_csv_file
from pressrun.kinds.ideas.rows.tables import MAX_ROWS, detect_delimiter, parse_csv
from pressrun.kinds.ideas.sheets.table import (
    ID_COLUMN,
    RESULT_COLUMNS,
    Merge,
    ResultCells,
    SheetTable,
    make_sheet_table,
)
from pressrun.kinds.problems import quote
from pressrun.services.sheets.address import CellRange, column_letters, parse_range
from pressrun.store import atomic

SUFFIXES = (".csv", ".xlsx")
_RESULTS = ".results"


def results_path(path: Path) -> Path:
    """Return the path of the copy with the results."""
    return path.with_name(f"{path.stem.removesuffix(_RESULTS)}{_RESULTS}{path.suffix}")


class _LocalFile:
    """What both kinds of files have in common."""

    can_write = True

    def __init__(self, path: Path, range_: str = "") -> None:
        self.path = path
        self._range = range_.strip()

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def key(self) -> str:
        return f"file/{self.path.resolve()}"

    @property
    def results_place(self) -> str:
        return str(self.results)

    @property
    def results(self) -> Path:
        return results_path(self.path)


class CsvSheet(_LocalFile):
    """A CSV file in any encoding and with any usual delimiter. A range can only select rows and columns."""

    def read(self, *, fresh: bool = True) -> SheetTable:  # noqa: ARG002 - a file is always read as a whole
        text, warning = read_csv_file(self.path)
        self._delimiter = detect_delimiter(text)
        area = parse_range(self._range)
        if area.tab is not None:
            raise RowsError(f"{self.name} has no tabs", remedy="Use a range such as A1:J100.")
        rows = {line.number: list(line.cells) for line in parse_csv(text).lines}
        self._rows = rows
        table = make_sheet_table(
            _select_rows(rows, area), header=None, columns=(area.first_column, area.end_column)
        )
        notes = (*table.warnings, *([warning] if warning else []))
        return SheetTable(table.table, table.columns, table.results, table.end_column, notes)

    def store(self, table: SheetTable, header: int, cells: Mapping[int, ResultCells]) -> bool:
        """Write the copy with the results, and return whether it changed."""
        width = max(map(len, self._rows.values()), default=0)
        places = _places(table, width)
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self._delimiter, lineterminator="\r\n")
        for number in range(1, max(self._rows, default=0) + 1):
            row = list(self._rows.get(number, []))
            shown = RESULT_COLUMNS if number == header else cells[number].values() if number in cells else None
            for name, value in zip(RESULT_COLUMNS, shown or (), strict=bool(shown)):
                row += [""] * (places[name] + 1 - len(row))
                row[places[name]] = value
            writer.writerow(row)
        # With a byte order mark, which spreadsheet programs need to recognize UTF-8.
        return _write_if_changed(self.results, out.getvalue().encode("utf-8-sig"))


class XlsxSheet(_LocalFile):
    """An Excel workbook. Formulas have the result that the program that saved the file computed."""

    def read(self, *, fresh: bool = True) -> SheetTable:  # noqa: ARG002 - a file is always read as a whole
        sheet, area = self._choose_tab(_open_workbook(self.path, values=True))
        self._title = str(sheet.title)
        end_row = min(sheet.max_row or 0, area.end_row or sheet.max_row or 0, area.first_row + 2 * MAX_ROWS)
        rows = {
            number: [_plain_cell(cell) for cell in cells]
            for number, cells in enumerate(
                sheet.iter_rows(min_row=area.first_row + 1, max_row=max(end_row, 1), values_only=True),
                area.first_row + 1,
            )
        }
        hidden = frozenset(number - 1 for number, row in sheet.row_dimensions.items() if row.hidden)
        merges = tuple(
            Merge(each.min_row - 1, each.max_row, each.min_col - 1, each.max_col)
            for each in sheet.merged_cells.ranges
        )
        return make_sheet_table(
            _trim_rows(rows), header=None, hidden=hidden, merges=merges, columns=(area.first_column, area.end_column)
        )

    def store(self, table: SheetTable, header: int, cells: Mapping[int, ResultCells]) -> bool:
        """Write the copy with the results, and return whether it changed. Formulas and formats stay."""
        if self.results.exists() and self.results != self.path and self._shows(cells):
            return False
        if self.results == self.path and all(table.results.get(number) == each for number, each in cells.items()):
            return False
        workbook = _open_workbook(self.path, values=False)
        sheet = workbook[self._title]
        places = _places(table, table.end_column)
        for name, index in places.items():
            _write_cell(sheet, header, index, name)
        for number, each in cells.items():
            for name, value in zip(RESULT_COLUMNS, each.values(), strict=True):
                _write_cell(sheet, number, places[name], value)
        sheet.column_dimensions[column_letters(places[ID_COLUMN])].hidden = True
        out = io.BytesIO()
        workbook.save(out)
        atomic.write_bytes(self.results, out.getvalue())
        return True

    def _shows(self, cells: Mapping[int, ResultCells]) -> bool:
        """Return whether the copy has these results, and is not older than the file."""
        if self.results.stat().st_mtime_ns < self.path.stat().st_mtime_ns:
            return False
        copy = XlsxSheet(self.results, self._range)
        try:
            shown = copy.read().results
        except RowsError:
            return False
        return all(shown.get(number) == each for number, each in cells.items())

    def _choose_tab(self, workbook: Any) -> tuple[Any, CellRange]:
        tabs = {str(sheet.title): sheet for sheet in workbook.worksheets}
        if self._range in tabs:
            return tabs[self._range], CellRange()
        area = parse_range(self._range)
        if area.tab is None:
            return workbook.worksheets[0], area
        found = next((sheet for title, sheet in tabs.items() if title.casefold() == area.tab.casefold()), None)
        if found is None:
            raise RowsError(
                f"{self.name} has no tab {quote(area.tab)}", remedy=f"Its tabs are: {', '.join(tabs)}."
            )
        return found, area


def _open_workbook(path: Path, *, values: bool) -> Any:
    from zipfile import BadZipFile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        return openpyxl.load_workbook(path, data_only=values)
    except FileNotFoundError as error:
        raise RowsError(f"{path} does not exist", remedy="Use the path of an existing file.") from error
    except OSError as error:
        raise RowsError(
            f"{path} cannot be read: {(error.strerror or str(error)).lower()}", remedy="Check the file and its folder."
        ) from error
    except (BadZipFile, InvalidFileException, KeyError, ValueError, TypeError) as error:
        raise RowsError(f"{path} is not an Excel workbook", remedy="Save it again as .xlsx, or as CSV.") from error


def _plain_cell(value: Any) -> Any:
    """Return a cell as Google Sheets would: dates as text, everything else as it is."""
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date | time) else value


def _write_cell(sheet: Any, number: int, index: int, value: Any) -> None:
    cell = sheet.cell(number, index + 1)
    cell.value = None if value == "" else value
    if isinstance(value, str) and value:
        cell.data_type = "s"  # text that looks like a formula stays text


def _places(table: SheetTable, width: int) -> dict[str, int]:
    """Return the column of each result: the one that has its name, or a new one to the right of all others."""
    missing = [name for name in RESULT_COLUMNS if name not in table.columns]
    return {**table.columns, **{name: width + at for at, name in enumerate(missing)}}


def _select_rows(rows: Mapping[int, list[Any]], area: CellRange) -> dict[int, list[Any]]:
    end = area.end_row or max(rows, default=0)
    return {number: row for number, row in rows.items() if area.first_row < number <= end}


def _trim_rows(rows: dict[int, list[Any]]) -> dict[int, list[Any]]:
    """Return the rows without trailing blank cells, which formatting leaves behind."""
    trimmed = {}
    for number, row in rows.items():
        cells = list(row)
        while cells and cells[-1] is None:
            cells.pop()
        trimmed[number] = cells
    return trimmed


def _write_if_changed(path: Path, data: bytes) -> bool:
    if path.exists() and path.read_bytes() == data:
        return False
    atomic.write_bytes(path, data)
    return True
