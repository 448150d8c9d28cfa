"""A sheet in Google Sheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pressrun.errors import RowsError
from pressrun.kinds.ideas.rows.columns import is_header
from pressrun.kinds.ideas.rows.tables import MAX_COLUMNS, MAX_ROWS, Line
from pressrun.kinds.ideas.sheets.table import (
    ID_COLUMN,
    RESULT_COLUMNS,
    Merge,
    ResultCells,
    SheetTable,
    make_sheet_table,
)
from pressrun.kinds.problems import quote
from pressrun.services.sheets.address import CellRange, SheetAddress, a1, parse_range
from pressrun.services.sheets.client import SheetsClient

MAX_LISTED_TABS = 10


@dataclass(frozen=True)
class _Tab:
    """A tab as it was when it was last looked at."""

    id: int
    title: str
    rows: int
    columns: int
    cells: CellRange
    """The requested range, inside the tab."""
    merges: tuple[Merge, ...] = ()
    hidden: frozenset[int] = frozenset()


class GoogleSheet:
    """One tab of a spreadsheet. Not thread-safe."""

    def __init__(self, client: SheetsClient, address: SheetAddress, range_: str = "") -> None:
        self.client = client
        self.address = address
        self._range = range_.strip()
        self._tab: _Tab | None = None
        self._title = address.id

    @property
    def name(self) -> str:
        return f"{self._title}, tab {self._tab.title}" if self._tab else f"Google sheet {self._title}"

    @property
    def key(self) -> str:
        return f"google/{self.address.id}/{self._tab.id if self._tab else self.address.gid or 0}"

    @property
    def results_place(self) -> str:
        return "the sheet"

    @property
    def can_write(self) -> bool:
        return self.client.access.can_write

    def read(self, *, fresh: bool = True) -> SheetTable:
        """Return the rows now, with at most three requests, or one without `fresh`."""
        if self._tab is None or fresh:
            self._tab = self._find_tab()
        tab = self._tab
        cells = tab.cells
        assert cells.end_row is not None
        # Whole rows: the result columns may be to the right of the requested range.
        wanted = [a1(tab.title, cells.first_row, cells.end_row)]
        if cells.first_row > 0:
            wanted.append(a1(tab.title, 0, 1))
        found = self.client.get_cells(self.address, wanted)
        rows = dict(enumerate(found[0], cells.first_row + 1))
        return make_sheet_table(
            rows, header=_header_above(rows, found[1][0] if len(found) > 1 and found[1] else []), hidden=tab.hidden,
            merges=tab.merges, columns=(cells.first_column, cells.end_column),
        )

    def store(self, table: SheetTable, header: int, cells: Mapping[int, ResultCells]) -> bool:
        """Write the cells that differ, in one request, after creating missing columns."""
        columns = dict(table.columns)
        missing = [name for name in RESULT_COLUMNS if name not in columns]
        changes: dict[tuple[int, int], Any] = {}
        if missing:
            start = max([table.end_column, *(index + 1 for index in columns.values())])
            columns |= {name: start + number for number, name in enumerate(missing)}
            changes |= {(header, columns[name]): name for name in missing}
        for number, wanted in cells.items():
            now = table.results.get(number, ResultCells())
            for name, before, value in zip(RESULT_COLUMNS, now.values(), wanted.values(), strict=True):
                if before != value:
                    changes[number, columns[name]] = value
        if not changes:
            return False
        if missing:
            self._prepare_columns(max(columns.values()) + 1, columns[ID_COLUMN] if ID_COLUMN in missing else None)
        assert self._tab is not None
        self.client.write_cells(self.address, dict(_ranges(self._tab.title, changes)))
        return True

    def _prepare_columns(self, end_column: int, id_column: int | None) -> None:
        """Make the tab wide enough for the new columns, and hide the one with the IDs."""
        tab = self._tab
        assert tab is not None
        requests: list[dict[str, Any]] = []
        if end_column > tab.columns:
            length = end_column - tab.columns
            requests.append({"appendDimension": {"sheetId": tab.id, "dimension": "COLUMNS", "length": length}})
        if id_column is not None:
            place = {"sheetId": tab.id, "dimension": "COLUMNS", "startIndex": id_column, "endIndex": id_column + 1}
            hide = {"range": place, "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
            requests.append({"updateDimensionProperties": hide})
        if requests:
            self.client.update_layout(self.address, requests)
            self._tab = replace(tab, columns=max(tab.columns, end_column))

    def _find_tab(self) -> _Tab:
        found = self.client.get_metadata(self.address)
        self._title = str(found.get("properties", {}).get("title") or self.address.id)
        tabs = [tab for tab in found.get("sheets", ()) if tab["properties"].get("sheetType", "GRID") == "GRID"]
        tab, cells = self._choose_tab(tabs, found.get("namedRanges", ()))
        properties = tab["properties"]
        size = properties.get("gridProperties", {})
        rows, columns = int(size.get("rowCount", 0)), int(size.get("columnCount", 0))
        clipped = cells.clipped(rows, columns)
        title = str(properties["title"])
        if clipped.is_empty:
            raise RowsError(
                f'The range "{self._range}" is outside the tab {quote(title)}, which has {rows} rows '
                f"and {columns} columns",
                remedy="Use a smaller range, or only the name of the tab.",
            )
        assert clipped.end_column is not None
        assert clipped.end_row is not None
        # An open range has no use for more than the rows that can be sent; the reader reports a longer list.
        clipped = replace(
            clipped, end_row=min(clipped.end_row, clipped.first_row + 2 * MAX_ROWS),
            end_column=min(clipped.end_column, clipped.first_column + MAX_COLUMNS),
        )
        merges = tuple(
            Merge(each.get("startRowIndex", 0), each["endRowIndex"], each.get("startColumnIndex", 0),
                  each["endColumnIndex"])
            for each in tab.get("merges", ())
        )  # fmt: skip
        number = int(properties.get("sheetId", 0))
        # Whether a row is hidden does not matter for results, so it is read only once.
        assert clipped.end_row is not None
        hidden = self._tab.hidden if self._tab and self._tab.id == number else self.client.get_hidden_rows(
            self.address, a1(title, clipped.first_row, clipped.end_row)
        )
        return _Tab(number, title, rows, columns, clipped, merges, hidden)

    def _choose_tab(self, tabs: list[Any], named: Any) -> tuple[Any, CellRange]:
        by_title = {str(tab["properties"]["title"]): tab for tab in tabs}
        by_id = {int(tab["properties"].get("sheetId", 0)): tab for tab in tabs}
        # The name of a tab may look like a cell, e.g. Q1.
        if self._range in by_title:
            return by_title[self._range], CellRange()
        for each in named:
            if each.get("name", "").casefold() == self._range.casefold() and self._range:
                area = each["range"]
                return by_id[int(area.get("sheetId", 0))], CellRange(
                    None, area.get("startRowIndex", 0), area.get("endRowIndex"), area.get("startColumnIndex", 0),
                    area.get("endColumnIndex"),
                )
        cells = parse_range(self._range)
        if cells.tab is not None:
            tab = by_title.get(cells.tab) or next(
                (tab for title, tab in by_title.items() if title.casefold() == cells.tab.casefold()), None
            )
            if tab is None:
                raise self._no_tab(f"has no tab {quote(cells.tab)}", by_title)
            return tab, cells
        if self.address.gid is not None:
            if self.address.gid not in by_id:
                raise self._no_tab(f"has no tab with gid {self.address.gid}", by_title)
            return by_id[self.address.gid], cells
        if not tabs:
            raise self._no_tab("has no tab with cells", by_title)
        return tabs[0], cells

    def _no_tab(self, problem: str, by_title: Mapping[str, Any]) -> RowsError:
        listed = ", ".join(list(by_title)[:MAX_LISTED_TABS]) or "none"
        return RowsError(f"The Google sheet {quote(self._title)} {problem}", remedy=f"Its tabs are: {listed}.")


def _header_above(rows: Mapping[int, list[Any]], first: list[Any]) -> Line | None:
    """Return row 1 as the header of a range that starts below it, unless the range has a header of its own."""
    line = Line(1, tuple(first))
    inside = next((Line(number, tuple(row)) for number, row in sorted(rows.items()) if any(row)), None)
    return line if first and is_header(line, {}) and not (inside and is_header(inside, {})) else None


def _ranges(tab: str, changes: Mapping[tuple[int, int], Any]) -> Iterator[tuple[str, list[list[Any]]]]:
    """Return ranges with their values: neighbouring cells of a row are one range, equally wide rows one block."""
    runs: list[tuple[int, int, list[Any]]] = []
    for (number, column), value in sorted(changes.items()):
        if runs and runs[-1][0] == number and runs[-1][1] + len(runs[-1][2]) == column:
            runs[-1][2].append(value)
        else:
            runs.append((number, column, [value]))
    blocks: dict[tuple[int, int], list[tuple[int, list[Any]]]] = {}
    for number, column, values in runs:
        blocks.setdefault((column, len(values)), []).append((number, values))
    for (column, width), rows in blocks.items():
        start = 0
        for at in range(1, len(rows) + 1):
            if at == len(rows) or rows[at][0] != rows[at - 1][0] + 1:
                first, last = rows[start][0], rows[at - 1][0]
                yield a1(tab, first - 1, last, column, column + width), [values for _, values in rows[start:at]]
                start = at
