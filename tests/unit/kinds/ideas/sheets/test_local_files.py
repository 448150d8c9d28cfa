"""Sheets in files: their results are written into a copy next to them."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.unit.kinds.ideas.conftest import HEADER, idea

from pressrun.errors import RowsError, UsageError
from pressrun.kinds.ideas.rows.reading import read_table
from pressrun.kinds.ideas.sheets.local_files import CsvSheet, XlsxSheet
from pressrun.kinds.ideas.sheets.opening import open_sheet
from pressrun.kinds.ideas.sheets.table import RESULT_COLUMNS, ResultCells

DONE = ResultCells("done", "https://v.example/1", "", 0.5, 3.0, "id.0123456789abcdef")


def write_csv(path: Path, rows: list[list[Any]], delimiter: str = ";", encoding: str = "utf-8") -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def write_workbook(path: Path, rows: list[list[Any]], title: str = "Ideas") -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    workbook.save(path)
    return path


def test_a_csv_gets_a_copy_with_the_results(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "ideas.csv", [HEADER, idea(1), [], idea(2)])
    before = path.read_bytes()
    sheet = open_sheet(str(path))
    table = sheet.read()
    assert [row.number for row in read_table(table.table).accepted] == [2, 4]
    assert sheet.store(table, 1, {2: DONE, 4: ResultCells("rejected", error="=1+1")})
    assert not sheet.store(table, 1, {2: DONE, 4: ResultCells("rejected", error="=1+1")})
    assert path.read_bytes() == before
    with (tmp_path / "ideas.results.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert rows[0] == [*HEADER, *RESULT_COLUMNS]
    assert rows[1][10:] == ["done", "https://v.example/1", "", "0.5", "3.0", "id.0123456789abcdef"]
    assert rows[2] == []
    assert rows[3][10:13] == ["rejected", "", "=1+1"]


def test_a_csv_in_another_encoding_is_read_with_a_warning(tmp_path: Path) -> None:
    row = ["Bücher für alle", *idea(1)[1:]]
    path = write_csv(tmp_path / "ideas.csv", [HEADER, row], encoding="cp1252")
    table = CsvSheet(path).read()
    assert read_table(table.table).accepted[0].idea.idea_title == "Bücher für alle"
    assert any("was read as Windows-1252" in warning for warning in table.warnings)
    with pytest.raises(RowsError, match="has no tabs"):
        CsvSheet(path, "Ideas!A1:J").read()


def test_real_cells_of_a_workbook(tmp_path: Path) -> None:
    rows = [["Spring"], HEADER, idea(1), idea(2), idea(3)]
    rows[2][4], rows[2][1] = 90.0, date(2026, 3, 1)
    rows[3][1], rows[3][3] = datetime(2026, 3, 1, 9, 30), None
    path = write_workbook(tmp_path / "ideas.xlsx", rows)
    workbook = openpyxl.load_workbook(path)
    sheet = workbook["Ideas"]
    sheet.merge_cells("A1:J1")
    sheet.merge_cells("D3:D4")
    sheet.row_dimensions[5].hidden = True
    workbook.save(path)
    table = XlsxSheet(path).read()
    read = read_table(table.table)
    assert [(row.number, row.idea.tone, row.idea.description) for row in read.accepted] == [
        (3, "calm", "2026-03-01"), (4, "calm", "2026-03-01 09:30:00"),
    ]
    assert read.accepted[0].idea.duration_seconds == 90
    assert len(table.warnings) == 2


def test_a_workbook_gets_a_copy_with_formulas_and_results(tmp_path: Path) -> None:
    rows = [[*HEADER, "Words"], [*idea(1), "=LEN(G2)"]]
    path = write_workbook(tmp_path / "ideas.xlsx", rows)
    sheet = XlsxSheet(path)
    table = sheet.read()
    cells = {2: ResultCells("failed", error="=HYPERLINK(1)", id="id.0123456789abcdef")}
    assert sheet.store(table, 1, cells)
    assert not sheet.store(sheet.read(), 1, cells)
    copy = openpyxl.load_workbook(tmp_path / "ideas.results.xlsx")["Ideas"]
    assert [cell.value for cell in copy[1]][11:] == list(RESULT_COLUMNS)
    assert copy["K2"].value == "=LEN(G2)"
    assert (copy["N2"].value, copy["N2"].data_type) == ("=HYPERLINK(1)", "s")
    assert copy.column_dimensions["Q"].hidden
    assert XlsxSheet(tmp_path / "ideas.results.xlsx").read().results == cells


def test_tabs_and_ranges_of_a_workbook(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "ideas.xlsx", [HEADER, idea(1), idea(2)], "Spring")
    assert len(read_table(XlsxSheet(path, "spring").read().table).accepted) == 2
    assert len(read_table(XlsxSheet(path, "A1:J2").read().table).accepted) == 1
    with pytest.raises(RowsError, match='has no tab "Autumn"') as caught:
        XlsxSheet(path, "Autumn!A1:J").read()
    assert caught.value.remedy == "Its tabs are: Spring."


def test_other_files_are_rejected(tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK no workbook")
    with pytest.raises(RowsError, match="is not an Excel workbook"):
        open_sheet(str(broken)).read()
    with pytest.raises(UsageError, match=r"missing\.csv does not exist"):
        open_sheet(str(tmp_path / "missing.csv"))
    (tmp_path / "ideas.ods").write_bytes(b"")
    with pytest.raises(UsageError, match=r"neither a \.csv nor a \.xlsx file"):
        open_sheet(str(tmp_path / "ideas.ods"))
    with pytest.raises(UsageError, match="neither a file nor the address"):
        open_sheet("ideas")
    write_csv(tmp_path / "there.csv", [HEADER, idea(1)])
    assert open_sheet("there.csv", folder=tmp_path).name == "there.csv"
