"""CSV text and lists as rows of cells, numbered as the user's sheet numbers them."""

from __future__ import annotations

from typing import Any

import pytest

from pressrun.errors import RowsError
from pressrun.kinds.ideas.rows.tables import MAX_COLUMNS, MAX_CSV_LENGTH, MAX_ROWS, parse_csv, parse_list


def cells(text: str, delimiter: str | None = None) -> list[tuple[int, tuple[Any, ...]]]:
    return [(line.number, line.cells) for line in parse_csv(text, delimiter).lines]


def complaint(text: str) -> str:
    with pytest.raises(RowsError) as caught:
        parse_csv(text)
    assert caught.value.remedy
    return caught.value.message


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_understood(end: str) -> None:
    assert cells(f"a,b{end}c,d{end}") == [(1, ("a", "b")), (2, ("c", "d"))]


def test_a_byte_order_mark_is_not_part_of_the_first_header() -> None:
    assert cells("\ufeffidea_title,tone\n")[0] == (1, ("idea_title", "tone"))


def test_a_cell_in_quotation_marks_may_hold_separators_quotation_marks_and_ends_of_lines() -> None:
    assert cells('a,"one, ""two""\nthree"\nc,d') == [(1, ("a", 'one, "two"\nthree')), (2, ("c", "d"))]


def test_blank_rows_are_left_out_and_still_counted() -> None:
    assert cells("a,b\n\n,,\n  \nc,d,,\n") == [(1, ("a", "b")), (5, ("c", "d"))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_separates_the_cells_is_found_by_the_names_of_the_columns(delimiter: str) -> None:
    header = delimiter.join(("idea_title", "script_content"))
    row = delimiter.join(('"one, two; three\tfour"', "five"))
    assert cells(f"{header}\n{row}")[1] == (2, ("one, two; three\tfour", "five"))


def test_without_a_header_the_separator_is_the_one_that_makes_even_rows() -> None:
    assert cells("One, or two;a\nThree;b\n")[0] == (1, ("One, or two", "a"))


def test_without_a_header_a_comma_goes_before_others_that_fit_as_well() -> None:
    assert cells("Why; oh; why,me")[0] == (1, ("Why; oh; why", "me"))


def test_the_separator_may_be_said() -> None:
    assert cells("Why; oh why,me", ";")[0] == (1, ("Why", " oh why,me"))
    assert cells("sep=;\r\nWhy;me,too")[0] == (1, ("Why", "me,too"))


def test_a_quotation_mark_that_is_never_closed_is_named_with_its_row() -> None:
    assert complaint('a,b\nc,"d\ne,f\n') == (
        "Row 2 of the CSV cannot be read: a quotation mark is never closed"
    )


def test_text_behind_a_closing_quotation_mark_is_rejected_rather_than_guessed_at() -> None:
    assert "Row 2 of the CSV" in complaint('idea_title,tone\n"Say" hello,b\n')


def test_more_rows_than_allowed_are_rejected_and_blank_ones_do_not_count() -> None:
    full = "title\n" + "x\n" * MAX_ROWS
    assert len(parse_csv(full + ",\n" * 5000).lines) == MAX_ROWS + 1
    assert f"more than {MAX_ROWS} rows" in complaint(full + "x\nx\n")


def test_a_sheet_that_is_too_wide_or_a_text_that_is_too_long_is_rejected() -> None:
    assert f"the limit is {MAX_COLUMNS}" in complaint("x," * MAX_COLUMNS + "x")
    assert "characters" in complaint("x" * (MAX_CSV_LENGTH + 1))


def test_a_cell_larger_than_a_reader_takes_is_rejected_with_a_message() -> None:
    assert complaint("title\n" + "x" * 200_000).startswith("Row 2 of the CSV cannot be read: a cell is larger")


def test_objects_share_one_header_and_are_numbered_from_one() -> None:
    table = parse_list([{"a": 1}, {}, {"b": 2, "a": None}])
    assert table.header
    assert table.header.cells == ("a", "b")
    assert [(line.number, line.cells) for line in table.lines] == [(1, (1,)), (3, (None, 2))]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{}, ["a"]], "Row 2 is a list, neither a list of cells nor an object like row 1"),
        ([["a"], "b"], 'Row 2 is "b", neither'),
        ([3], "Row 1 is 3, neither"),
        ([{str(n): 1} for n in range(300)], "300 different columns"),
        ([{}] * (MAX_ROWS + 1), f"more than {MAX_ROWS} rows"),
    ],
)
def test_rows_of_the_wrong_type_are_named(rows: list[Any], said: str) -> None:
    with pytest.raises(RowsError) as caught:
        parse_list(rows)
    assert said in caught.value.message
