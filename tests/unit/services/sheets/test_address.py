"""Addresses of sheets and ranges in A1 notation."""

from __future__ import annotations

import pytest

from pressrun.errors import RowsError
from pressrun.services.sheets.address import (
    CellRange,
    SheetAddress,
    a1,
    column_index,
    column_letters,
    is_sheet_address,
    parse_address,
    parse_range,
)

ID = "1A2B3C4D5E6F7G8H9I0J"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (ID, SheetAddress(ID)),
        (f" https://docs.google.com/spreadsheets/d/{ID}/edit#gid=77 ", SheetAddress(ID, 77)),
        (f"https://docs.google.com/spreadsheets/d/{ID}/edit?gid=5&usp=sharing", SheetAddress(ID, 5)),
        (f"https://docs.google.com/spreadsheets/d/{ID}/edit?gid=5#gid=77", SheetAddress(ID, 77)),
        (f"https://docs.google.com/spreadsheets/u/1/d/{ID}", SheetAddress(ID)),
    ],
)
def test_an_id_and_a_pasted_url_name_the_sheet_and_its_tab(text: str, found: SheetAddress) -> None:
    assert parse_address(text) == found
    assert is_sheet_address(text)


@pytest.mark.parametrize("text", ["", "https://example.com/a", "ideas.csv", "a b", "https://docs.google.com/doc/d/x"])
def test_anything_else_is_rejected_with_the_accepted_forms(text: str) -> None:
    with pytest.raises(ValueError, match=r"docs\.google\.com/spreadsheets"):
        parse_address(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", CellRange()),
        ("A1:Z1000", CellRange(None, 0, 1000, 0, 26)),
        ("a2:j", CellRange(None, 1, None, 0, 10)),
        ("A:J", CellRange(None, 0, None, 0, 10)),
        ("2:500", CellRange(None, 1, 500)),
        ("$B$7", CellRange(None, 6, 7, 1, 2)),
        ("Ideas", CellRange("Ideas")),
        ("Ideas!A1:J", CellRange("Ideas", 0, None, 0, 10)),
        ("'Ann''s ideas'!A1:B", CellRange("Ann's ideas", 0, None, 0, 2)),
        ("'A1:B2'", CellRange("A1:B2")),
        ("2024", CellRange("2024")),
    ],
)
def test_ranges_are_read_in_every_form(text: str, found: CellRange) -> None:
    assert parse_range(text) == found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("J1:A1", "ends before it begins"), ("A:5", "not in A1 notation"), ("A0:B3", "rows start at 1"),
        ("!A1:B2", "name of the tab is missing"), ("Ideas!x y", "not in A1 notation"), ("A:B7", "has no row"),
    ],
)
def test_a_range_that_cannot_exist_is_explained(text: str, why: str) -> None:
    with pytest.raises(RowsError, match=why) as caught:
        parse_range(text)
    assert "A1:J100" in caught.value.remedy


def test_columns_and_ranges_are_written_as_google_reads_them() -> None:
    for index in (0, 25, 26, 701, 702):
        assert column_index(column_letters(index)) == index
    assert a1("Ann's", 1, 5, 0, 27) == "'Ann''s'!A2:AA5"
    assert a1("Ideas", 0, 9) == "'Ideas'!1:9"


def test_a_range_is_clipped_to_the_tab() -> None:
    assert parse_range("A1:Z1000").clipped(500, 10) == CellRange(None, 0, 500, 0, 10)
    assert parse_range("A900:J").clipped(500, 10).is_empty
